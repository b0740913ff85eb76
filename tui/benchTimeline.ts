/**
 * From a key to the painted moment of the past: to any moment of the log, and from event to event. The client is of a
 * real daemon; its answer is part of the time.
 * `waitMs` is what the daemon needs before it is at rest.
 * Invariant: a time ends with the first paint behind the answer to its own key.
 */
import { Deferred, Effect } from "effect"
import { limited, percentile } from "../src/domain/bench.ts"
import { openBenchScreen } from "./benchScreen.ts"
import type { TuiClient } from "./TuiClient.ts"

const goalMs = 50
/** As a held key repeats. */
const betweenMs = 30
const steps = ["\u001b[D", "\u001b[D", "\u001b[C", "[", "n", "N", "c"] as const

/** Evenly over the log, in no order. */
const seqAt = (turn: number, head: number): number => 1 + ((turn * 7_919 * 104_729) % head)

export const benchTimeline = Effect.fn("Tui.benchTimeline")(function* (
  client: TuiClient,
  { jumps: count, waitMs }: { readonly jumps: number; readonly waitMs: number },
) {
  let answers = 0
  const counted: TuiClient = {
    ...client,
    moment: (point) => Effect.tap(client.moment(point), () => Effect.sync(() => answers++)),
  }
  return yield* Effect.gen(function* () {
    const screen = yield* openBenchScreen(counted)
    const head = yield* client.head
    yield* Effect.sleep(waitMs)
    /** Presses a key; the time until the moment it asked for is on the screen, null where it asked for none. */
    const moment = Effect.fnUntraced(function* (key: string) {
      const before = answers
      const done = yield* Deferred.make<number>()
      const began = performance.now()
      screen.painted(() => {
        if (answers > before) Deferred.doneUnsafe(done, Effect.succeed(performance.now() - began))
      })
      screen.type(key)
      const ms = yield* Deferred.await(done).pipe(Effect.timeoutOption("2 seconds"))
      yield* Effect.sleep(betweenMs)
      return ms._tag === "Some" ? [ms.value] : []
    })
    const to = Effect.fnUntraced(function* (seq: number) {
      for (const key of `/${seq}`) {
        screen.type(key)
        yield* Effect.sleep(2)
      }
      return yield* moment("\r")
    })

    // the first way over the log leaves its checkpoints
    yield* moment("t")
    for (let turn = 1; turn <= 4; turn++) yield* to(Math.floor((head * turn) / 5))
    const jumps: Array<number> = []
    const walked: Array<number> = []
    for (let turn = 1; turn <= count; turn++) {
      jumps.push(...(yield* to(seqAt(turn, head))))
      if (turn % 4 === 0) for (const key of steps) walked.push(...(yield* moment(key)))
    }
    return [
      limited("tui.scrub", percentile(jumps, 0.95), "ms", goalMs),
      limited("tui.step", percentile(walked, 0.95), "ms", goalMs),
    ]
  }).pipe(Effect.scoped)
})
