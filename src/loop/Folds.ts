/**
 * The live folds of the log (`projections.ts`). One fiber advances them in seq order; everybody else reads a snapshot,
 * or follows the events behind it. Checkpoints are written seldom and beside the fold, because they only save time at
 * the next start.
 * Invariants: a snapshot at seq N is exactly what a replay of events 1..N gives, also after payloads were erased; who is
 * slow makes nothing pile up, because followers read the log, each at its own pace.
 */
import { Context, Deferred, Effect, Latch, Layer, Semaphore, Stream, SubscriptionRef } from "effect"
import { foldOn, Folding, loadFolding, type StatesOf } from "../../log-store/Folding.ts"
import { type LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"
import { sayFoldProgress } from "../domain/foldProgress.ts"
import { projections } from "./projections.ts"
import type { Adopted } from "./rebuild.ts"

type Projections = typeof projections

export type Snapshot = StatesOf<Projections> & {
  /** Last event folded. */
  readonly seq: number
}

/** Events between two checkpoints while running. */
const checkpointEvery = 5_000

/** Events of a fold from far behind between two words about it. */
const stride = 50_000

/** First event of which a payload was taken out by one of these; null where none was. */
const erasedFrom = (events: ReadonlyArray<Event>): number | null => {
  const seqs = events.flatMap((event) => (event.type === "log.erased" ? (event.payload?.seqs ?? []) : []))
  return seqs.length === 0 ? null : seqs.reduce((least, seq) => Math.min(least, seq))
}

export class Folds extends Context.Service<
  Folds,
  {
    readonly snapshot: SubscriptionRef.SubscriptionRef<Snapshot>
    /**
     * Chunks of the events behind `from`, those there are and those to come, without end; each once it is folded, so
     * that a reactor sees the snapshot at or after them; what was erased meanwhile is left out. A log that cannot be read
     * ends it with a defect.
     */
    readonly follow: (from: number) => Stream.Stream<ReadonlyArray<Event>>
    /** Resolves when everything up to `seq` is folded. */
    readonly reached: (seq: number) => Effect.Effect<void>
    readonly checkpoint: Effect.Effect<void>
    /** Goes on with a fold that was made anew, and tells what the live one was at the same event. */
    readonly adopt: (folding: Folding<typeof projections>) => Effect.Effect<Adopted, LogError>
    /** Runs the fold of new events until interrupted. */
    readonly run: Effect.Effect<never, LogError>
  }
>()("claw/loop/Folds") {
  static readonly layer = Layer.effect(
    Folds,
    Effect.gen(function* () {
      const store = yield* LogStore
      const head = yield* store.head
      let folding: Folding<Projections> = yield* loadFolding(store, projections)
      let saved = folding.seq
      const saving = yield* Semaphore.make(1)
      const checkpoint = Effect.gen(function* () {
        const { parts, seq } = folding.fork()
        if (seq === saved) return
        for (const part of parts) {
          yield* Effect.ignore(store.saveCheckpoint(part.projection, part.seq, part.state))
          yield* Effect.yieldNow
        }
        saved = seq
      }).pipe(saving.withPermit)

      // a long way is kept and said as it is gone: a start cut short goes on there, and whoever waits sees it move
      while (folding.seq < head.seq) {
        yield* foldOn(store, folding, Math.min(head.seq, folding.seq + stride))
        if (folding.seq === head.seq) break
        yield* checkpoint
        yield* Effect.logWarning(sayFoldProgress(folding.seq, head.seq))
      }

      const now = (): Snapshot => ({ ...folding.states, seq: folding.seq })
      const snapshot = yield* SubscriptionRef.make<Snapshot>(now())
      const waiting = new Map<number, Array<Deferred.Deferred<void>>>()
      const due = yield* Latch.make(folding.seq - saved >= checkpointEvery)
      const turn = yield* Semaphore.make(1)

      const checkpointing = due.await.pipe(
        Effect.andThen(Effect.suspend(() => Effect.andThen(due.close, checkpoint))),
        Effect.forever,
      )

      const wake = Effect.fnUntraced(function* (seq: number) {
        for (const [wanted, deferreds] of waiting) {
          if (wanted > seq) continue
          waiting.delete(wanted)
          for (const deferred of deferreds) yield* Deferred.succeed(deferred, undefined)
        }
      })

      const moved = Effect.gen(function* () {
        yield* SubscriptionRef.set(snapshot, now())
        yield* wake(folding.seq)
        if (folding.seq - saved >= checkpointEvery) yield* due.open
      })
      const advance = Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
        if (erasedFrom(events) === null) folding.advance(events)
        else {
          // what was taken out of the log goes out of the states too: they are folded again from before it
          const upTo = events.at(-1)!.seq
          const again: Folding<Projections> = yield* loadFolding(store, projections, upTo)
          yield* foldOn(store, again, upTo)
          folding = again
        }
        yield* moved
      }, turn.withPermit)
      const adopt = Effect.fnUntraced(function* (again: Folding<Projections>) {
        const { seq, states: live } = folding
        yield* foldOn(store, again, seq)
        folding = again
        // what was stored of the old one is of no use
        saved = 0
        yield* moved
        yield* due.open
        return { seq, live, rebuilt: again.states }
      }, turn.withPermit)
      const run = Effect.scoped(
        Effect.gen(function* () {
          yield* Effect.forkScoped(checkpointing)
          yield* Stream.runForEachArray(store.tail(head.seq + 1), advance)
          return yield* Effect.never
        }),
      )

      const reached = Effect.fnUntraced(function* (seq: number) {
        if ((yield* SubscriptionRef.get(snapshot)).seq >= seq) return
        const deferred = yield* Deferred.make<void>()
        waiting.set(seq, [...(waiting.get(seq) ?? []), deferred])
        // the fold may have passed `seq` between the look and the entry
        yield* wake((yield* SubscriptionRef.get(snapshot)).seq)
        yield* Deferred.await(deferred)
      })

      const follow = (from: number) =>
        store.tail(from + 1).pipe(
          Stream.chunks,
          Stream.tap((events) => reached(events.at(-1)!.seq)),
          Stream.map((events) => events.filter((event) => (event.payload as unknown) !== null)),
          Stream.orDie,
        )

      return Folds.of({ snapshot, follow, reached, checkpoint, adopt, run })
    }),
  )
}
