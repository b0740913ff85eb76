/**
 * Chance by seed: the same seed makes the same day. Times come in bursts, as people work: gaps are log-normal, so that
 * most are short and a few are very long.
 */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<A>(list: ReadonlyArray<A>): A {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** One of these, by weight. */
  weighted<A>(list: ReadonlyArray<readonly [number, A]>): A {
    const sum = list.reduce((total, [weight]) => total + weight, 0)
    let left = this.next() * sum
    for (const [weight, value] of list) {
      left -= weight
      if (left < 0) return value
    }
    return list.at(-1)![1]
  }

  /** Milliseconds with this median; `spread` 1 is a wide spread. */
  gap(medianMs: number, spread = 1): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return Math.max(1, Math.round(medianMs * Math.exp(spread * normal)))
  }

  hex(digits: number): string {
    let text = ""
    while (text.length < digits) text += this.int(0, 15).toString(16)
    return text
  }
}
