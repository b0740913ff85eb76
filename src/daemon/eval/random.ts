/** Pseudo-random whole numbers from a seed, the same on every machine; for runs that must be repeatable. Not secret. */

export interface Random {
  /** From 0 to `below` - 1. */
  readonly below: (below: number) => number
  readonly one: <T>(list: ReadonlyArray<T>) => T
  /** From 0 up to 1. */
  readonly share: () => number
  readonly chance: (probability: number) => boolean
  /** Between the two, each doubling as likely as the next. */
  readonly between: (low: number, high: number) => number
}

export const seeded = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number): number => (limit <= 1 ? 0 : next() % limit)
  const share = (): number => next() / 2 ** 32
  return {
    below,
    one: (list) => list[below(list.length)]!,
    share,
    chance: (probability) => share() < probability,
    between: (low, high) => low * (high / low) ** share(),
  }
}
