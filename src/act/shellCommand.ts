/**
 * What every tool that runs a command line shares: its input, which argv it becomes, where it may run, and what is kept
 * for undo. What the gate parsed as a single plain command runs as that argv, without a shell; a chain of plain ones as a
 * line made anew from the parsed words; everything else needs a person's approval of exactly it.
 * Invariants: the text handed to a shell is the approved text, whole, or one in which every word is quoted whole, so that
 * nothing is left for the shell to take apart but `&&`, `||`, `;` and `|`; nothing else is ever put into it.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { argvOf, readPlain } from "../../policies/shell/plain.ts"
import { neutralise } from "../domain/neutralise.ts"
import { changesNothing } from "../domain/prompt.ts"
import { attempt } from "./attempt.ts"
import { commandPlan, placeFor, type CommandParts, type CommandToRun } from "./commandPlan.ts"
import { inside, realPath } from "./paths.ts"
import type { ActSettings } from "./planParts.ts"
import { readsOf } from "./planReads.ts"
import { impossible, recordUndo } from "./recordUndo.ts"
import { shutPaths } from "./shutPaths.ts"
import type { Sandbox } from "./Sandbox.ts"
import { backgroundPlan } from "./tasks/backgroundPlan.ts"
import { yieldingPlan } from "./tasks/yieldingPlan.ts"
import type { Tasks } from "./tasks/Tasks.ts"
import type { ToolContext, ToolError, ToolPlan } from "./Tool.ts"

// JSON Schema knows nothing of the first check; what is annotated later would be lost with it if it came last
export const CommandText = Schema.String.check(
  Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  Schema.isMinLength(1),
  Schema.isMaxLength(32_768),
)
export const Description = Schema.optionalKey(
  Schema.String.check(Schema.isMaxLength(500)).annotate({
    description: "What it is for, in a few words; kept beside it, while what counts is the command",
  }),
)
export const InBackground = Schema.optionalKey(
  Schema.Boolean.annotate({
    description:
      "Returns at once with a task id, and the command goes on: task_output reads what it prints, task_stop ends it",
  }),
)
export const longestForeground = 3_600_000
export const longestBackground = 86_400_000
export const usualLifetime = 3_600_000
export const Timeout = Schema.optionalKey(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: longestBackground })).annotate({
    description:
      "Milliseconds after which it is stopped with all it started; at most an hour, in the background a day. Absent: as configured (2 minutes), in the background an hour",
  }),
)

/** Words no shell would change, and exactly the parsed ones. */
const isBare = (command: string, argv: ReadonlyArray<string>): boolean =>
  /^[A-Za-z0-9_@%+:,./ =-]+$/.test(command) &&
  !/^[A-Za-z0-9_]*=/.test(argv[0] ?? "") &&
  command.trim().split(/ +/).join(" ") === argv.join(" ")

const same = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((word, index) => word === b[index])
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** The chain that was judged, from its words; null where it is not plain, or not what was judged. */
export const plainLine = (command: string, judged: ReadonlyArray<ReadonlyArray<string>>): string | null => {
  const plain = readPlain(command)
  if (!plain.ok || plain.commands.length !== judged.length) return null
  if (
    !plain.commands.every((one, index) => same(one.argv, judged[index]!) || same(argvOf(one), judged[index]!))
  )
    return null
  return plain.commands
    .map((one) => [...argvOf(one).map(quoted), ...(one.next === null ? [] : [one.next])].join(" "))
    .join(" ")
}

const inShell = (text: string): ReadonlyArray<string> => ["bash", "--noprofile", "--norc", "-c", text]

/** Null: it needs a shell, and nobody approved one. */
export const argvFor = (command: string, context: ToolContext): ReadonlyArray<string> | null => {
  const [only, ...more] = context.commands
  if (only !== undefined && more.length === 0 && (isBare(command, only) || !context.permits.shell))
    return only
  if (context.permits.shell) return inShell(command)
  const line = plainLine(command, context.commands)
  return line === null ? null : inShell(line)
}

/** Git checks out whatever the other commit has, also files that other programs run later. */
const onlyGit = (context: ToolContext): boolean =>
  context.commands.length > 0 && context.commands.every(([program]) => basename(program ?? "") === "git")

export interface LineToRun {
  readonly tool: string
  readonly argv: ReadonlyArray<string>
  /** As it is shown before it is approved. */
  readonly command: string
  /** In a few words, where the command itself is no line of them. */
  readonly summary?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly stdin?: string
  /** A conversation does not wait for it beyond a while: it goes on in the background then. */
  readonly yields?: true
  /** It outlives the call; its lines become events where it is watched. */
  readonly background?: { readonly watch: { readonly match: string | null } | null }
}

export const planCommand = Effect.fnUntraced(function* (
  hands: { readonly sandbox: Sandbox["Service"]; readonly tasks: Tasks["Service"] },
  settings: ActSettings,
  context: ToolContext,
  line: LineToRun,
): Effect.fn.Return<ToolPlan, ToolError> {
  const { sandbox, tasks } = hands
  const { permits, workspace, cwd } = context
  const where = yield* placeFor(sandbox, context)
  const write = (yield* attempt("find what may be written", () =>
    Promise.all(permits.write.map(realPath)),
  )).filter((path) => inside(workspace, path))
  const protection = onlyGit(context) ? "git" : "everything"
  const touched = where === "none" ? [workspace] : write
  const beyond = [
    ...(permits.network ? ["not what it does over the network"] : []),
    ...(where === "none" ? ["not what it does outside the workspace"] : []),
    ...(line.background === undefined
      ? touched.includes(workspace)
        ? ["what you change in the workspace while it runs counts as its own"]
        : []
      : ["only once it ended; what others change meanwhile counts as its own"]),
  ]
  const recording =
    touched.length === 0
      ? impossible(beyond.length === 0 ? changesNothing : beyond.join("; "))
      : yield* recordUndo({
          workspace,
          paths: touched,
          git: touched.some((path) => path === workspace || path.startsWith(`${workspace}/.git`)),
          beyond: beyond.length === 0 ? null : beyond.join("; "),
          shut: where === "none" ? [] : yield* shutPaths(context, protection),
          unsandboxed: where === "none",
          ...settings,
        })
  const command: CommandToRun = {
    argv: line.argv,
    cwd,
    write,
    network: permits.network,
    protection,
    timeoutMs: line.timeoutMs,
    ...(line.stdin === undefined ? {} : { stdin: line.stdin }),
    ...(line.env === undefined ? {} : { env: line.env }),
  }
  const parts: CommandParts = {
    sandbox,
    where,
    context,
    settings,
    recording,
    // a program the table does not know may write anywhere; then nothing of it is what was looked at
    reads: readsOf(
      recording.before,
      write.filter((path) => path !== workspace),
    ),
    command,
    summary: line.summary ?? `Run ${neutralise(line.command).slice(0, 200)}`,
    preview: line.command,
  }
  if (line.background === undefined) {
    const { session } = context
    const yields =
      line.yields === true && session !== null && (yield* settings.yields?.(session) ?? Effect.succeed(true))
    return yields ? yieldingPlan(tasks, { ...parts, tool: line.tool }) : commandPlan(parts)
  }
  return backgroundPlan(tasks, { ...parts, tool: line.tool, watch: line.background.watch })
})
