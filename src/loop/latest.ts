/**
 * A changing value as a stream for clients. Invariant: whoever is slow skips what was between, so that a flood of
 * changes neither piles up in memory nor is played back long after it.
 */
import { Stream, SubscriptionRef } from "effect"

export const latest = <A>(ref: SubscriptionRef.SubscriptionRef<A>): Stream.Stream<A> =>
  SubscriptionRef.changes(ref).pipe(Stream.buffer({ capacity: 1, strategy: "sliding" }))
