/**
 * The events that one event caused, in order: those whose causation is an event found so far, and those of the
 * correlation of one found so far that come behind it. The index leads from each to the next.
 * Invariants: the event itself comes first, none comes twice; what is held is one position for each id that has more
 * to give, and the correlations met.
 */
import type { Reader } from "./Reader.ts"

type Link = "causation" | "correlation"

interface Cursor {
  readonly link: Link
  readonly id: string
  readonly seq: number
}

export class Caused {
  readonly #reader: Reader
  readonly #last: number
  readonly #correlations = new Set<string>()
  /** Newest first, so that the next is at the end. */
  readonly #cursors: Array<Cursor> = []
  #root: number | null

  /** `last`: where the log ends for this look. */
  constructor(reader: Reader, root: number, last: number) {
    this.#reader = reader
    this.#last = last
    this.#root = root >= 1 && root <= last ? root : null
  }

  /** The next seq; null at the end. */
  next(): number | null {
    const seq = this.#root ?? this.#cursors.at(-1)?.seq ?? null
    if (seq === null) return null
    this.#root = null
    while (this.#cursors.at(-1)?.seq === seq) {
      const { link, id } = this.#cursors.pop()!
      this.#follow(link, id, seq)
    }
    const { id, correlationId } = this.#reader.links(seq)
    this.#follow("causation", id, seq)
    if (correlationId !== null && !this.#correlations.has(correlationId)) {
      this.#correlations.add(correlationId)
      this.#follow("correlation", correlationId, seq)
    }
    return seq
  }

  #follow(link: Link, id: string, after: number): void {
    const seq = this.#reader.nextOf(link, id, after, this.#last)
    if (seq === 0) return
    let low = 0
    let high = this.#cursors.length
    while (low < high) {
      const mid = (low + high) >>> 1
      if (this.#cursors[mid]!.seq > seq) low = mid + 1
      else high = mid
    }
    this.#cursors.splice(low, 0, { link, id, seq })
  }
}
