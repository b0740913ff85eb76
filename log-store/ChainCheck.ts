/**
 * Checks stored chunks one after another: every link of the chain, every payload and blob against its hash, every
 * byte of a chunk against what its events encode to, and the index entries that lead to it. A chunk in which all is
 * well costs little more than the hashing; one in which it may not be is gone through event by event, to name the fault.
 * Invariants: constant memory (but for ranges of payloads that are gone and not yet explained); the first fault found is
 * the first in seq order; it trusts nothing of the store but the bytes themselves.
 */
import type { Backend, StoredChunk } from "./Backend.ts"
import { decodeBlob } from "./blob.ts"
import { chainHash, sha256 } from "./canonical.ts"
import { Chunk, encodeChunk, type Entry, erased, inline } from "./chunk.ts"
import { isExact } from "./chunkExact.ts"
import { idBytes, isChecksum, type Layout, readLayout, side } from "./chunkLayout.ts"
import { linksHold } from "./chunkLinks.ts"
import { parseTables, type Tables } from "./chunkTables.ts"
import { explainedBy, explaining } from "./explains.ts"
import { eachKey, type IndexCheck } from "./IndexCheck.ts"
import { type SeqRange, SeqRanges } from "./SeqRanges.ts"
import { chunkTerms, keyBytes, KnownTerms } from "./terms.ts"

export interface Fault {
  readonly seq: number
  readonly message: string
}

