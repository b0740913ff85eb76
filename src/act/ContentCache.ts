/**
 * What is known of file contents without reading them again: the hash of a file whose device, inode, size and times
 * are as they were, which contents hold a secret, and which are in the log already.
 * Invariants: nothing here is truth (lost, it is found out again); a file so young that a later change could bear the
 * same time is never known; what is said to be in the log is forgotten when something is erased from it, and after a day.
 */
import type { BigIntStats } from "node:fs"

/** A change within the clock's grain of the reading may bear the same time. */
const youngNs = 50_000_000n
const maxKnown = 200_000
const storedForMs = 24 * 60 * 60_000

export const statKey = (found: BigIntStats): string =>
  `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`

export const isYoung = (found: BigIntStats, nowMs: number): boolean =>
  found.ctimeNs > BigInt(nowMs) * 1_000_000n - youngNs

export class ContentCache {
  readonly #hashes = new Map<string, string>()
  readonly #secrets = new Map<string, boolean>()
  readonly #stored = new Map<string, number>()
  #erasures = 0

  hashOf(key: string): string | undefined {
    return this.#hashes.get(key)
  }

  learn(key: string, hash: string): void {
    if (this.#hashes.size >= maxKnown) this.#hashes.clear()
    this.#hashes.set(key, hash)
  }

  /** Undefined where nobody looked yet. */
  isSecret(hash: string): boolean | undefined {
    return this.#secrets.get(hash)
  }

  judged(hash: string, secret: boolean): void {
    if (this.#secrets.size >= maxKnown) this.#secrets.clear()
    this.#secrets.set(hash, secret)
  }

  isStored(hash: string, nowMs: number): boolean {
    const since = this.#stored.get(hash)
    return since !== undefined && nowMs - since < storedForMs
  }

  stored(hashes: Iterable<string>, nowMs: number): void {
    if (this.#stored.size >= maxKnown) this.#stored.clear()
    for (const hash of hashes) this.#stored.set(hash, nowMs)
  }

  /** `erasures`: how many the log had so far. */
  heard(erasures: number): void {
    if (erasures !== this.#erasures) this.#stored.clear()
    this.#erasures = erasures
  }
}
