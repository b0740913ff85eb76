/**
 * One node of the graph of slash commands: what it is, and what it does. `define` gives the run of a command its arguments
 * typed by their descriptions.
 * Invariants: everything that is said about a command (help, completion, checks) is said from its node; a command that runs
 * on the daemon answers with data, and one of the client has no run here.
 */
import { type Effect, Schema } from "effect"
import type {
  ArgumentKind,
  CommandAnswer,
  CommandBlock,
  CommandNext,
  CommandRow,
} from "../../domain/command.ts"
import type { Surface } from "../../domain/events/acted.ts"
import type { Memories } from "../memory/Memories.ts"
import type { Sessions } from "../Sessions.ts"
import type { Skills } from "../skills/Skills.ts"
import type { SubAgents } from "../agents/SubAgents.ts"
import type { Ground } from "./Ground.ts"

export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", {
  /** input: it is wrong, and says how; no-such: nobody knows it; refused: not as things are; person: of a person only. */
  reason: Schema.Literals(["input", "no-such", "refused", "person", "unavailable"]),
  message: Schema.String,
}) {}

/** What commands stand on. A command of a new part of Claw adds its service here. */
export type CommandServices = Ground | Sessions | Memories | Skills | SubAgents

export interface CommandCall {
  /** The conversation one is in; of a command that needs one, it is there. */
  readonly session: string | null
  /** Folder the person is in, and the watched workspace around it. */
  readonly dir: string
  readonly workspace: string
  readonly surface: Surface
}

/** In a conversation: `session` is known. */
export interface SessionCall extends CommandCall {
  readonly session: string
}

export interface Answered {
  readonly blocks: ReadonlyArray<CommandBlock>
  readonly data?: Schema.Json
  readonly next?: CommandNext
}

export type Run = (
  values: Readonly<Record<string, string>>,
  call: SessionCall,
) => Effect.Effect<Answered, CommandError, CommandServices>

export interface Command extends Omit<CommandRow, "v"> {
  readonly run: Run | null
}

interface Argument<N extends string = string> {
  readonly name: N
  readonly kind: ArgumentKind
  readonly summary: string
  readonly required?: boolean
  readonly rest?: boolean
  readonly choices?: ReadonlyArray<string>
}

type ValuesOf<A extends ReadonlyArray<Argument>> = {
  readonly [K in A[number] as K["name"]]: K extends { readonly required: true } ? string : string | undefined
}

interface Definition<A extends ReadonlyArray<Argument>, S extends boolean> {
  readonly name: string
  readonly aliases?: ReadonlyArray<string>
  readonly category: CommandRow["category"]
  readonly summary: string
  readonly arguments?: A
  readonly needsSession?: S
  readonly mutates?: boolean
  readonly remoteSafe?: boolean
  readonly resumeSafe?: boolean
  readonly run?: (
    values: ValuesOf<A>,
    call: S extends true ? SessionCall : CommandCall,
  ) => Effect.Effect<Answered, CommandError, CommandServices>
}

/** Without a run it is the client's. Safety is said, never assumed: what says nothing is neither safe remotely nor on resume. */
export const define = <const A extends ReadonlyArray<Argument> = readonly [], S extends boolean = false>(
  definition: Definition<A, S>,
): Command => ({
  name: definition.name,
  aliases: definition.aliases ?? [],
  category: definition.category,
  summary: definition.summary,
  arguments: (definition.arguments ?? []).map((argument: Argument) => ({
    name: argument.name,
    kind: argument.kind,
    summary: argument.summary,
    required: argument.required ?? false,
    rest: argument.rest ?? false,
    choices: argument.choices ?? [],
  })),
  needsSession: definition.needsSession ?? false,
  mutates: definition.mutates ?? false,
  remoteSafe: definition.remoteSafe ?? false,
  resumeSafe: definition.resumeSafe ?? false,
  where: definition.run === undefined ? "client" : "daemon",
  // the handler gives a session to every command that needs one, and arguments that fit their descriptions
  run: (definition.run as Run | undefined) ?? null,
})

/** What others are told of it. */
export const rowOf = ({ run: _run, ...row }: Command): Omit<CommandRow, "v"> => row

export const answerOf = (command: string, { blocks, data, next }: Answered): CommandAnswer => ({
  v: 1,
  command,
  blocks,
  data: data ?? null,
  next: next ?? null,
})

export const text = (...lines: ReadonlyArray<string>): CommandBlock => ({
  _tag: "text",
  text: lines.join("\n"),
})
export const markdown = (source: string): CommandBlock => ({ _tag: "markdown", text: source })
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): CommandBlock => ({ _tag: "table", head, rows })
/** A word to the model, prepared. */
export const saying = (word: string): Answered => ({ blocks: [], next: { _tag: "say", text: word } })

/** Errors of services that say their reason, as a command's. */
export const toCommandError = (error: {
  readonly reason: string
  readonly message: string
}): CommandError => {
  const reason = error.reason === "busy" ? "refused" : error.reason
  return new CommandError({
    reason: reason === "input" || reason === "no-such" || reason === "refused" ? reason : "unavailable",
    message: error.message,
  })
}
/** Of words that make their plural with an s. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`
export const wrong = (message: string) => new CommandError({ reason: "input", message })
export const noSuch = (message: string) => new CommandError({ reason: "no-such", message })
