/** What the log knows of background tasks, for the hands: the fold of `task.*`. */
import { Effect, Layer, SubscriptionRef } from "effect"
import { TaskHistory } from "../act/tasks/TaskHistory.ts"
import { Folds } from "./Folds.ts"

export const taskHistory: Layer.Layer<TaskHistory, never, Folds> = Layer.effect(
  TaskHistory,
  Effect.map(Folds, (folds) => {
    const state = Effect.map(SubscriptionRef.get(folds.snapshot), ({ tasks }) => tasks)
    return TaskHistory.of({
      find: (id) =>
        Effect.map(
          state,
          ({ ended, running }) => running[id] ?? ended.find(({ task }) => task === id) ?? null,
        ),
      unfinished: Effect.map(state, ({ running }) => Object.values(running)),
    })
  }),
)
