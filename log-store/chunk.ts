/**
 * A stored chunk, read in place (see `chunkLayout.ts`). The constructor checks that its parts fit; what they say is
 * checked by `verify`. Invariant: a payload's bytes can be sliced out and hashed without parsing; nothing here does IO.
 */
import type { Event } from "../src/domain/event.ts"
import {
  asciiFlag,
  causationFlag,
  ChunkError,
  correlationFlag,
  type Entry,
  fixedBytes,
  hashBytes,
  idBytes,
  inline,
  type Kind,
  type Layout,
  type Place,
  readLayout,
  side,
} from "./chunkLayout.ts"
import { parseJson, type ReadTables, readTables } from "./chunkTables.ts"
import { PlainEvent } from "./PlainEvent.ts"
import { idChars, idsText, rowChars, rowsText } from "./rowTexts.ts"

export { type Entry, erased, inline, type Place, side } from "./chunkLayout.ts"
export { encodeChunk } from "./encodeChunk.ts"

/** What the events of a chunk are, column by column. */
export interface Kinds {
  /** Distinct kinds, and for each event its index among them. */
  readonly h: ReadonlyArray<Kind>
  readonly i: Uint8Array
  /** Causation and correlation ids, where there are any; `undefined` where the column says nothing that could be. */
  readonly c: ReadonlyArray<string | null | undefined> | undefined
  readonly k: ReadonlyArray<string | null | undefined> | undefined
  /** Places that are not inline, and blobs, by index. */
  readonly p: Readonly<Record<string, Place>> | undefined
  readonly b: Readonly<Record<string, ReadonlyArray<string>>> | undefined
}

export type SidePayload = (hash: string) => unknown
/** For a type and a version that is not the newest: the newest version and how to get there. */
export type Upcast = (
  type: string,
  v: number,
) => { readonly v: number; readonly up: (payload: unknown) => unknown } | undefined

