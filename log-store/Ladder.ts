/**
 * Kept checkpoints at even distances, left on the way by whoever folds a long stretch of the log.
 * Invariants: steps stand at multiples of the distance, so that a later way over the same events overwrites them;
 * one that cannot be stored costs nothing but time.
 */
import { Effect } from "effect"
import type { Bundle, Folding, Part } from "./Folding.ts"
import type { LogStore } from "./LogStore.ts"

/** Events from one step to the next: as many as are read and folded in the time of one picture. */
export const stretchEvents = 2048
/** Steps stored in one go: each go waits for the disk. */
const storedTogether = 32

/** The first step behind `seq`. */
export const nextStep = (seq: number, every: number): number => Math.floor(seq / every) * every + every

export interface Ladder {
  /** Leaves a step of each part that has come exactly here. */
  readonly leave: (folding: Folding<Bundle>) => Effect.Effect<void>
  /** Stores what waits. */
  readonly flush: Effect.Effect<void>
}

/** `erasedTimes`: the store's, when the folding began. */
export const makeLadder = (store: LogStore["Service"], erasedTimes: number): Ladder => {
  let steps: Array<Part> = []
  const flush = Effect.suspend(() => {
    const some = steps
    steps = []
    return Effect.ignore(
      Effect.forEach(
        some,
        ({ projection, seq, state }) =>
          store.saveCheckpoint(projection, seq, state, { keep: true, erasedTimes }),
        { concurrency: "unbounded", discard: true },
      ),
    )
  })
  const leave = (folding: Folding<Bundle>) =>
    Effect.suspend(() => {
      const { parts, seq } = folding
      for (const part of parts) if (part.seq === seq) steps.push({ ...part })
      return steps.length < storedTogether ? Effect.void : flush
    })
  return { leave, flush }
}
