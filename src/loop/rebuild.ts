/**
 * Everything folded again from the first event, without any checkpoint, and held against what was there: the proof that
 * nothing is known but what the log says. On the way it leaves the checkpoints of the past anew.
 * Invariant: the log itself is only read; cut short, it has cost nothing but checkpoints.
 */
import { Clock, Effect, Queue, Stream } from "effect"
import { emptyFolding, Folding, type StatesOf } from "../../log-store/Folding.ts"
import { makeLadder, nextStep, stretchEvents } from "../../log-store/Ladder.ts"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"
import { projections, viewed } from "./projections.ts"
import { stateDifference } from "./stateDifference.ts"

type Projections = typeof projections
type Store = LogStore["Service"]

export interface RebuiltProjection {
  readonly projection: string
  readonly version: number
  /** Spent in this fold alone, without reading. */
  readonly ms: number
  /** Of its state as JSON. */
  readonly bytes: number
  readonly same: boolean
  /** Where the live state and the rebuilt one first differ. */
  readonly difference: string | null
}

export type RebuildMessage =
  | { readonly _tag: "progress"; readonly done: number; readonly total: number }
  | {
      readonly _tag: "summary"
      readonly summary: {
        readonly v: 1
        readonly events: number
        readonly same: boolean
        readonly projections: ReadonlyArray<RebuiltProjection>
      }
    }

/** Two folds at the same seq: what was there, and what was folded anew. */
export interface Adopted {
  readonly seq: number
  readonly live: StatesOf<Projections>
  readonly rebuilt: StatesOf<Projections>
}

const stateBytes = (state: unknown): number => Buffer.byteLength(JSON.stringify(state))

const rowsOf = (
  folding: Folding<Projections>,
  { live, rebuilt }: Adopted,
  spentMs: ReadonlyMap<string, number>,
): ReadonlyArray<RebuiltProjection> =>
  folding.parts.map(({ key, projection }) => {
    const name = key as keyof Projections
    const difference = stateDifference(live[name], rebuilt[name])
    return {
      projection: projection.name,
      version: projection.version,
      ms: spentMs.get(key) ?? 0,
      bytes: stateBytes(rebuilt[name]),
      same: difference === null,
      difference,
    }
  })

/** `adopt` brings the new states to where the live ones are, and puts them in their place. */
export const rebuild = (
  store: Store,
  adopt: (folding: Folding<Projections>) => Effect.Effect<Adopted, LogError>,
): Stream.Stream<RebuildMessage, LogError> =>
  Stream.callback<RebuildMessage, LogError>(
    Effect.fnUntraced(function* (messages) {
      const folding = emptyFolding(projections)
      const past = new Folding<typeof viewed>(folding.parts.filter(({ key }) => Object.hasOwn(viewed, key)))
      const spentMs = new Map<string, number>()
      const clock = yield* Clock.Clock
      const ms = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      const advance = (events: ReadonlyArray<Event>) => {
        for (const part of folding.parts) {
          const began = ms()
          folding.advance(events, [part])
          spentMs.set(part.key, (spentMs.get(part.key) ?? 0) + ms() - began)
        }
      }

      const { seq: total } = yield* store.head
      const ladder = makeLadder(store, yield* store.erasedTimes)
      yield* store.dropCheckpoints(0)
      while (folding.seq < total) {
        const to = Math.min(nextStep(folding.seq, stretchEvents), total)
        yield* store.read({ from: folding.seq + 1, to }).pipe(
          Stream.runForEachArray((events) => {
            advance(events)
            return Effect.yieldNow
          }),
        )
        if (to % stretchEvents === 0) yield* ladder.leave(past)
        yield* Queue.offer(messages, { _tag: "progress", done: to, total })
      }
      yield* ladder.flush
      // the Merkle tree's tiles are made from the events too
      yield* store.tree.rebuild
      const adopted = yield* adopt(folding)
      const rows = rowsOf(folding, adopted, spentMs)
      yield* Queue.offer(messages, {
        _tag: "summary",
        summary: { v: 1, events: adopted.seq, same: rows.every(({ same }) => same), projections: rows },
      })
      yield* Queue.end(messages)
    }),
    { bufferSize: 16 },
  )
