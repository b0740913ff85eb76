/** The report that a replay of the past ends with. */
import { Effect, Option, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { type ReplayReport, replayPast } from "../../src/loop/replayLog.ts"

export const replayLog = (
  store: typeof LogStore.Service,
  range: Parameters<typeof replayPast>[1],
): Effect.Effect<ReplayReport, LogError> =>
  replayPast(store, range).pipe(
    Stream.runLast,
    Effect.map((last) => {
      const message = Option.getOrThrow(last)
      if (message._tag !== "summary") throw new Error("a replay ends with its report")
      return message.summary
    }),
  )