export class Chunk {
  readonly first: number
  readonly count: number
  readonly bytes: Buffer
  readonly #layout: Layout
  #tables: ReadTables | undefined
  #kinds: Kinds | undefined
  #hashes: string | undefined
  #rows: string | undefined
  #links: string | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
    const layout = readLayout(bytes)
    if (layout === undefined) throw new ChunkError("the record is no chunk of events")
    if (layout.length !== bytes.length) throw new ChunkError("the parts of the chunk do not fit its length")
    this.#layout = layout
    this.count = layout.count
    this.first = bytes.readUInt32LE(4)
  }

  get last(): number {
    return this.first + this.count - 1
  }
  get prevHash(): string {
    return this.bytes.toString("hex", 16, 48)
  }
  /** The same as bytes: a leaf of the Merkle tree. */
  leaf(n: number): Buffer {
    return this.bytes.subarray(fixedBytes + hashBytes * n, fixedBytes + hashBytes * (n + 1))
  }
  hash(n: number): string {
    this.#hashes ??= this.bytes.toString("hex", fixedBytes, fixedBytes + hashBytes * this.count)
    return this.#hashes.substring(n * 64, n * 64 + 64)
  }
  id(n: number): string {
    return idsText(this.bytes, this.#layout.ids + n * idBytes, 1)
  }
  at(n: number): string {
    return this.#row(n).substring(idChars)
  }
  /** True where every byte of the payloads is one character. */
  get ascii(): boolean {
    return (this.bytes[1]! & asciiFlag) !== 0
  }
  /** The payloads as they lie in the chunk: the UTF-8 bytes of `payloadsText`. A view, to be read only. */
  get payloadBytes(): Buffer {
    return this.bytes.subarray(this.#layout.payloads)
  }
  /** All payloads as one JSON text; for looking whether a text occurs at all. */
  get payloadsText(): string {
    return this.#text(this.#layout.payloads, this.bytes.length)
  }

  entry(n: number): Entry {
    const { places, blobs } = this.#readTables()
    const [type, v, workspace, actor, trust] = this.#kind(n)
    const place = places?.[n] ?? inline
    const text = this.payloadText(n)
    return {
      seq: this.first + n,
      id: this.id(n),
      at: this.at(n),
      type,
      v,
      workspace,
      actor,
      trust,
      causationId: known(this.#causation(n)),
      correlationId: known(this.#correlation(n)),
      payload: place === inline ? text : text.slice(1, -1),
      place,
      blobs: blobs?.[n] ?? [],
      hash: this.hash(n),
    }
  }
  entries(): Array<Entry> {
    this.#allRows()
    return Array.from({ length: this.count }, (_, n) => this.entry(n))
  }

  event(n: number, sidePayload: SidePayload, upcast: Upcast): Event {
    const payload: unknown = parseJson(this.payloadText(n))
    const prev = n === 0 ? this.prevHash : this.leaf(n - 1).toString("hex", 0, hashBytes)
    const hash = this.#hashes === undefined ? this.leaf(n).toString("hex", 0, hashBytes) : this.hash(n)
    return this.#event(n, this.#row(n), 0, payload, prev, hash, sidePayload, upcast)
  }

  events(sidePayload: SidePayload, upcast: Upcast): Array<Event> {
    const payloads = parseJson(this.payloadsText) as ReadonlyArray<unknown>
    if (!Array.isArray(payloads) || payloads.length !== this.count)
      throw new ChunkError("the payloads of the chunk cannot be read")
    const rows = this.#allRows()
    const out: Array<Event> = []
    let prev = this.prevHash
    for (let n = 0; n < this.count; n++) {
      const hash = this.hash(n)
      out.push(this.#event(n, rows, n * rowChars, payloads[n], prev, hash, sidePayload, upcast))
      prev = hash
    }
    return out
  }

  kinds(): Kinds {
    return (this.#kinds ??= this.#readKinds())
  }

  /** Index of the event that a byte of the chunk belongs to; the first for what belongs to all. */
  indexOfByte(position: number): number {
    const { ids, kinds, causations, correlations, ends, endWidth, tables, payloads } = this.#layout
    const within = (from: number, width: number) =>
      Math.min(Math.floor((position - from) / width), this.count - 1)
    if (position < fixedBytes || (position >= tables && position < payloads)) return 0
    if (position < ids) return within(fixedBytes, hashBytes)
    if (position < kinds) return position < ids + idBytes * this.count ? within(ids, idBytes) : 0
    if (position < causations) return within(kinds, 1)
    if (position < correlations) return within(causations, 2)
    if (position < ends) return within(correlations, 1)
    if (position < tables) return within(ends, endWidth)
    let n = 0
    while (n < this.count - 1 && this.#end(n) < position - payloads) n++
    return n
  }

  /** Exact JSON text of a payload. */
  payloadText(n: number): string {
    const { payloads } = this.#layout
    const from = n === 0 ? 1 : this.#end(n - 1) + 1
    const to = this.#end(n)
    if (from > to || payloads + to >= this.bytes.length)
      throw new ChunkError("a payload lies outside its chunk")
    return this.#text(payloads + from, payloads + to)
  }

  #end(n: number): number {
    const { ends, endWidth } = this.#layout
    return endWidth === 2 ? this.bytes.readUInt16LE(ends + 2 * n) : this.bytes.readUInt32LE(ends + 4 * n)
  }

  #text(from: number, to: number): string {
    return this.ascii ? this.bytes.toString("latin1", from, to) : this.bytes.toString("utf8", from, to)
  }

  #readTables(): ReadTables {
    const { tables, payloads } = this.#layout
    return (this.#tables ??= readTables(this.bytes.toString("utf8", tables, payloads), this.count))
  }

  #allRows(): string {
    return (this.#rows ??= rowsText(this.bytes, this.#layout.ids, this.count, this.#readTables().times))
  }

  /** Id and time of an event, one behind the other. */
  #row(n: number): string {
    if (this.#rows !== undefined) return this.#rows.substring(n * rowChars, (n + 1) * rowChars)
    const { times } = this.#readTables()
    return rowsText(this.bytes, this.#layout.ids + n * idBytes, 1, times === undefined ? times : [times[n]!])
  }

  #readKinds(): Kinds {
    const { count, kinds, causations } = this.#layout
    const tables = this.#readTables()
    const column = <A>(flag: number, at: (n: number) => A): ReadonlyArray<A> | undefined =>
      (this.bytes[1]! & flag) === 0 ? undefined : Array.from({ length: count }, (_, n) => at(n))
    const causationsOf = () => column(causationFlag, (n) => this.#causation(n))
    const correlationsOf = () => column(correlationFlag, (n) => this.#correlation(n))
    let c: Kinds["c"]
    let k: Kinds["k"]
    return {
      h: tables.kinds,
      i: this.bytes.subarray(kinds, causations),
      get c() {
        return (c ??= causationsOf())
      },
      get k() {
        return (k ??= correlationsOf())
      },
      p: tables.places,
      b: tables.blobs,
    }
  }

  #causation(n: number): string | null | undefined {
    const { bytes } = this
    if ((bytes[1]! & causationFlag) === 0) return null
    const { count, ids, kinds, causations } = this.#layout
    const at = causations + 2 * n
    const place = (bytes[at]! | (bytes[at + 1]! << 8)) - 1
    if (place < 0) return null
    const all = (kinds - ids) / idBytes
    if (place >= all) return this.#readTables().causations[place - all]
    // Where all rows are wanted, so are the links.
    if (this.#rows === undefined) return idsText(bytes, ids + place * idBytes, 1)
    if (place < count) return this.#rows.substring(place * rowChars, place * rowChars + idChars)
    this.#links ??= idsText(bytes, ids + count * idBytes, all - count)
    return this.#links.substring((place - count) * idChars, (place - count + 1) * idChars)
  }

  #correlation(n: number): string | null | undefined {
    if ((this.bytes[1]! & correlationFlag) === 0) return null
    const place = this.bytes[this.#layout.correlations + n]!
    return place === 0 ? null : this.#readTables().correlations[place - 1]
  }

  #kind(n: number): Kind {
    return known(this.#readTables().kinds[this.bytes[this.#layout.kinds + n]!])
  }

  #event(
    n: number,
    rows: string,
    row: number,
    stored: unknown,
    prevHash: string,
    hash: string,
    sidePayload: SidePayload,
    upcast: Upcast,
  ): Event {
    const kind = this.#kind(n)
    const type = kind[0]
    const v = kind[1]
    const { places } = this.#readTables()
    const place = places === undefined ? inline : (places[n] ?? inline)
    let payload = place === inline ? stored : place === side ? sidePayload(stored as string) : undefined
    const gone = payload === undefined
    const newer = gone ? undefined : upcast(type, v)
    if (newer !== undefined) payload = newer.up(payload)
    const event = new PlainEvent(
      this.first + n,
      rows.substring(row, row + idChars),
      rows.substring(row + idChars, row + rowChars),
      type,
      newer === undefined ? v : newer.v,
      kind[2],
      kind[3],
      kind[4],
      known(this.#causation(n)),
      known(this.#correlation(n)),
      gone ? null : payload,
      prevHash,
      hash,
    )
    return gone ? { ...event, erased: true } : event
  }
}

const known = <A>(value: A | undefined): A => {
  if (value === undefined) throw new ChunkError("the event's header cannot be read")
  return value
}
