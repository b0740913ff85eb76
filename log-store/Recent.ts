/**
 * The last durable events, decoded once and shared by all tails. Bounded: a tail that fell behind reads from the
 * store instead, so a slow one never makes memory grow.
 */
import type { Event } from "../src/domain/event.ts"

const maxEvents = 1024

export class Recent {
  #batches: Array<ReadonlyArray<Event>> = []
  #count = 0

  push(events: ReadonlyArray<Event>): void {
    if (events.length === 0) return
    this.#batches.push(events)
    this.#count += events.length
    while (this.#count > maxEvents) this.#count -= this.#batches.shift()!.length
  }

  clear(): void {
    this.#batches = []
    this.#count = 0
  }

  /** Events from `seq` on, as far as they lie together; `undefined` where they are not here any more. */
  from(seq: number): ReadonlyArray<Event> | undefined {
    for (let n = this.#batches.length - 1; n >= 0; n--) {
      const batch = this.#batches[n]!
      const first = batch[0]!.seq
      if (seq >= first) {
        const at = seq - first
        return at < batch.length ? (at === 0 ? batch : batch.slice(at)) : undefined
      }
    }
    return undefined
  }
}
