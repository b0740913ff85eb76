/**
 * A command that a conversation waits for, but not for long: what has not ended after a while goes on as a task, and the
 * call's result says so. Its end comes back by the receipt `task.ended`.
 * Invariants: the program is started once and belongs to the call until the task took it over, so an interruption ends it
 * whoever has it; what it printed before is the task's beginning; where no task can take it over, it is waited for.
 */
import { Cause, Effect, Exit, Fiber, Option } from "effect"
import { type CommandParts, finished, opensOf, runCommand } from "../commandPlan.ts"
import { outputText } from "../../domain/callResult.ts"
import { OutputCollector } from "../boundedOutput.ts"
import { textResult } from "../planParts.ts"
import { unknownAftermath } from "../recordUndo.ts"
import type { ProcessResult } from "../runProcess.ts"
import type { ToolError, ToolPlan, ToolResult } from "../Tool.ts"
import type { Tasks } from "./Tasks.ts"

/** A conversation is not held up for longer. */
const usualBlockingMs = 15_000
/** Of what is printed until then, this much is the beginning of the task's output. */
const keptBefore = 1024 * 1024

export interface YieldingParts extends CommandParts {
  readonly tool: string
}

/** What is printed, kept until somebody takes it, and passed on from then. */
const relay = () => {
  const before: Array<Uint8Array> = []
  const shown = new OutputCollector(keptBefore)
  let bytes = 0
  let onward: ((chunk: Uint8Array) => void) | null = null
  return {
    shown,
    put: (chunk: Uint8Array): void => {
      if (onward !== null) return onward(chunk)
      shown.add(chunk)
      if (bytes < keptBefore) before.push(chunk)
      bytes += chunk.length
    },
    take: (next: (chunk: Uint8Array) => void): void => {
      for (const chunk of before.splice(0)) next(chunk)
      onward = next
    },
  }
}

export const yieldingPlan = (tasks: Tasks["Service"], parts: YieldingParts): ToolPlan => {
  const { command, context, recording, sandbox, settings, where } = parts
  let yielded = false

  const ended = Effect.fnUntraced(function* (result: ProcessResult) {
    const end = yield* finished(result, command.timeoutMs, settings)
    return { ...end, ...(yield* recording.aftermath) }
  })

  /** Null: there is no room for one more task. */
  const handOver = Effect.fnUntraced(function* (
    program: Fiber.Fiber<ProcessResult, ToolError>,
    printed: ReturnType<typeof relay>,
  ) {
    const started = yield* Effect.option(
      tasks.start({
        context,
        tool: parts.tool,
        title: parts.preview ?? parts.summary,
        commands: [command.argv],
        sandbox: where,
        lifetimeMs: command.timeoutMs,
        watch: null,
        yielded: true,
        run: (onOutput) =>
          Effect.suspend(() => {
            printed.take(onOutput)
            return Effect.onInterrupt(Fiber.join(program), () => Fiber.interrupt(program))
          }),
        aftermath: recording.aftermath,
      }),
    )
    if (Option.isNone(started)) return null
    yielded = true
    const { output } = printed.shown.finish(settings.redact)
    const so = outputText(output)
    const text = `It takes longer than ${Math.round((settings.blockingMs ?? usualBlockingMs) / 1000)} s and goes on in the background as ${started.value.task}, for at most ${Math.ceil(command.timeoutMs / 1000)} s in all. You are told when it ends: do not wait for it, do something else or end your turn. task_output reads what it prints, task_stop ends it.${so === "" ? "" : `\nSo far it printed:\n${so}`}`
    const changed = recording.undo.possible ? unknownAftermath : { after: [], refs: {} }
    return { ...textResult(text, settings), ...changed } satisfies ToolResult
  })

  const run = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const printed = relay()
      const program = yield* Effect.forkDetach(
        Effect.interruptible(
          recording.during(runCommand(sandbox, where, { ...command, onOutput: printed.put }, context)),
        ),
        { startImmediately: true },
      )
      const whole = restore(Fiber.join(program)).pipe(Effect.onInterrupt(() => Fiber.interrupt(program)))
      const first = yield* restore(
        Effect.timeoutOption(Fiber.await(program), settings.blockingMs ?? usualBlockingMs),
      ).pipe(Effect.onInterrupt(() => Fiber.interrupt(program)))
      if (Option.isNone(first)) {
        const over = yield* handOver(program, printed)
        if (over !== null) return over
        return yield* ended(yield* whole)
      }
      const exit = first.value
      if (Exit.isSuccess(exit)) return yield* ended(exit.value)
      return yield* Effect.failCause(exit.cause as Cause.Cause<ToolError>)
    }),
  )
  return {
    summary: where === "none" ? `${parts.summary} (without a sandbox)` : parts.summary,
    preview: parts.preview,
    sandbox: where,
    commands: [command.argv],
    reads: parts.reads ?? [],
    opens: opensOf(command, context),
    undo: recording.undo,
    blobs: recording.blobs,
    aftermath: Effect.suspend(() =>
      yielded && recording.undo.possible ? Effect.succeed(unknownAftermath) : recording.aftermath,
    ),
    run,
  }
}
