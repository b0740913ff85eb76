/**
 * The events of the last commits as they were appended, shared by all tails, so that following the log decodes nothing.
 * Invariants: an event is what a reader would get of it; bounded, by number and by text: a tail that fell behind reads
 * from the store instead, so a slow one never makes memory grow.
 */
import type { Event } from "../src/domain/event.ts"

const pageEvents = 512
const maxEvents = 2048
const maxBytes = 4 * 2 ** 20

interface Page {
  readonly first: number
  readonly last: number
  readonly bytes: number
  readonly events: ReadonlyArray<Event>
}

export class Recent {
  #pages: Array<Page> = []
  #events = 0
  #bytes = 0

  /** Events of one commit, and about how much text they hold together. */
  push(events: ReadonlyArray<Event>, bytes: number): void {
    for (let at = Math.max(0, events.length - maxEvents); at < events.length; at += pageEvents) {
      const some = events.slice(at, at + pageEvents)
      const share = (bytes * some.length) / events.length
      this.#pages.push({ first: some[0]!.seq, last: some.at(-1)!.seq, bytes: share, events: some })
      this.#events += some.length
      this.#bytes += share
    }
    while (this.#pages.length > 0 && (this.#events > maxEvents || this.#bytes > maxBytes)) {
      const oldest = this.#pages.shift()!
      this.#events -= oldest.events.length
      this.#bytes -= oldest.bytes
    }
  }

  clear(): void {
    this.#pages = []
    this.#events = 0
    this.#bytes = 0
  }

  /** `undefined` where it is not here any more. */
  at(seq: number): Event | undefined {
    for (let n = this.#pages.length - 1; n >= 0; n--) {
      const { first, events } = this.#pages[n]!
      if (seq >= first) return events[seq - first]
    }
    return undefined
  }

  /** Events from `seq` on, as far as they lie together; `undefined` where they are not here any more. */
  from(seq: number): ReadonlyArray<Event> | undefined {
    for (let n = this.#pages.length - 1; n >= 0; n--) {
      const { first, last, events } = this.#pages[n]!
      if (seq > last) return undefined
      if (seq >= first) return seq === first ? events : events.slice(seq - first)
    }
    return undefined
  }
}