/** Where a check begins: behind the event before `first`, whose hash is `prevHash`, in the chunk behind `lastKey`. */
export interface Start {
  readonly first: number
  readonly prevHash: string
  readonly lastKey: number
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export class ChainCheck {
  readonly #backend: Backend
  readonly #index: IndexCheck
  readonly #terms = new KnownTerms()
  readonly #key = Buffer.alloc(keyBytes)
  /** Seqs of which something is gone, their payload or a blob, and that no event has explained so far. */
  readonly #unexplained = new SeqRanges()
  /** What was explained of the events before the start. */
  readonly #explained = new SeqRanges()
  readonly #first: number
  readonly #watched: number
  #watchedHash: string | undefined
  #next: number
  #prevHash: string
  #lastKey: number

  /** Remembers the hash found at `watched`. */
  constructor(backend: Backend, start: Start, watched: number, index: IndexCheck = eachKey(backend)) {
    this.#backend = backend
    this.#index = index
    this.#watched = watched
    this.#first = this.#next = start.first
    this.#prevHash = start.prevHash
    this.#lastKey = start.lastKey
  }

  get next(): number {
    return this.#next
  }
  /** Key of the chunk checked last: no other may begin between it and `next`. */
  get lastKey(): number {
    return this.#lastKey
  }
  get watchedHash(): string | undefined {
    return this.#watchedHash
  }
  get unexplained(): SeqRanges {
    return this.#unexplained
  }
  get explained(): SeqRanges {
    return this.#explained
  }

  check(stored: StoredChunk): Fault | null {
    this.#stepBack(stored)
    const expected = this.#next
    if (stored.key > expected)
      return { seq: expected, message: `events ${expected} to ${stored.key - 1} are missing` }
    const fault = stored.key === expected && this.#isWell(stored) ? null : this.#look(stored)
    if (fault === null) this.#lastKey = stored.key
    return fault
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

  /** True where all of the chunk is well, and then it is behind us; else nothing has changed that counts twice. */
  #isWell({ key, bytes }: StoredChunk): boolean {
    try {
      const chunk = new Chunk(bytes)
      const layout = readLayout(bytes)!
      if (chunk.first !== key || chunk.prevHash !== this.#prevHash) return false
      const text = bytes.toString("utf8", layout.tables, layout.payloads)
      const tables = parseTables(text, layout.count)
      if (!isExact(bytes, layout, text, tables) || !linksHold(bytes, layout, tables)) return false
      const gone: Array<number> = []
      for (const [n, place] of Object.entries(tables.p ?? {}))
        if (
          place === erased ||
          (place === side && this.#content(chunk.payloadText(Number(n)).slice(1, -1), "payload") === null)
        )
          gone.push(chunk.first + Number(n))
      for (const [n, blobs] of Object.entries(tables.b ?? {}))
        for (const blob of blobs) if (this.#content(blob, "blob") === null) gone.push(chunk.first + Number(n))
      for (const seq of gone) this.#unexplained.add(seq)
      this.#takeExplanations(chunk, tables)
      if (!this.#terms.each(storedTerms(layout, tables, bytes, key), this.#key, this.#index.take))
        return false
      this.#pass(chunk)
      return true
    } catch {
      return false
    }
  }

  #takeExplanations(chunk: Chunk, tables: Tables): void {
    if (!tables.h.some(([type]) => explaining.has(type))) return
    for (let n = 0; n < chunk.count; n++) {
      const [type] = tables.h[chunk.kinds().i[n]!]!
      if (explaining.has(type)) this.#explain(chunk.entry(n))
    }
  }

  #pass(chunk: Chunk): void {
    if (this.#watched >= chunk.first && this.#watched <= chunk.last)
      this.#watchedHash = chunk.hash(this.#watched - chunk.first)
    this.#prevHash = chunk.hash(chunk.count - 1)
    this.#next = chunk.last + 1
  }

  /** Event by event. */
  #look(stored: StoredChunk): Fault | null {
    const expected = this.#next
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
        const fault = this.#checkEntry(entry, n === 0 ? this.#prevHash : entries[n - 1]!.hash)
        if (fault !== null) return { seq: at, message: fault }
        entries.push(entry)
      }
      at = chunk.first
      const again = encodeChunk(chunk.prevHash, entries)
      if (!again.equals(stored.bytes))
        return {
          seq: chunk.first + chunk.indexOfByte(firstDifference(again, stored.bytes)),
          message: "its stored bytes were changed",
        }
      for (const key of chunkTerms(chunk.first, entries))
        if (!this.#index.take(key))
          return { seq: chunk.first, message: "the index does not lead to it: queries would miss it" }
      this.#pass(chunk)
      return null
    } catch (error) {
      return { seq: at, message: messageOf(error) }
    }
  }

  #checkEntry(entry: Entry, prevHash: string): string | null {
    let payloadHash = entry.payload
    if (entry.place === inline) payloadHash = sha256(entry.payload)
    else if (entry.place === erased || this.#content(entry.payload, "payload") === null)
      this.#unexplained.add(entry.seq)
    const hash = chainHash({ ...entry, payloadHash, prevHash })
    if (hash !== entry.hash) return "its hash does not fit: header, payload or hash were changed"
    for (const blob of entry.blobs) if (this.#content(blob, "blob") === null) this.#unexplained.add(entry.seq)
    if (explaining.has(entry.type)) this.#explain(entry)
    return null
  }

  #explain(entry: Entry): void {
    if (entry.place === erased) return
    const text = entry.place === inline ? entry.payload : this.#content(entry.payload, "payload")?.toString()
    if (text !== undefined) this.explain(explainedBy(entry.type, text))
  }

  /** An event on record says where these payloads went. */
  explain(ranges: ReadonlyArray<SeqRange>): void {
    for (const { from, to } of ranges) {
      this.#unexplained.remove(from, to)
      this.#explained.add(from, Math.min(to, this.#first - 1))
    }
  }

  #content(hash: string, what: string): Buffer | null {
    const bytes = this.#backend.blob(hash)
    if (bytes === undefined) throw new Error(`its ${what} ${hash} is missing`)
    return decodeBlob(hash, bytes)
  }
}

const storedTerms = ({ count, ids, kinds }: Layout, tables: Tables, bytes: Buffer, first: number) => ({
  first,
  types: [...new Set(tables.h.map(([type]) => type))],
  workspaces: tables.w ?? [],
  correlations: tables.k ?? [],
  texts: tables.c ?? [],
  bytes,
  links: ids + count * idBytes,
  linksEnd: kinds,
})

/** The checksum differs wherever anything does, and counts only where nothing else does. */
const firstDifference = (a: Buffer, b: Buffer): number => {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) if (a[at] !== b[at] && !isChecksum(at)) return at
  return 0
}
