/**
 * A command that goes on after its call returned: the plan starts it as a task and answers with its id.
 * Invariant: until the task ended it is unknown what it changed, and the call's end says so; `task.ended` then tells.
 */
import { Effect } from "effect"
import { opensOf, runCommand, type CommandParts } from "../commandPlan.ts"
import { textResult } from "../planParts.ts"
import { unknownAftermath } from "../recordUndo.ts"
import type { ToolPlan } from "../Tool.ts"
import type { Tasks } from "./Tasks.ts"

export interface BackgroundParts extends CommandParts {
  readonly tool: string
  readonly watch: { readonly match: string | null } | null
}

export const backgroundPlan = (tasks: Tasks["Service"], parts: BackgroundParts): ToolPlan => {
  const { command, context, recording, sandbox, settings, where } = parts
  let started = false
  const changed = () => (started && recording.undo.possible ? unknownAftermath : { after: [], refs: {} })
  const run = Effect.gen(function* () {
    const view = yield* tasks.start({
      context,
      tool: parts.tool,
      title: parts.preview ?? parts.summary,
      commands: [command.argv],
      sandbox: where,
      lifetimeMs: command.timeoutMs,
      watch: parts.watch,
      // the task keeps the output itself
      run: (onOutput) =>
        recording.during(runCommand(sandbox, where, { ...command, onOutput, keepBytes: 0 }, context)),
      aftermath: recording.aftermath,
    })
    started = true
    const seconds = Math.ceil(command.timeoutMs / 1000)
    const text =
      parts.watch === null
        ? `Runs in the background as ${view.task} for at most ${seconds} s. task_output reads what it prints, task_stop ends it.`
        : `Watched as ${view.task} for at most ${seconds} s: its lines come as events. task_output reads all it prints, task_stop ends it.`
    return { ...textResult(text, settings), ...changed() }
  })
  const how = parts.watch === null ? "in the background" : "in the background, and watch its lines"
  return {
    summary: `${parts.summary} ${how}${where === "none" ? " (without a sandbox)" : ""}`,
    preview: parts.preview,
    sandbox: where,
    commands: [command.argv],
    reads: parts.reads ?? [],
    opens: opensOf(command, context),
    undo: recording.undo,
    blobs: recording.blobs,
    aftermath: Effect.sync(changed),
    run,
  }
}
