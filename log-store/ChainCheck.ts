/**
 * Checks stored chunks one after another: every link of the chain, every payload and blob against its hash, every
 * byte of a chunk against what its events encode to, and the index entries that lead to it.
 * Invariants: constant memory (but for erasures that were not yet explained); the first fault found is the first
 * in seq order; it trusts nothing of the store but the bytes themselves.
 */
import type { Backend, StoredChunk } from "./Backend.ts"
import { decodeBlob } from "./blob.ts"
import { chainHash, sha256 } from "./canonical.ts"
import { Chunk, encodeChunk, type Entry, erased, inline } from "./chunk.ts"
import { explainedBy, explaining } from "./explains.ts"
import { SeqRanges } from "./SeqRanges.ts"
import { firstUnexplained } from "./sharedContents.ts"
import { chunkTerms } from "./terms.ts"

export interface Fault {
  readonly seq: number
  readonly message: string
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class ChainCheck {
  readonly #backend: Backend
  /** Seqs whose payload is gone and that no event has explained so far. */
  readonly #unexplained = new SeqRanges()
  readonly #watched: number
  #watchedHash: string | undefined
  #next: number
  #prevHash: string

  /** Continues behind the event before `first`, whose hash is `prevHash`; remembers the hash found at `watched`. */
  constructor(backend: Backend, first: number, prevHash: string, watched: number) {
    this.#backend = backend
    this.#watched = watched
    this.#next = first
    this.#prevHash = prevHash
  }

  get next(): number {
    return this.#next
  }
  get watchedHash(): string | undefined {
    return this.#watchedHash
  }
  /** At the log's end: the first event that misses something with nothing on record that says so. */
  get unexplained(): Fault | null {
    const seq = firstUnexplained(this.#backend, this.#unexplained, this.#next - 1)
    return seq === null
      ? null
      : { seq, message: "its payload was removed, and no event of the log says that it was erased" }
  }

  check(stored: StoredChunk): Fault | null {
    this.#stepBack(stored)
    const expected = this.#next
    if (stored.key > expected)
      return { seq: expected, message: `events ${expected} to ${stored.key - 1} are missing` }
    let at = expected
    try {
      if (stored.key < expected) return { seq: stored.key, message: "a second record holds the same events" }
      const chunk = new Chunk(stored.bytes)
      if (chunk.first !== stored.key)
        return {
          seq: expected,
          message: `in its place lies event ${chunk.first}: events were moved or exchanged`,
        }
      if (chunk.prevHash !== this.#prevHash)
        return { seq: expected, message: "it does not continue the event before it" }
      chunk.kinds()
      const entries: Array<Entry> = []
      for (let n = 0; n < chunk.count; n++) {
        at = chunk.first + n
        const entry = chunk.entry(n)
        const fault = this.#checkEntry(entry)
        if (fault !== null) return { seq: at, message: fault }
        entries.push(entry)
        this.#prevHash = entry.hash
        if (at === this.#watched) this.#watchedHash = entry.hash
      }
      at = chunk.first
      const again = encodeChunk(chunk.prevHash, entries)
      if (!again.equals(stored.bytes))
        return {
          seq: chunk.first + chunk.indexOfByte(firstDifference(again, stored.bytes)),
          message: "its stored bytes were changed",
        }
      for (const key of chunkTerms(chunk.first, entries))
        if (!this.#backend.hasTerm(key))
          return { seq: chunk.first, message: "the index does not lead to it: queries would miss it" }
      this.#next = chunk.last + 1
      return null
    } catch (error) {
      return { seq: at, message: messageOf(error) }
    }
  }

  /**
   * Small chunks may have been merged since the last one was checked: then a chunk begins before the next seq. It is
   * checked as a whole, from where it begins, if at the last seq it has the hash that was found there.
   */
  #stepBack(stored: StoredChunk): void {
    if (stored.key >= this.#next) return
    try {
      const chunk = new Chunk(stored.bytes)
      const known = this.#next - 1 - chunk.first
      if (chunk.first !== stored.key || chunk.last < this.#next || chunk.hash(known) !== this.#prevHash)
        return
      this.#next = chunk.first
      this.#prevHash = chunk.prevHash
    } catch {
      // Not readable: the check that follows says so.
    }
  }

  #checkEntry(entry: Entry): string | null {
    let payloadHash = entry.payload
    if (entry.place === inline) payloadHash = sha256(entry.payload)
    else if (entry.place === erased || this.#content(entry.payload, "payload") === null)
      this.#unexplained.add(entry.seq)
    const hash = chainHash({ ...entry, payloadHash, prevHash: this.#prevHash })
    if (hash !== entry.hash) return "its hash does not fit: header, payload or hash were changed"
    for (const blob of entry.blobs) if (this.#content(blob, "blob") === null) this.#unexplained.add(entry.seq)
    if (explaining.has(entry.type) && entry.place !== erased) {
      const text =
        entry.place === inline ? entry.payload : this.#content(entry.payload, "payload")?.toString()
      if (text !== undefined)
        for (const { from, to } of explainedBy(entry.type, text)) this.#unexplained.remove(from, to)
    }
    return null
  }

  #content(hash: string, what: string): Buffer | null {
    const bytes = this.#backend.blob(hash)
    if (bytes === undefined) throw new Error(`its ${what} ${hash} is missing`)
    return decodeBlob(hash, bytes)
  }
}

const firstDifference = (a: Buffer, b: Buffer): number => {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at
  return length
}
