/** Whether an event that was just appended answers a query: the same conditions as a scan, for live tails. Pure. */
import type { Event } from "../src/domain/event.ts"
import { typeMatcher } from "./globs.ts"
import type { Query } from "./LogStore.ts"

export const queryMatcher = (query: Query): ((event: Event) => boolean) => {
  const type = query.types === undefined ? () => true : typeMatcher(query.types)
  const grep = query.grep?.toLowerCase()
  return (event) =>
    event.seq >= (query.from ?? 0) &&
    event.seq <= (query.to ?? Number.POSITIVE_INFINITY) &&
    type(event.type) &&
    (query.since === undefined || Date.parse(event.at) >= query.since) &&
    (query.until === undefined || Date.parse(event.at) <= query.until) &&
    (query.workspace === undefined || event.workspace === query.workspace) &&
    (query.causationId === undefined || event.causationId === query.causationId) &&
    (query.correlationId === undefined || event.correlationId === query.correlationId) &&
    (grep === undefined || JSON.stringify(event.payload).toLowerCase().includes(grep))
}
