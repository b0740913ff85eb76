/**
 * The chunks of the last commits, each decoded at most once, when the first tail asks, and shared by all.
 * Bounded: a tail that fell behind reads from the store instead, so a slow one never makes memory grow.
 */
import type { Event } from "../src/domain/event.ts"
import type { Chunk } from "./chunk.ts"

const maxEvents = 1024

interface Held {
  readonly chunk: Chunk
  events: ReadonlyArray<Event> | undefined
}

export class Recent {
  #held: Array<Held> = []
  #count = 0

  push(chunks: ReadonlyArray<Chunk>): void {
    for (const chunk of chunks) {
      this.#held.push({ chunk, events: undefined })
      this.#count += chunk.count
    }
    while (this.#count > maxEvents) this.#count -= this.#held.shift()!.chunk.count
  }

  clear(): void {
    this.#held = []
    this.#count = 0
  }

  /** Events from `seq` on, as far as they lie together; `undefined` where they are not here any more. */
  from(seq: number, decode: (chunk: Chunk) => ReadonlyArray<Event>): ReadonlyArray<Event> | undefined {
    for (let n = this.#held.length - 1; n >= 0; n--) {
      const held = this.#held[n]!
      const { first, last } = held.chunk
      if (seq > last) return undefined
      if (seq < first) continue
      const events = (held.events ??= decode(held.chunk))
      return seq === first ? events : events.slice(seq - first)
    }
    return undefined
  }
}
