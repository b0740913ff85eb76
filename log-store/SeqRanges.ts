/**
 * A set of seqs as ranges: what a verification has to remember of payloads that are gone. Neighbours take the room of
 * one, so that a million archived payloads in a row cost as much as a single one.
 * Invariant: the ranges are in order, apart from each other, and none is empty.
 */

/** First and last seq, inclusive. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

export class SeqRanges {
  #ranges: Array<SeqRange>

  constructor(ranges: ReadonlyArray<SeqRange> = []) {
    this.#ranges = []
    for (const { from, to } of ranges) this.add(from, to)
  }

  get ranges(): ReadonlyArray<SeqRange> {
    return this.#ranges
  }
  get first(): number | null {
    return this.#ranges[0]?.from ?? null
  }

  /** Index of the first range that ends at `seq` or behind it. */
  #reaching(seq: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const mid = (low + high) >>> 1
      if (this.#ranges[mid]!.to < seq) low = mid + 1
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
    for (; end < this.#ranges.length && this.#ranges[end]!.from <= to + 1; end++) {
      low = Math.min(low, this.#ranges[end]!.from)
      high = Math.max(high, this.#ranges[end]!.to)
    }
    this.#ranges.splice(at, end - at, { from: low, to: high })
  }

  remove(from: number, to = from): void {
    if (from > to) return
    const at = this.#reaching(from)
    const left: Array<SeqRange> = []
    let end = at
    for (; end < this.#ranges.length && this.#ranges[end]!.from <= to; end++) {
      const range = this.#ranges[end]!
      if (range.from < from) left.push({ from: range.from, to: from - 1 })
      if (range.to > to) left.push({ from: to + 1, to: range.to })
    }
    this.#ranges.splice(at, end - at, ...left)
  }
}
