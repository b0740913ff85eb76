/**
 * States of projections at any moment of the past. On the first way over a stretch of the log checkpoints are left at
 * even distances; from then on a moment costs the fold of one such stretch at most, and its neighbours nothing, because
 * the states of the last stretches are held, event by event (they share almost all they consist of).
 * Invariants: a state is the fold of events 1 to its seq as the log has them now; after an erasure nothing that was
 * folded before it is used or stored.
 */
import { Effect, Semaphore } from "effect"
import { type Bundle, emptyFolding, type Folding, foldOn, loadFolding, type StatesOf } from "./Folding.ts"
import { makeLadder, nextStep, stretchEvents } from "./Ladder.ts"
import type { LogError, LogStore } from "./LogStore.ts"

/** Folded beyond the one asked for, because its neighbours are asked for next. */
const ahead = 64
const heldStretches = 3

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
  store: LogStore["Service"],
  bundle: B,
  every = stretchEvents,
): Effect.fn.Return<Past<B>> {
  const turn = yield* Semaphore.make(1)
  let held: Array<Stretch<B>> = []
  let erasedTimes = yield* store.erasedTimes

  /** To `first`, leaving a checkpoint at the end of each stretch on the way. */
  const climb = Effect.fnUntraced(function* (first: number) {
    const folding = first === 0 ? emptyFolding(bundle) : yield* loadFolding(store, bundle, first)
    const ladder = makeLadder(store, erasedTimes)
    while (folding.seq < first) {
      yield* foldOn(store, folding, nextStep(folding.seq, every))
      yield* ladder.leave(folding)
    }
    yield* ladder.flush
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
    if (states.length <= wanted - first) {
      const upTo = Math.min(wanted + ahead, first + every - 1, head.seq)
      yield* foldOn(store, end, upTo, () => states.push(end.states))
    }
    // what was read before an erasure is not shown after it
    return (yield* store.erasedTimes) === erasedTimes ? states[wanted - first]! : yield* at(seq)
  })

  return { at: (seq) => turn.withPermit(at(seq)) }
})
