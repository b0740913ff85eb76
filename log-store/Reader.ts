/**
 * Finding and decoding stored events: by seq, by id, by time, and the newest of a correlation.
 * Invariants: ids grow with the seq (see `uuid7.ts`), so ids and times are found by bisection; every read is
 * synchronous and holds nothing afterwards; damage is thrown as `ReadError` with the first seq concerned.
 */
import type { Event } from "../src/domain/event.ts"
import type { Backend } from "./Backend.ts"
import { decodeBlob } from "./blob.ts"
import { Chunk, erased, type Upcast } from "./chunk.ts"
import { checksumFits } from "./chunkLayout.ts"
import { explaining } from "./explains.ts"
import { extendTail, mayGrow, type Tail } from "./Packer.ts"
import { decodeHead } from "./records.ts"
import { Sketches } from "./Sketches.ts"
import { term } from "./terms.ts"
import { isUuid7, timeOf } from "./uuid7.ts"

export class ReadError extends Error {
  readonly seq: number | null
  constructor(seq: number | null, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.seq = seq
  }
}

const termPage = 64
const linkPage = 4

const whole = (chunk: Chunk): Chunk => {
  if (!checksumFits(chunk.bytes))
    throw new Error(`what is stored of events ${chunk.first} to ${chunk.last} was changed`)
  return chunk
}

export class Reader {
  readonly #backend: Backend
  readonly #upcast: Upcast

  readonly sketches: Sketches

  constructor(backend: Backend, upcast: Upcast, sketches = new Sketches(backend)) {
    this.#backend = backend
    this.#upcast = upcast
    this.sketches = sketches
  }

