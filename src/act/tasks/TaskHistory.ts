/**
 * What the log knows of tasks that are not in memory any more: of those before the last start, and of old ones. The driver
 * gives the layer, because it alone reads the log.
 */
import { Context, type Effect } from "effect"
import type { TaskRow } from "../../domain/tasks.ts"

export class TaskHistory extends Context.Service<
  TaskHistory,
  {
    readonly find: (task: string) => Effect.Effect<TaskRow | null>
    /** Started, and not known to have ended. */
    readonly unfinished: Effect.Effect<ReadonlyArray<TaskRow>>
  }
>()("claw/act/TaskHistory") {}
