/**
 * Projections over the log: start from the newest checkpoint, read what came since, go on live.
 * Invariants: the state at seq n is the fold of events 1 to n, wherever it was started; a checkpoint only saves time.
 */
import { Effect, Stream } from "effect"
import type { Event } from "../src/domain/event.ts"
import type { LogError, LogStore, Projection } from "./LogStore.ts"

type Store = LogStore["Service"]

export interface Folded<S> {
  /** Last event folded; 0 before the first. */
  readonly seq: number
  readonly state: S
}

export interface FoldOptions {
  /** Fold up to this seq instead of the head. */
  readonly upTo?: number
  /** Save a checkpoint where more than this many events had to be folded. */
  readonly saveAfter?: number
}

export const foldFrom = Effect.fnUntraced(function* <S>(
  store: Store,
  projection: Projection<S>,
  options: FoldOptions = {},
): Effect.fn.Return<Folded<S>, LogError> {
  const { seq: head } = yield* store.head
  const upTo = Math.min(options.upTo ?? head, head)
  const checkpoint = yield* store.loadCheckpoint(projection)
  const start = checkpoint.seq <= upTo ? checkpoint : { seq: 0, state: projection.initial }
  let { seq, state } = start
  if (seq < upTo)
    yield* store.read({ from: seq + 1, to: upTo }).pipe(
      Stream.runForEachArray((events) =>
        Effect.sync(() => {
          for (const event of events) {
            state = projection.evolve(state, event)
            seq = event.seq
          }
        }),
      ),
    )
  if (options.saveAfter !== undefined && seq - checkpoint.seq > options.saveAfter)
    yield* store.saveCheckpoint(projection, seq, state)
  return { seq, state }
})

export interface Step<S> extends Folded<S> {
  readonly event: Event
}

/** Every event behind `from`, first those there are, then those to come, each with the state after it. */
export const foldLive = <S>(
  store: Store,
  projection: Projection<S>,
  from: Folded<S>,
): Stream.Stream<Step<S>, LogError> =>
  store.tail(from.seq + 1).pipe(
    Stream.mapAccum(
      () => from.state,
      (state, event) => {
        const next = projection.evolve(state, event)
        return [next, [{ seq: event.seq, state: next, event }]] as const
      },
    ),
  )
