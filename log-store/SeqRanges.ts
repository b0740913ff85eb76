/**
 * A set of seqs as ranges: what a verification has to remember of payloads that are gone. Neighbours take the room of
 * one, so that a million archived payloads in a row cost as much as a single one.
 * Invariant: the ranges are in order, apart from each other, and none is empty.
 */

/** First and last seq, inclusive. */
export type SeqRange = readonly [from: number, to: number]

export class SeqRanges {
  #ranges: Array<SeqRange>

  constructor(ranges: ReadonlyArray<SeqRange> = []) {
    this.#ranges = []
    for (const [from, to] of ranges) this.add(from, to)
  }

  get ranges(): ReadonlyArray<SeqRange> {
    return this.#ranges
  }
  get first(): number | null {
    return this.#ranges[0]?.[0] ?? null
  }

  /** Index of the first range that ends at `seq` or behind it. */
  #reaching(seq: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const mid = (low + high) >>> 1
      if (this.#ranges[mid]![1] < seq) low = mid + 1
      else high = mid
    }
    return low
  }

  add(from: number, to = from): void {
    if (from > to) return
    // Those that touch it become one with it.
    const at = this.#reaching(from - 1)
    let low = from
    let high = to
    let end = at
    for (; end < this.#ranges.length && this.#ranges[end]![0] <= to + 1; end++) {
      low = Math.min(low, this.#ranges[end]![0])
      high = Math.max(high, this.#ranges[end]![1])
    }
    this.#ranges.splice(at, end - at, [low, high])
  }

  remove(from: number, to = from): void {
    if (from > to) return
    const at = this.#reaching(from)
    const left: Array<SeqRange> = []
    let end = at
    for (; end < this.#ranges.length && this.#ranges[end]![0] <= to; end++) {
      const [low, high] = this.#ranges[end]!
      if (low < from) left.push([low, from - 1])
      if (high > to) left.push([to + 1, high])
    }
    this.#ranges.splice(at, end - at, ...left)
  }
}
