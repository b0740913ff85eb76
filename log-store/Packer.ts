/**
 * Packs a growing run of chained entries into chunks and their index keys. A chunk is closed when it is full by
 * number or by text, and at the end of a commit. Invariant: the chunks hold exactly the entries added, in order.
 */
import { encodeChunk, type Entry, eventChars, maxChars, maxEvents } from "./chunk.ts"
import { chunkTerms } from "./terms.ts"

export interface PackedChunk {
  readonly first: number
  readonly bytes: Buffer
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
    if (this.#open.length >= maxEvents || this.#chars >= maxChars) this.#close()
  }

  #close(): void {
    if (this.#open.length === 0) return
    const first = this.#open[0]!.seq
    this.#chunks.push({ first, bytes: encodeChunk(this.#prevHash, this.#open) })
    for (const key of chunkTerms(first, this.#open)) this.#terms.push(key)
    this.#open = []
    this.#chars = 0
    this.#prevHash = this.#hash
  }

  /** What was packed since the last time. */
  take(): { readonly chunks: ReadonlyArray<PackedChunk>; readonly terms: ReadonlyArray<Buffer> } {
    this.#close()
    const taken = { chunks: this.#chunks, terms: this.#terms }
    this.#chunks = []
    this.#terms = []
    return taken
  }
}
