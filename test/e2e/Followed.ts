/**
 * The log as a client of the daemon sees it, followed live: tests wait for events (receipts), never for times.
 * Invariant: `events` holds every event from the one it began at, in the order of seq.
 */
import { Effect, Stream, SubscriptionRef } from "effect"
import type { Client } from "../../src/cli/Session.ts"
import type { Event, EventOf, EventType } from "../../src/domain/event.ts"
import type { QueueRow } from "../../src/domain/queue.ts"
import { emptyQueue, evolveQueue } from "../../src/domain/queue.ts"

/** What did not come by then, on a machine that is busy with other tests too, does not come. */
const limitMs = 40_000

export type Suggested = EventOf<
  "decision.digest" | "decision.notify" | "decision.question" | "decision.draft"
>
export const isSuggested = (event: Event): event is Suggested =>
  event.type === "decision.digest" ||
  event.type === "decision.notify" ||
  event.type === "decision.question" ||
  event.type === "decision.draft"

export interface Followed {
  readonly events: Effect.Effect<ReadonlyArray<Event>>
  /** seq of the newest event now. */
  readonly head: Effect.Effect<number>
  /** The first event behind `after` that fits. */
  readonly until: <E extends Event>(
    what: string,
    after: number,
    fits: ((event: Event) => event is E) | ((event: Event) => boolean),
  ) => Effect.Effect<E>
  readonly untilType: <T extends EventType>(
    type: T,
    after: number,
    fits?: (event: EventOf<T>) => boolean,
  ) => Effect.Effect<EventOf<T>>
  /** The queue's row of a suggestion, folded from these events. */
  readonly row: (id: string) => Effect.Effect<QueueRow>
}

const told = (events: ReadonlyArray<Event>): string =>
  events
    .slice(-25)
    .map((event) => `${event.seq} ${event.type} ${JSON.stringify(event.payload).slice(0, 160)}`)
    .join("\n")

/** Follows from the first event, or from `from` on; then `row` tells nothing. */
export const follow = Effect.fn("follow")(function* (client: Client, from = 1) {
  const log = yield* SubscriptionRef.make<ReadonlyArray<Event>>([])
  yield* client.Log({ query: { from }, follow: true }).pipe(
    Stream.runForEach((chunk) =>
      SubscriptionRef.update(log, (events) => [...events, ...(chunk as unknown as ReadonlyArray<Event>)]),
    ),
    // the daemon ends before the test does: then nothing follows any more
    Effect.ignore,
    Effect.forkScoped,
  )
  const events = SubscriptionRef.get(log)
  const until = <E extends Event>(
    what: string,
    after: number,
    fits: ((event: Event) => event is E) | ((event: Event) => boolean),
  ) =>
    SubscriptionRef.changes(log).pipe(
      Stream.map((all) => all.find((event) => event.seq > after && fits(event))),
      Stream.filter((event) => event !== undefined),
      Stream.runHead,
      Effect.timeoutOption(limitMs),
      Effect.flatMap((found) =>
        found._tag === "Some" && found.value._tag === "Some"
          ? Effect.succeed(found.value.value as E)
          : Effect.flatMap(events, (all) =>
              Effect.die(new Error(`${what} did not come after ${after}; the newest:\n${told(all)}`)),
            ),
      ),
    )
  const head = Effect.map(Effect.orDie(client.Status()), ({ log: { seq } }) => seq)
  const followed: Followed = {
    events,
    head,
    until,
    untilType: (type, after, fits = () => true) =>
      until(type, after, (event) => event.type === type && fits(event as never)),
    // as of the daemon's newest event: what a command just did may still be on its way here
    row: (id) =>
      head.pipe(
        Effect.flatMap((seq) => (seq < from ? Effect.void : until(`event ${seq}`, seq - 1, () => true))),
        Effect.andThen(events),
        Effect.map((all) => all.reduce(evolveQueue, emptyQueue).suggestions[id]!),
      ),
  }
  return followed
})
