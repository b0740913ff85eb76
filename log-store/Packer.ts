/**
 * Packs a growing run of chained entries into chunks and their index keys. A chunk is closed when it is full by number
 * or by bytes, and at the end of a commit. A log that grows an event at a time would be all small chunks, so those at its
 * end (`Tail`) are put together once they add up, and filled up from what comes then: the log ends as dense as one
 * that was written at once. Invariant: the chunks hold exactly the entries added, in order; merging changes no entry.
 */
import { type Entry, inline, maxBytes, maxEvents } from "./chunkLayout.ts"
import { encodeChunk } from "./encodeChunk.ts"
import { chunkTerms } from "./terms.ts"

/** Small chunks are merged when they hold this many events together. */
const mergeAt = 32
/** A commit with as much as this is left as it is. */
const large = maxBytes / 2
/** A chunk with less is filled up from what comes. */
const nearlyFull = 0.97 * maxBytes

const fixedGuess = 250
const kindGuess = 90
const rowBytes = 52
const causationBytes = 18

export interface PackedChunk {
  readonly first: number
  readonly bytes: Buffer
}

/** The chunks at the end of the log that are not full, all in a row; the first one may be what others were merged to. */
export interface Tail {
  readonly prevHash: string
  readonly chunks: ReadonlyArray<ReadonlyArray<Entry>>
  /** Events behind the first one's, or its own as long as it is small. */
  readonly loose: number
  readonly events: number
  readonly bytes: number
}

export interface Packed {
  readonly chunks: ReadonlyArray<PackedChunk>
  readonly terms: ReadonlyArray<Buffer>
  /** Keys of chunks and terms that were merged into others. */
  readonly mergedChunks: ReadonlyArray<number>
  readonly mergedTerms: ReadonlyArray<Buffer>
  readonly tail: Tail | undefined
}

/** About what an entry takes in a chunk besides what it shares with others. */
const entryBytes = (e: Entry): number =>
  e.payload.length +
  rowBytes +
  (e.causationId === null ? 0 : causationBytes) +
  (e.correlationId === null ? 0 : e.correlationId.length + 6) +
  (e.place === inline && e.blobs.length === 0 ? 0 : 16 + 70 * e.blobs.length)

/** Counts what the entries of one chunk take. */
class Measure {
  #types = new Set<string>()
  bytes = fixedGuess
  events = 0

  add(e: Entry): void {
    this.bytes += entryBytes(e)
    this.events++
    if (this.#types.has(e.type)) return
    this.#types.add(e.type)
    this.bytes += kindGuess
  }
  fits(e: Entry): boolean {
    return this.events === 0 || (this.events < maxEvents && this.bytes + entryBytes(e) <= maxBytes)
  }
}

/** Whether a chunk with so many events and bytes is one that others may be added to. */
export const mayGrow = (events: number, bytes: number): boolean => events < maxEvents && bytes < nearlyFull

/** The tail with one more chunk; none where the chunk needs nothing more. */
export const extendTail = (
  tail: Tail | undefined,
  prevHash: string,
  entries: ReadonlyArray<Entry>,
): Tail | undefined => {
  const count = entries.length
  const added = entries.reduce((sum, e) => sum + entryBytes(e), 0)
  if (tail === undefined) {
    const bytes = added + fixedGuess + 4 * kindGuess
    if (!mayGrow(count, bytes)) return undefined
    return { prevHash, chunks: [entries], loose: count < mergeAt ? count : 0, events: count, bytes }
  }
  return {
    prevHash: tail.prevHash,
    chunks: [...tail.chunks, entries],
    loose: tail.loose + count,
    events: tail.events + count,
    bytes: tail.bytes + added,
  }
}

export class Packer {
  #chunks: Array<PackedChunk> = []
  #terms: Array<Buffer> = []
  #open: Array<Entry> = []
  #measure = new Measure()
  #prevHash: string
  #hash: string

  /** `prevHash`: hash of the event before the first. */
  constructor(prevHash: string) {
    this.#prevHash = this.#hash = prevHash
  }

  add(entry: Entry): void {
    if (!this.#measure.fits(entry)) this.#close()
    this.#open.push(entry)
    this.#measure.add(entry)
    this.#hash = entry.hash
  }

  #close(): void {
    this.#emit(this.#prevHash, this.#open)
    this.#open = []
    this.#measure = new Measure()
    this.#prevHash = this.#hash
  }

  #emit(prevHash: string, entries: ReadonlyArray<Entry>): void {
    const first = entries[0]!.seq
    this.#chunks.push({ first, bytes: encodeChunk(prevHash, entries) })
    for (const key of chunkTerms(first, entries)) this.#terms.push(key)
  }

  /** Packs a run of entries anew; gives the last chunk's, which may not be full, and the hash before them. */
  #repack(prevHash: string, entries: ReadonlyArray<Entry>) {
    let before = prevHash
    let start = 0
    let measure = new Measure()
    for (let n = 0; n < entries.length; n++) {
      if (!measure.fits(entries[n]!)) {
        this.#emit(before, entries.slice(start, n))
        before = entries[n - 1]!.hash
        start = n
        measure = new Measure()
      }
      measure.add(entries[n]!)
    }
    const last = entries.slice(start)
    this.#emit(before, last)
    return { before, last }
  }

  /** What was packed since the last time, merged with the chunks before it where they add up. */
  take(before?: Tail): Packed {
    const entries = this.#open
    const alone = this.#chunks.length > 0 || this.#measure.bytes >= large
    const own = this.#prevHash
    let tail: Tail | undefined
    let merged: Tail | undefined
    if (entries.length === 0) tail = this.#chunks.length === 0 ? before : undefined
    else if (alone) {
      this.#close()
      tail = extendTail(undefined, own, entries)
    } else {
      tail = extendTail(before, own, entries)!
      this.#open = []
      this.#measure = new Measure()
      this.#prevHash = this.#hash
      if (tail.chunks.length > 1 && (tail.loose >= mergeAt || !mayGrow(tail.events, tail.bytes))) {
        merged = tail
        const { before: prevHash, last } = this.#repack(tail.prevHash, tail.chunks.flat())
        tail = extendTail(undefined, prevHash, last)
        if (tail !== undefined) tail = { ...tail, loose: 0 }
      } else this.#emit(own, entries)
    }
    // Small ones that nothing will be added to any more.
    if (merged === undefined && alone && before !== undefined && before.chunks.length > 1) {
      merged = before
      this.#repack(before.prevHash, before.chunks.flat())
    }
    if (merged !== undefined) this.#chunks.sort((a, b) => a.first - b.first)
    const packed: Packed = {
      chunks: this.#chunks,
      terms: this.#terms,
      ...this.#removed(merged, entries),
      tail,
    }
    this.#chunks = []
    this.#terms = []
    return packed
  }

  /** Keys that are in the store for merged chunks and are not written anew. */
  #removed(merged: Tail | undefined, entries: ReadonlyArray<Entry>) {
    if (merged === undefined) return { mergedChunks: [], mergedTerms: [] }
    const written = new Set(this.#chunks.map(({ first }) => first))
    const stored = merged.chunks.filter((list) => list !== entries)
    const firsts = stored.map((list) => list[0]!.seq)
    const kept = new Set(this.#terms.map((key) => key.toString("latin1")))
    return {
      mergedChunks: firsts.filter((first) => !written.has(first)),
      mergedTerms: stored
        .flatMap((list) => chunkTerms(list[0]!.seq, list))
        .filter((key) => !kept.has(key.toString("latin1"))),
    }
  }
}
