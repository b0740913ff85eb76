/** `task_stop`: ends a background command with all it started. */
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { defineTool } from "./defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "./planParts.ts"
import { standing, taskFor, TaskIdInput } from "./taskOutput.ts"
import type { Tasks } from "./tasks/Tasks.ts"

export const taskStopTool = (tasks: Tasks["Service"], settings: ActSettings) =>
  defineTool({
    name: "task_stop",
    description:
      "Ends a background command: SIGTERM, half a second later SIGKILL, with everything it started. Returns when it is gone. One that ended already stays as it is, and the answer says how it ended.",
    input: Schema.Struct({ task_id: TaskIdInput }),
    hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
    examples: [{ task_id: "t_0123456789ab" }],
    undo: "A stopped command is not started again; what it had changed can be taken back by undoing the call that started it.",
    plan: Effect.fnUntraced(function* (input, context) {
      const view = yield* taskFor(tasks, input.task_id, context)
      const run = Effect.map(tasks.stop(input.task_id), (stopped) => textResult(standing(stopped), settings))
      return readingPlan(`Stop ${view.task}: ${neutralise(view.title).slice(0, 160)}`, run)
    }),
  })
