/**
 * From an argv to a plan: in the sandbox or, only where a person approved that, outside of it; output bounded;
 * what changed recorded. Shared by `bash` and `git`.
 */
import { Effect } from "effect"
import type { PlanRead } from "../domain/events/acted.ts"
import { refused } from "./attempt.ts"
import type { ActSettings } from "./planParts.ts"
import type { Protection } from "./protectedPaths.ts"
import type { Recording } from "./recordUndo.ts"
import type { Listening, ProcessResult } from "./runProcess.ts"
import type { Sandbox } from "./Sandbox.ts"
import { ToolError, type Aftermath, type ToolContext, type ToolPlan, type ToolResult } from "./Tool.ts"

export interface CommandToRun extends Omit<Listening, "dialogue"> {
  readonly argv: ReadonlyArray<string>
  readonly cwd: string
  readonly write: ReadonlyArray<string>
  readonly network: boolean
  readonly protection: Protection
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

export type Where = "bubblewrap" | "none"

/** Decides where a command may run at all; refuses in the plan, so that it is seen before the approval. */
export const placeFor = Effect.fnUntraced(function* (sandbox: Sandbox["Service"], context: ToolContext) {
  const state = yield* sandbox.state
  if (state._tag === "available") return "bubblewrap" as Where
  if (context.permits.unsandboxed) return "none" as Where
  return yield* refused(
    `no sandbox on this machine (${state.reason}): commands run only after an approval that says so`,
  )
})

export const runCommand = (
  sandbox: Sandbox["Service"],
  where: Where,
  command: CommandToRun,
  context: ToolContext,
): Effect.Effect<ProcessResult, ToolError> =>
  where === "none"
    ? sandbox.runOutside({ ...command, workspace: context.workspace })
    : sandbox.run({
        ...command,
        workspace: context.workspace,
        hosts: context.permits.hosts,
        ...(context.beside === undefined ? {} : { beside: context.beside }),
      })

/** A run that ended by itself; a time-out, or a limit it broke, is an error that carries what was printed. */
export const finished = (
  result: ProcessResult,
  timeoutMs: number,
  settings: ActSettings,
): Effect.Effect<Omit<ToolResult, keyof Aftermath>, ToolError> => {
  const { output, blobs } = result.output.finish(settings.redact)
  if (result.breach !== null || result.timedOut) {
    return Effect.fail(
      new ToolError({
        reason: result.breach === null ? "timeout" : "failed",
        message: result.breach === null ? `stopped after ${timeoutMs} ms` : `stopped: ${result.breach}`,
        output: { ...output, blob: null },
      }),
    )
  }
  const exit = result.exit ?? (result.signal === null ? null : 128)
  return Effect.succeed({ ok: exit === 0, exit, output, blobs })
}

export interface CommandParts {
  readonly sandbox: Sandbox["Service"]
  readonly where: Where
  readonly command: CommandToRun
  readonly context: ToolContext
  readonly settings: ActSettings
  readonly recording: Recording
  readonly reads?: ReadonlyArray<PlanRead>
  readonly summary: string
  readonly preview: string | null
}

/** The workspace itself is no name that leads anywhere. */
export const opensOf = ({ write }: CommandToRun, { workspace }: ToolContext): ReadonlyArray<string> =>
  write.filter((path) => path !== workspace)

export const commandPlan = (options: CommandParts): ToolPlan => {
  const { command, context, recording, settings, where } = options
  const run = Effect.gen(function* () {
    const result = yield* recording.during(runCommand(options.sandbox, where, command, context))
    const ended = yield* finished(result, command.timeoutMs, settings)
    return { ...ended, ...(yield* recording.aftermath) }
  })
  return {
    summary: where === "none" ? `${options.summary} (without a sandbox)` : options.summary,
    preview: options.preview,
    sandbox: where,
    commands: [command.argv],
    reads: options.reads ?? [],
    opens: opensOf(command, context),
    undo: recording.undo,
    blobs: recording.blobs,
    aftermath: recording.aftermath,
    run,
  }
}
