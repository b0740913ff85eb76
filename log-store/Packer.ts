/**
 * Packs a growing run of chained entries into chunks and their index keys. A chunk is closed when it is full by
 * number or by text, and at the end of a commit. A log that grows an event at a time would be all small chunks, so
 * the small ones at its end (`Tail`) are put together once they add up: each event is written twice at most.
 * Invariant: the chunks hold exactly the entries added, in order; merging changes no entry.
 */
import { encodeChunk, type Entry, eventChars, maxChars, maxEvents } from "./chunk.ts"
import { chunkTerms } from "./terms.ts"

/** Small chunks are merged when they hold this many events together. */
export const mergeAt = 32

export interface PackedChunk {
  readonly first: number
  readonly bytes: Buffer
}

/** The small chunks at the end of the log, all in a row. */
export interface Tail {
  readonly prevHash: string
  readonly chunks: ReadonlyArray<ReadonlyArray<Entry>>
  readonly events: number
  readonly chars: number
}

export interface Packed {
  readonly chunks: ReadonlyArray<PackedChunk>
  readonly terms: ReadonlyArray<Buffer>
  /** Keys of chunks and terms that were merged into others. */
  readonly mergedChunks: ReadonlyArray<number>
  readonly mergedTerms: ReadonlyArray<Buffer>
  readonly tail: Tail | undefined
}

export const charsOf = (entries: ReadonlyArray<Entry>): number => {
  let chars = 0
  for (const entry of entries) chars += entry.payload.length + eventChars
  return chars
}

/** The tail with one more chunk, if they may be merged one day. */
export const extendTail = (tail: Tail | undefined, prevHash: string, entries: ReadonlyArray<Entry>): Tail => {
  const chars = charsOf(entries)
  return tail === undefined || tail.chars + chars > maxChars
    ? { prevHash, chunks: [entries], events: entries.length, chars }
    : {
        prevHash: tail.prevHash,
        chunks: [...tail.chunks, entries],
        events: tail.events + entries.length,
        chars: tail.chars + chars,
      }
}

export class Packer {
  #chunks: Array<PackedChunk> = []
  #terms: Array<Buffer> = []
  #open: Array<Entry> = []
  #chars = 0
  #prevHash: string
  #hash: string

  /** `prevHash`: hash of the event before the first. */
  constructor(prevHash: string) {
    this.#prevHash = this.#hash = prevHash
  }

  add(entry: Entry): void {
    this.#open.push(entry)
    this.#chars += entry.payload.length + eventChars
    this.#hash = entry.hash
    if (this.#open.length >= maxEvents || this.#chars >= maxChars) this.#close(this.#prevHash, this.#open)
  }

  #close(prevHash: string, entries: ReadonlyArray<Entry>): void {
    const first = entries[0]!.seq
    this.#chunks.push({ first, bytes: encodeChunk(prevHash, entries) })
    for (const key of chunkTerms(first, entries)) this.#terms.push(key)
    this.#open = []
    this.#chars = 0
    this.#prevHash = this.#hash
  }

  /** What was packed since the last time, merged with the small chunks before it where they add up. */
  take(before?: Tail): Packed {
    const entries = this.#open
    const small = this.#chunks.length === 0 && entries.length > 0 && entries.length < mergeAt
    const tail = small
      ? extendTail(before, this.#prevHash, entries)
      : entries.length === 0
        ? before
        : undefined
    const merges = small && tail !== undefined && tail.chunks.length > 1 && tail.events >= mergeAt
    if (merges) this.#close(tail.prevHash, tail.chunks.flat())
    else if (entries.length > 0) this.#close(this.#prevHash, entries)
    const merged = merges ? tail.chunks.slice(1, -1) : []
    const packed: Packed = {
      chunks: this.#chunks,
      terms: this.#terms,
      mergedChunks: merged.map((list) => list[0]!.seq),
      mergedTerms: merged.flatMap((list) => chunkTerms(list[0]!.seq, list)),
      tail: merges || this.#chunks.length > 1 ? undefined : tail,
    }
    this.#chunks = []
    this.#terms = []
    return packed
  }
}
