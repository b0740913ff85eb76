/**
 * Makes the sketches of a log that is being written (see `Sketches.ts`), block after block, when appends leave time: none is
 * on the way of an append, and a log that is written without a pause gets them late, but gets them.
 * Invariants: a block's sketch is one commit; a few chunks at a time, then others have their turn; whatever goes wrong
 * only means that a block has no sketch yet.
 */
import { Effect } from "effect"
import { ReadError, type Reader } from "./Reader.ts"

export interface SketchingOptions {
  readonly reader: Reader
  readonly head: () => number
  /** Waits until the log reaches beyond a seq. */
  readonly beyond: (seq: number) => Effect.Effect<void>
  readonly write: (
    records: ReadonlyArray<{ readonly key: string; readonly value: Buffer }>,
  ) => Effect.Effect<void, unknown>
}

/** At the end of the log chunks are still merged. */
const settled = 4_096
const quiet = "2 seconds"
/** More events than this in that time are no quiet. */
const quietEvents = 2_000
/** So far behind, it is made although nothing is quiet. */
const mostBehind = 500_000
const stepChunks = 8
const afterFailure = "1 minute"

export const sketching = ({ reader, head, beyond, write }: SketchingOptions): Effect.Effect<never> => {
  const { sketches } = reader

  const untilQuiet = (block: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const before = head()
      return Effect.flatMap(Effect.sleep(quiet), () =>
        head() - before <= quietEvents || head() - sketches.lastOf(block) > mostBehind
          ? Effect.void
          : untilQuiet(block),
      )
    })

  const make = Effect.fnUntraced(function* (block: number) {
    const step = sketches.make(reader, block)
    for (;;) {
      for (let n = 0; n < stepChunks; n++) {
        const records = yield* Effect.try({ try: step, catch: (cause) => new ReadError(null, cause) })
        if (records !== null) return yield* write(records)
      }
      yield* Effect.yieldNow
    }
  })

  const all = Effect.gen(function* () {
    for (let block = sketches.next(head()); ; block++) {
      yield* beyond(sketches.lastOf(block) + settled)
      yield* untilQuiet(block)
      yield* make(block)
    }
  })
  const forEver: Effect.Effect<never> = Effect.catch(all, () =>
    Effect.andThen(Effect.sleep(afterFailure), forEver),
  )
  return forEver
}
