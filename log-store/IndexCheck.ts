/**
 * Whether the index leads to every chunk. `EachKey` asks the store for each key a chunk must have. `KeySums` asks for none: it
 * sums up what the keys should be, in any order and in constant memory, to be held against the same sum over the keys that
 * the index has; reading them in order is several times as fast as finding each.
 * Invariant: sums depend on a random seed, so that nobody can choose keys that sum up alike; where two sums
 * differ, `EachKey` says where.
 */
import type { Backend } from "./Backend.ts"
import { keyBytes, termBytes } from "./terms.ts"

export interface IndexCheck {
  /** Takes a key that must be in the index; false where it is known not to be. The buffer is the caller's. */
  readonly take: (key: Uint8Array) => boolean
}

export const eachKey = (backend: Backend): IndexCheck => ({
  take: (key) => backend.hasTerm(Buffer.isBuffer(key) ? key : Buffer.from(key)),
})

export type Seed = readonly [number, number]
/** Two sums modulo 2^32, and how many keys they are of. */
export type Sums = readonly [number, number, number]
export const noSums: Sums = [0, 0, 0]
export const addSums = (a: Sums, b: Sums): Sums => [(a[0] + b[0]) >>> 0, (a[1] + b[1]) >>> 0, a[2] + b[2]]
export const sameSums = (a: Sums, b: Sums): boolean => a.every((part, n) => part === b[n])

const mix = (h: number, word: number): number => {
  let x = Math.imul(h ^ word, 0x85ebca6b)
  x ^= x >>> 13
  x = Math.imul(x, 0xc2b2ae35)
  return x ^ (x >>> 16)
}
const wordAt = (key: Uint8Array, at: number): number =>
  (key[at]! << 24) | (key[at + 1]! << 16) | (key[at + 2]! << 8) | key[at + 3]!

export class KeySums implements IndexCheck {
  readonly #seed: Seed
  readonly #below: number
  readonly #rest: IndexCheck
  #a = 0
  #b = 0
  #count = 0

  /** Keys of chunks from `below` on are left to `rest`: while the log grows, its end changes. */
  constructor(seed: Seed, below: number, rest: IndexCheck) {
    this.#seed = seed
    this.#below = below
    this.#rest = rest
  }

  get sums(): Sums {
    return [this.#a >>> 0, this.#b >>> 0, this.#count]
  }

  readonly take = (key: Uint8Array): boolean => {
    if (wordAt(key, termBytes) >>> 0 >= this.#below) return this.#rest.take(key)
    let a = mix(this.#seed[0], key[0]!)
    let b = mix(this.#seed[1], key[0]!)
    for (let at = 1; at < keyBytes; at += 4) {
      const word = wordAt(key, at)
      a = mix(a, word)
      b = mix(b, word)
    }
    this.#a = (this.#a + a) | 0
    this.#b = (this.#b + b) | 0
    this.#count++
    return true
  }
}