  /** The chunk that holds `seq`. */
  chunkOf(seq: number): Chunk {
    return this.guard(seq, () => {
      const stored = this.#backend.chunkAt(seq)
      if (stored === undefined) throw new Error(`event ${seq} is missing`)
      const chunk = whole(new Chunk(stored.bytes))
      if (chunk.first !== stored.key || chunk.last < seq) throw new Error(`event ${seq} is missing`)
      return chunk
    })
  }
  /** Chunks from the one with key `key` on. */
  chunksFrom(key: number, maxBytes: number): ReadonlyArray<Chunk> {
    return this.guard(key, () =>
      this.#backend.chunksFrom(key, maxBytes).map((stored) => {
        const chunk = whole(new Chunk(stored.bytes))
        if (chunk.first !== stored.key) throw new Error(`a record at ${stored.key} says it is ${chunk.first}`)
        return chunk
      }),
    )
  }
  termSeqs(of: Buffer, from: number, to: number, limit: number, reverse: boolean): ReadonlyArray<number> {
    return this.guard(from, () => this.#backend.termSeqs(of, from, to, limit, reverse))
  }

  readonly #sidePayload = (hash: string): unknown => {
    const text = this.sideText(hash)
    return text === null ? undefined : JSON.parse(text)
  }
  /** JSON text of a payload in the side table; null where it was erased. */
  sideText(hash: string): string | null {
    const bytes = this.#backend.blob(hash)
    if (bytes === undefined) throw new Error(`the payload stored under ${hash} is missing`)
    return decodeBlob(hash, bytes)?.toString() ?? null
  }

  /** Content of a blob; null where there is none, or none any more. */
  blob(hash: string): Uint8Array | null {
    const bytes = /^[0-9a-f]{64}$/.test(hash) ? this.#backend.blob(hash) : undefined
    return bytes === undefined ? null : decodeBlob(hash, bytes)
  }

  events(chunk: Chunk): ReadonlyArray<Event> {
    return this.guard(chunk.first, () => chunk.events(this.#sidePayload, this.#upcast))
  }
  event(chunk: Chunk, n: number): Event {
    return this.guard(chunk.first + n, () => chunk.event(n, this.#sidePayload, this.#upcast))
  }

  get(seq: number): Event {
    const chunk = this.chunkOf(seq)
    return this.event(chunk, seq - chunk.first)
  }

  /** Whether events of this kind are shown otherwise than they are stored. */
  isOld(type: string, v: number): boolean {
    return this.#upcast(type, v) !== undefined
  }

  /** False where the payload was erased, or is the record of why others' are gone, which must stay. */
  isErasable(seq: number): boolean {
    const chunk = this.chunkOf(seq)
    const { place, type } = this.guard(seq, () => chunk.entry(seq - chunk.first))
    return place !== erased && !explaining.has(type)
  }

  /** Appended events as they are read: nothing is to be done but where a table says that their version is old. */
  upToDate(events: ReadonlyArray<Event>): ReadonlyArray<Event> {
    if (!events.some(({ type, v }) => this.isOld(type, v))) return events
    return events.map((event): Event => {
      const newer = this.#upcast(event.type, event.v)
      return newer === undefined
        ? event
        : ({ ...event, v: newer.v, payload: newer.up(event.payload) } as Event)
    })
  }

  /** The chunks at the end of the log that are not full, as far as they may be merged. */
  tail(head: Buffer | undefined): Tail | undefined {
    const last = (head === undefined ? undefined : decodeHead(head))?.seq ?? 0
    const small: Array<Chunk> = []
    let events = 0
    let bytes = 0
    for (let at = last; at > 0; at = small.at(-1)!.first - 1) {
      const chunk = this.chunkOf(at)
      events += chunk.count
      bytes += chunk.bytes.length
      if (!mayGrow(events, bytes)) break
      small.push(chunk)
    }
    let tail: Tail | undefined
    for (const chunk of small.reverse())
      tail = extendTail(
        tail,
        chunk.prevHash,
        this.guard(chunk.first, () => chunk.entries()),
      )
    return tail
  }

  /** First seq up to `last` whose id is not below `id`; `last + 1` if there is none. */
  #firstFrom(last: number, reaches: (id: string) => boolean): number {
    let low = 1
    let high = last + 1
    while (low < high) {
      const mid = (low + high) >>> 1
      const chunk = this.chunkOf(mid)
      if (reaches(chunk.id(chunk.count - 1))) {
        // The answer is in this chunk or before it.
        if (chunk.first <= low || !reaches(chunk.id(0))) {
          for (let n = Math.max(low - chunk.first, 0); n < chunk.count; n++)
            if (reaches(chunk.id(n))) return chunk.first + n
        }
        high = chunk.first
      } else low = chunk.last + 1
    }
    return low
  }
  seqOfId(id: string, last: number): number | null {
    if (!isUuid7(id) || last === 0) return null
    const seq = this.#firstFrom(last, (other) => other >= id)
    if (seq > last) return null
    const chunk = this.chunkOf(seq)
    return chunk.id(seq - chunk.first) === id ? seq : null
  }
  /** A seq before which every event is earlier than `ms`. */
  firstAt(ms: number, last: number): number {
    return this.#firstFrom(last, (id) => timeOf(id) >= ms)
  }

  /** What leads from an event to those it caused. */
  links(seq: number): { readonly id: string; readonly correlationId: string | null } {
    const chunk = this.chunkOf(seq)
    const n = seq - chunk.first
    return { id: chunk.id(n), correlationId: this.guard(seq, () => chunk.kinds()).k?.[n] ?? null }
  }

  /** First seq behind `after`, up to `last`, of an event with this causation or correlation; 0 if there is none. */
  nextOf(link: "causation" | "correlation", id: string, after: number, last: number): number {
    const find = (chunk: Chunk): number => {
      const kinds = this.guard(chunk.first, () => chunk.kinds())
      const from = Math.max(after + 1 - chunk.first, 0)
      const n = (link === "causation" ? kinds.c : kinds.k)?.indexOf(id, from) ?? -1
      return n < 0 || chunk.first + n > last ? 0 : chunk.first + n
    }
    // The chunk that holds `after` is looked at whatever the index says: see `terms.ts`.
    const here = this.chunkOf(after)
    const found = find(here)
    if (found > 0) return found
    const of = term(link, id)
    for (let from = here.last + 1; from <= last;) {
      const seqs = this.termSeqs(of, from, last, linkPage, false)
      for (const seq of seqs) {
        const next = find(this.chunkOf(seq))
        if (next > 0) return next
      }
      if (seqs.length < linkPage) return 0
      from = seqs.at(-1)! + 1
    }
    return 0
  }

  /** The chunk among whose ids this one lies, whether an event has it or not; what it caused there has no key. */
  chunkAround(id: string, last: number): Chunk | undefined {
    if (!isUuid7(id) || last === 0) return undefined
    const seq = this.#firstFrom(last, (other) => other >= id)
    if (seq > last) return undefined
    const chunk = this.chunkOf(seq)
    return chunk.id(0) <= id ? chunk : undefined
  }

  lastOfCorrelation(correlationId: string, last: number): number {
    const of = term("correlation", correlationId)
    for (let to = last; to > 0;) {
      const seqs = this.termSeqs(of, 1, to, termPage, true)
      for (const seq of seqs) {
        const chunk = this.chunkOf(seq)
        const ids = this.guard(seq, () => chunk.kinds()).k
        const n = ids?.lastIndexOf(correlationId) ?? -1
        if (n >= 0) return chunk.first + n
      }
      if (seqs.length < termPage) return 0
      to = seqs[seqs.length - 1]! - 1
    }
    return 0
  }

  guard<A>(seq: number | null, body: () => A): A {
    try {
      return body()
    } catch (error) {
      throw error instanceof ReadError ? error : new ReadError(seq, error)
    }
  }
}
