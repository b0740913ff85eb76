/**
 * Whether an event that was just appended answers a query: the same conditions as a scan, for live tails.
 * With a `cause` it remembers what belongs to it, so it has to be shown every event from that one on, in order.
 */
import type { Event } from "../src/domain/event.ts"
import { Filter } from "./Filter.ts"
import type { Query } from "./LogStore.ts"

const causedMatcher = (cause: number): ((event: Event) => boolean) => {
  const ids = new Set<string>()
  const correlations = new Set<string>()
  return (event) => {
    const caused =
      event.seq === cause ||
      (event.causationId !== null && ids.has(event.causationId)) ||
      (event.correlationId !== null && correlations.has(event.correlationId))
    if (!caused) return false
    ids.add(event.id)
    if (event.correlationId !== null) correlations.add(event.correlationId)
    return true
  }
}

export const queryMatcher = (query: Query): ((event: Event) => boolean) => {
  const filter = new Filter(query)
  const caused = query.cause === undefined ? () => true : causedMatcher(query.cause)
  return (event) =>
    // First of all, since it must see them all.
    caused(event) &&
    event.seq >= (query.from ?? 0) &&
    event.seq <= (query.to ?? Number.POSITIVE_INFINITY) &&
    filter.event(event)
}
