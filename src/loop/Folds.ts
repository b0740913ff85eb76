/**
 * The live folds of the log: decider, queue, source positions, control. One fiber advances them in seq order;
 * everybody else reads a snapshot. Checkpoints are written seldom, because they only save time at the next start.
 * Invariant: a snapshot at seq N is exactly what a replay of events 1..N gives.
 */
import { Context, Deferred, Effect, Layer, PubSub, Stream, SubscriptionRef } from "effect"
import { type LogError, LogStore, type Projection } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"
import { queueProjection, type QueueState } from "../domain/queue.ts"
import { deciderProjection, type MachineState } from "../decide/step.ts"
import type { SourcePositions } from "../observe/Source.ts"
import { positionsProjection } from "../observe/positions.ts"
import { type Control, controlProjection } from "./control.ts"

export interface Snapshot {
  readonly seq: number
  readonly decider: MachineState
  readonly queue: QueueState
  readonly positions: SourcePositions
  readonly control: Control
}

/** Events between two checkpoints while running. */
const checkpointEvery = 5_000

export class Folds extends Context.Service<
  Folds,
  {
    readonly snapshot: SubscriptionRef.SubscriptionRef<Snapshot>
    /** Chunks of events just folded, for reactors; a reactor sees the snapshot at or after them. */
    readonly folded: PubSub.PubSub<ReadonlyArray<Event>>
    /** Resolves when everything up to `seq` is folded. */
    readonly reached: (seq: number) => Effect.Effect<void>
    readonly checkpoint: Effect.Effect<void>
    /** Runs the fold of new events until interrupted. */
    readonly run: Effect.Effect<never, LogError>
  }
>()("claw/loop/Folds") {
  static readonly layer = Layer.effect(
    Folds,
    Effect.gen(function* () {
      const store = yield* LogStore

      const decider = yield* store.loadCheckpoint(deciderProjection)
      const queue = yield* store.loadCheckpoint(queueProjection)
      const positions = yield* store.loadCheckpoint(positionsProjection)
      const control = yield* store.loadCheckpoint(controlProjection)

      const advance = (state: Snapshot, event: Event): Snapshot => ({
        seq: event.seq,
        decider: event.seq > decider.seq ? deciderProjection.evolve(state.decider, event) : state.decider,
        queue: event.seq > queue.seq ? queueProjection.evolve(state.queue, event) : state.queue,
        positions:
          event.seq > positions.seq ? positionsProjection.evolve(state.positions, event) : state.positions,
        control: event.seq > control.seq ? controlProjection.evolve(state.control, event) : state.control,
      })

      const start = Math.min(decider.seq, queue.seq, positions.seq, control.seq)
      const head = yield* store.head
      const booted = yield* store.read({ from: start + 1, to: head.seq }).pipe(
        Stream.runFold(
          (): Snapshot => ({
            seq: start,
            decider: decider.state,
            queue: queue.state,
            positions: positions.state,
            control: control.state,
          }),
          advance,
        ),
      )
      const snapshot = yield* SubscriptionRef.make<Snapshot>({ ...booted, seq: head.seq })
      const folded = yield* PubSub.unbounded<ReadonlyArray<Event>>()
      const waiting = new Map<number, Array<Deferred.Deferred<void>>>()
      let saved = head.seq

      const save = <S>(projection: Projection<S>, seq: number, state: S) =>
        Effect.ignore(store.saveCheckpoint(projection, seq, state))
      const checkpoint = Effect.gen(function* () {
        const now = yield* SubscriptionRef.get(snapshot)
        if (now.seq === saved) return
        yield* save(deciderProjection, now.seq, now.decider)
        yield* save(queueProjection, now.seq, now.queue)
        yield* save(positionsProjection, now.seq, now.positions)
        yield* save(controlProjection, now.seq, now.control)
        saved = now.seq
      })

      const wake = Effect.fnUntraced(function* (seq: number) {
        for (const [wanted, deferreds] of waiting) {
          if (wanted > seq) continue
          waiting.delete(wanted)
          for (const deferred of deferreds) yield* Deferred.succeed(deferred, undefined)
        }
      })

      const run = store.tail(head.seq + 1).pipe(
        Stream.runForEachArray(
          Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
            const before = yield* SubscriptionRef.get(snapshot)
            const after = events.reduce(advance, before)
            yield* SubscriptionRef.set(snapshot, after)
            yield* wake(after.seq)
            yield* PubSub.publish(folded, events)
            if (after.seq - saved >= checkpointEvery) yield* checkpoint
          }),
        ),
        Effect.andThen(Effect.never),
      )

      const reached = Effect.fnUntraced(function* (seq: number) {
        if ((yield* SubscriptionRef.get(snapshot)).seq >= seq) return
        const deferred = yield* Deferred.make<void>()
        waiting.set(seq, [...(waiting.get(seq) ?? []), deferred])
        // the fold may have passed `seq` between the look and the entry
        yield* wake((yield* SubscriptionRef.get(snapshot)).seq)
        yield* Deferred.await(deferred)
      })

      return Folds.of({ snapshot, folded, reached, checkpoint, run })
    }),
  )
}
