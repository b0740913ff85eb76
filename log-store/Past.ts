/**
 * States of projections at any moment of the past. On the first way over a stretch of the log checkpoints are left at
 * even distances; from then on a moment costs the fold of one such stretch at most, and its neighbours nothing, because
 * the states of the last stretches are held, event by event (they share almost all they consist of).
 * Invariants: a state is the fold of events 1 to its seq as the log has them now; after an erasure nothing that was
 * folded before it is used or stored.
 */
import { Effect, Semaphore } from "effect"
import { type Bundle, emptyFolding, type Folding, foldOn, loadFolding, type StatesOf } from "./Folding.ts"
import type { LogError, LogStore } from "./LogStore.ts"

type Store = LogStore["Service"]

/** Events from one kept checkpoint to the next: as many as are read and folded in the time of one picture. */
export const stretchEvents = 4096
const heldStretches = 3
/** Checkpoints stored in one go: each go waits for the disk. */
const savedTogether = 16

export interface Past<B extends Bundle> {
  /** As it was when the event `seq` was the newest; at most the head. */
  readonly at: (seq: number) => Effect.Effect<StatesOf<B>, LogError>
}

interface Stretch<B extends Bundle> {
  readonly first: number
  /** Where the fold of it stands. */
  readonly end: Folding<B>
  /** After `first`, after the event behind it, and so on. */
  readonly states: Array<StatesOf<B>>
}

export const makePast = Effect.fnUntraced(function* <B extends Bundle>(
  store: Store,
  bundle: B,
  every = stretchEvents,
): Effect.fn.Return<Past<B>> {
  const turn = yield* Semaphore.make(1)
  let held: Array<Stretch<B>> = []
  let erasedTimes = yield* store.erasedTimes

  const save = (steps: ReadonlyArray<Folding<B>>) =>
    Effect.ignore(
      Effect.forEach(
        steps.flatMap(({ parts, seq }) => parts.filter((part) => part.seq === seq)),
        ({ projection, seq, state }) =>
          store.saveCheckpoint(projection, seq, state, { keep: true, erasedTimes }),
        { concurrency: "unbounded", discard: true },
      ),
    )

  /** To `first`, leaving a checkpoint at the end of each stretch on the way. */
  const climb = Effect.fnUntraced(function* (first: number) {
    const folding = first === 0 ? emptyFolding(bundle) : yield* loadFolding(store, bundle, first)
    let steps: Array<Folding<B>> = []
    while (folding.seq < first) {
      yield* foldOn(store, folding, Math.floor(folding.seq / every) * every + every)
      steps.push(folding.fork())
      if (steps.length < savedTogether) continue
      yield* save(steps)
      steps = []
    }
    yield* save(steps)
    return folding
  })

  const stretchFrom = Effect.fnUntraced(function* (first: number) {
    const found = held.find((stretch) => stretch.first === first)
    const stretch: Stretch<B> =
      found ?? (yield* Effect.map(climb(first), (end) => ({ first, end, states: [end.states] })))
    held = [stretch, ...held.filter((other) => other !== stretch)].slice(0, heldStretches)
    return stretch
  })

  const at = Effect.fnUntraced(function* (seq: number): Effect.fn.Return<StatesOf<B>, LogError> {
    const now = yield* store.erasedTimes
    if (now !== erasedTimes) {
      held = []
      erasedTimes = now
    }
    const head = yield* store.head
    const wanted = Math.min(seq, head.seq)
    const { end, first, states } = yield* stretchFrom(Math.floor(wanted / every) * every)
    yield* foldOn(store, end, Math.min(first + every - 1, head.seq), () => states.push(end.states))
    // what was read before an erasure is not shown after it
    return (yield* store.erasedTimes) === erasedTimes ? states[wanted - first]! : yield* at(seq)
  })

  return { at: (seq) => turn.withPermit(at(seq)) }
})
