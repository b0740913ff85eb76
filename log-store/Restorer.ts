/**
 * Writes events that already have their seq, id, time and hash into a store: import, recovery. Every event must
 * continue the chain, fit its hash and have its blobs at hand; what is written is byte for byte what the first writer wrote
 * (chunk boundaries apart). Invariant: after a failure the store holds a valid prefix.
 */
import { type Backend, emptyCommit } from "./Backend.ts"
import { decodeBlob, encodeBlob, eraseBlob, sideLimit } from "./blob.ts"
import { type Entry, inline, side } from "./chunk.ts"
import { sha256 } from "./canonical.ts"
import { type Line, LineError } from "./jsonl.ts"
import { Packer } from "./Packer.ts"
import {
  decodeHead,
  decodeTypes,
  emptyHead,
  encodeHead,
  headRecord,
  type StoredHead,
  typesRecord,
} from "./records.ts"

const commitEvents = 2048
const commitBytes = 16 * 2 ** 20

export class Restorer {
  readonly #backend: Backend
  readonly #types: Set<string>
  readonly #packer: Packer
  readonly #blobs = new Map<string, Buffer>()
  /** Contents that came before the event that brings them. */
  readonly #pending = new Map<string, Buffer | null>()
  #head: StoredHead
  #count = 0
  #bytes = 0

  constructor(backend: Backend) {
    this.#backend = backend
    const record = backend.record(headRecord)
    this.#head = (record === undefined ? undefined : decodeHead(record)) ?? emptyHead
    this.#types = new Set(decodeTypes(backend.record(typesRecord)))
    this.#packer = new Packer(this.#head.hash)
  }

  get head(): StoredHead {
    return this.#head
  }

  /** Takes a checked line. Throws `LineError` where it does not continue the log. */
  add(line: Line): void {
    if (line._tag === "blob") this.#pending.set(line.hash, line.content)
    else this.#addEvent(line.entry, line.prevHash)
  }

  /** The event that was due is there already: what came before it is of no use. */
  passOver(): void {
    this.#pending.clear()
  }

  #addEvent(entry: Entry, prevHash: string): void {
    const { seq } = entry
    const head = this.#head
    if (seq !== head.seq + 1) throw new LineError(`event ${seq} stands where event ${head.seq + 1} was due`)
    if (prevHash !== head.hash) throw new LineError(`event ${seq} does not continue event ${head.seq}`)
    if (head.id !== null && entry.id <= head.id)
      throw new LineError(`the id of event ${seq} is not above the one before it`)
    for (const hash of entry.blobs) this.#addBlob(hash, seq)
    this.#pending.clear()
    const large = entry.place === inline && Buffer.byteLength(entry.payload) > sideLimit
    const payload = large ? sha256(entry.payload) : entry.payload
    if (large && !this.#has(payload)) this.#putBlob(payload, encodeBlob(seq, Buffer.from(entry.payload)))
    this.#packer.add(large ? { ...entry, payload, place: side } : entry)
    this.#types.add(entry.type)
    const ms = Date.parse(entry.at)
    this.#head = {
      seq,
      hash: entry.hash,
      at: entry.at,
      id: entry.id,
      maxMs: Math.max(head.maxMs, ms),
      regression: ms < head.maxMs ? seq : head.regression,
    }
    this.#count++
    this.#bytes += entry.payload.length
  }

  #has(hash: string): boolean {
    return this.#blobs.has(hash) || this.#backend.blob(hash) !== undefined
  }
  #putBlob(hash: string, bytes: Buffer): void {
    this.#blobs.set(hash, bytes)
    this.#bytes += bytes.length
  }
  #addBlob(hash: string, seq: number): void {
    const content = this.#pending.get(hash)
    if (content === undefined) {
      if (!this.#has(hash)) throw new LineError(`blob ${hash} of event ${seq} is missing`)
    } else if (content === null) this.#putBlob(hash, eraseBlob(encodeBlob(seq, new Uint8Array())))
    else this.#putBlob(hash, encodeBlob(seq, content))
  }

  /** Content of a blob that was added; null where there is none. */
  content(hash: string): Buffer | null {
    const bytes = this.#blobs.get(hash) ?? this.#backend.blob(hash)
    return bytes === undefined ? null : decodeBlob(hash, bytes)
  }

  get isFull(): boolean {
    return this.#count >= commitEvents || this.#bytes >= commitBytes
  }

  /** Makes durable what was added. */
  async flush(): Promise<void> {
    if (this.#count === 0) return
    const { chunks, terms } = this.#packer.take()
    const blobs = [...this.#blobs].map(([hash, bytes]) => ({ hash, bytes }))
    const records = [
      { key: headRecord, value: encodeHead(this.#head) },
      { key: typesRecord, value: Buffer.from(JSON.stringify([...this.#types])) },
    ]
    this.#blobs.clear()
    this.#count = 0
    this.#bytes = 0
    await this.#backend.commit({ ...emptyCommit, chunks, terms, blobs, records })
  }
}
