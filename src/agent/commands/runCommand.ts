/**
 * Reads a line by the graph, checks it, runs it. The checks are the graph's own words: a session where one is needed, a
 * person where something changes, what may come from another device, what does without anybody there.
 * Invariant: no command runs unchecked, and the client's belief counts for nothing.
 */
import { Effect, Result } from "effect"
import type { CommandAnswer } from "../../domain/command.ts"
import { readCommand } from "../../domain/commandLine.ts"
import {
  answerOf,
  type Command,
  type CommandCall,
  CommandError,
  type CommandServices,
  wrong,
} from "./Command.ts"

export interface CommandRequest extends CommandCall {
  readonly line: string
  /** A proof of a person's own client came with it. */
  readonly proven: boolean
  /** Somebody is at a terminal and sees what it does. */
  readonly attended: boolean
}

const refused = (message: string) => new CommandError({ reason: "refused", message })

/** Why this may not run so; null: it may. */
export const commandFault = (command: Command, request: CommandRequest): CommandError | null => {
  const name = `/${command.name}`
  if (command.run === null) return refused(`${name} is for the conversation at a terminal (claw chat)`)
  if (request.surface === "device" && !command.remoteSafe)
    return refused(`${name} works on this machine only`)
  if (!request.attended && !command.resumeSafe)
    return refused(`${name} needs somebody at the terminal: use it in claw chat`)
  if (command.mutates && !request.proven)
    return new CommandError({
      reason: "person",
      message: `${name} changes something, and did not come from this user's own client (wrong token)`,
    })
  if (command.needsSession && request.session === null)
    return wrong(`${name} is about a conversation: name one with --resume, or use it in claw chat`)
  return null
}

export const runCommand = (
  commands: ReadonlyArray<Command>,
  request: CommandRequest,
): Effect.Effect<CommandAnswer, CommandError, CommandServices> => {
  const read = readCommand(request.line, commands)
  if (Result.isFailure(read)) return Effect.fail(wrong(read.failure))
  const { row, values } = read.success
  const fault = commandFault(row, request)
  if (fault !== null) return Effect.fail(fault)
  const call = { ...request, session: request.session ?? "" }
  // where none is needed, none may be there, and the command is told so
  const given = row.needsSession ? call : (request as unknown as typeof call)
  return Effect.map(row.run!(values, given), (answered) => answerOf(row.name, answered))
}
