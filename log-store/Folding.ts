/**
 * Several projections moved on together over the same events, each from where it stands: one pass over the log, however
 * far apart their checkpoints are.
 * Invariants: `seq` is that of the one furthest behind until all have met, then that of all; states are never changed
 * in place, so whoever holds one may keep it.
 */
import { Effect, Stream } from "effect"
import type { Event } from "../src/domain/event.ts"
import type { LogError, LogStore, Projection } from "./LogStore.ts"

type Store = LogStore["Service"]

interface AnyProjection {
  readonly name: string
  readonly version: number
  readonly initial: unknown
  readonly evolve: (state: never, event: Event) => unknown
}
/** Projections by the name their state goes by. */
export type Bundle = Readonly<Record<string, AnyProjection>>
export type StatesOf<B extends Bundle> = { readonly [K in keyof B]: ReturnType<B[K]["evolve"]> }

export interface Part {
  readonly key: string
  readonly projection: Projection<unknown>
  /** Last event folded. */
  seq: number
  state: unknown
}

export class Folding<B extends Bundle> {
  readonly parts: ReadonlyArray<Part>

  constructor(parts: ReadonlyArray<Part>) {
    this.parts = parts
  }

  get seq(): number {
    return Math.min(...this.parts.map(({ seq }) => seq))
  }

  get states(): StatesOf<B> {
    return Object.fromEntries(this.parts.map(({ key, state }) => [key, state])) as StatesOf<B>
  }

  /** The same states, to be moved on apart from these. */
  fork(): Folding<B> {
    return new Folding(this.parts.map((part) => ({ ...part })))
  }

  /** `events` without a gap, from not behind `seq + 1` on; `only` some of the parts. */
  advance(events: ReadonlyArray<Event>, only: ReadonlyArray<Part> = this.parts): void {
    for (const part of only) {
      const { evolve } = part.projection
      let { seq, state } = part
      for (const event of events) {
        if (event.seq <= seq) continue
        state = evolve(state, event)
        seq = event.seq
      }
      part.seq = seq
      part.state = state
    }
  }
}

const partsOf = (bundle: Bundle): ReadonlyArray<Part> =>
  Object.entries(bundle).map(([key, projection]) => ({
    key,
    projection: projection as Projection<unknown>,
    seq: 0,
    state: projection.initial,
  }))

/** All at the start of the log. */
export const emptyFolding = <B extends Bundle>(bundle: B): Folding<B> => new Folding(partsOf(bundle))

/** Each at its nearest checkpoint at or below `at`. */
export const loadFolding = <B extends Bundle>(
  store: Store,
  bundle: B,
  at?: number,
): Effect.Effect<Folding<B>, LogError> =>
  Effect.map(
    Effect.forEach(partsOf(bundle), (part) =>
      Effect.map(store.loadCheckpoint(part.projection, at), (found) => ({ ...part, ...found })),
    ),
    (parts) => new Folding<B>(parts),
  )

/**
 * Moves on to `upTo`, calling `after` behind each event; gives way to others between pages, so that a long way holds
 * nobody up.
 */
export const foldOn = <B extends Bundle>(
  store: Store,
  folding: Folding<B>,
  upTo: number,
  after?: () => void,
): Effect.Effect<void, LogError> =>
  folding.seq >= upTo
    ? Effect.void
    : store.read({ from: folding.seq + 1, to: upTo }).pipe(
        Stream.runForEachArray((events) => {
          if (after === undefined) folding.advance(events)
          else
            for (const event of events) {
              folding.advance([event])
              after()
            }
          return Effect.yieldNow
        }),
      )
