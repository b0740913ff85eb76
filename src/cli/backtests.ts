/**
 * Follows a call that goes over the past: progress to the bar, rows as JSON lines where they are wanted, the summary
 * as the result.
 */
import { Effect, Stream } from "effect"
import type { BacktestError } from "../rpc/backtests.ts"
import { toExit } from "./errors.ts"
import { existsSync } from "node:fs"
import { type Exit, fail, notRunning, usage } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { json } from "./output.ts"
import { withProgress } from "./progress.ts"
import { Session } from "./Session.ts"

type Message<Row, Summary> =
  | { readonly _tag: "progress"; readonly done: number; readonly total: number }
  | { readonly _tag: "rows"; readonly rows: ReadonlyArray<Row> }
  | { readonly _tag: "summary"; readonly summary: Summary }

const asExit = (error: BacktestError | { readonly _tag: string; readonly message: string }): Exit =>
  error._tag === "BacktestError"
    ? "reason" in error && error.reason === "input"
      ? usage(error.message)
      : fail(error.message)
    : toExit(error)

export const follow = <
  Row extends object,
  Summary,
  E extends { readonly _tag: string; readonly message: string },
  R,
>(
  what: string,
  messages: Stream.Stream<Message<Row, Summary>, E, R>,
): Effect.Effect<Summary, Exit, R> =>
  withProgress(what, (progress) =>
    Effect.gen(function* () {
      let summary: Summary | undefined
      yield* Stream.runForEach(messages, (message) => {
        switch (message._tag) {
          case "progress":
            return Effect.sync(() => progress.at(message.done, message.total))
          case "rows":
            return Effect.forEach(message.rows, (row) => json({ v: 1, kind: "row", ...row }), {
              discard: true,
            })
          case "summary":
            return Effect.sync(() => {
              summary = message.summary
            })
        }
      }).pipe(Effect.mapError(asExit))
      return summary === undefined ? yield* fail("the daemon stopped before the end") : summary
    }),
  )

/** Through the daemon where one runs; else by reading the log in this process. */
export const backtests = Effect.gen(function* () {
  const session = yield* Session
  if (yield* session.isRunning) return yield* session.attach
  const { directories, entry } = yield* Invocation
  if (!existsSync(directories.log)) return yield* notRunning
  const { backtestsOffline } = yield* Effect.promise(() => import("../daemon/backtestsOffline.ts"))
  return yield* Effect.mapError(backtestsOffline(entry, directories), (error) => fail(error.message))
})
