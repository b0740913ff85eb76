/**
 * How events lie in the store: neighbours of one commit are packed into a chunk, so that a thousand events cost a
 * few records instead of a thousand. Columns, little-endian:
 *   u8 format=1 | u8 payloads are ASCII | u16 count | u32 first seq | u32 bytes of `kinds` | u32 bytes of `payloads` | 32 prevHash
 *   count x 32 hash | count x 60 (id 36, at 24) | count x u32 end of payload | kinds JSON | payloads JSON array
 * Invariants: encoding is a function of the entries (decode and encode gives the same bytes, which `verify`
 * relies on); a payload's bytes can be sliced out and hashed without parsing; nothing here does IO.
 */
import type { Event } from "../src/domain/event.ts"
import { PlainEvent } from "./PlainEvent.ts"

const chunkFormat = 1
const fixed = 48
const rowBytes = 60
const idBytes = 36
export const maxEvents = 96
/** About; larger records than 32 KiB cost LMDB's binding a buffer of their own on each read. */
export const maxChars = 28 * 1024
/** What an event takes in a chunk besides its payload, about. */
export const eventChars = 96

/** Where a payload is: in the chunk, in the side table under its hash, or erased (only its hash is left). */
export type Place = 0 | 1 | 2
export const inline: Place = 0
export const side: Place = 1
export const erased: Place = 2

/** An event as it is stored. `payload` is its JSON text, or its hash where it is not inline. */
export interface Entry {
  readonly seq: number
  readonly id: string
  readonly at: string
  readonly type: string
  readonly v: number
  readonly workspace: string | null
  readonly actor: string
  readonly trust: string
  readonly causationId: string | null
  readonly correlationId: string | null
  readonly payload: string
  readonly place: Place
  readonly blobs: ReadonlyArray<string>
  readonly hash: string
}

/** The stored bytes are no chunk. */
export class ChunkError extends Error {}

type Kind = readonly [type: string, v: number, workspace: string | null, actor: string, trust: string]
interface Kinds {
  /** Distinct kinds, and for each event its index among them. */
  readonly h: ReadonlyArray<Kind>
  readonly i?: ReadonlyArray<number>
  /** Causation and correlation ids, where there are any. */
  readonly c?: ReadonlyArray<string | null>
  readonly k?: ReadonlyArray<string | null>
  /** Places that are not inline, and blobs, by index. */
  readonly p?: Readonly<Record<string, Place>>
  readonly b?: Readonly<Record<string, ReadonlyArray<string>>>
}

const kindKey = (e: Entry): string => `${e.type}\n${e.v}\n${e.workspace ?? "\t"}\n${e.actor}\n${e.trust}`

export const encodeChunk = (prevHash: string, entries: ReadonlyArray<Entry>): Buffer => {
  const count = entries.length
  const index = new Map<string, number>()
  const h: Array<Kind> = []
  const i: Array<number> = []
  let c: Array<string | null> | undefined
  let k: Array<string | null> | undefined
  let p: Record<string, Place> | undefined
  let b: Record<string, ReadonlyArray<string>> | undefined
  let rows = ""
  let hashes = ""
  let column = "["
  const ends: Array<number> = []
  let last: Entry | undefined
  let at = 0
  for (let n = 0; n < count; n++) {
    const e = entries[n]!
    if (
      last === undefined ||
      last.type !== e.type ||
      last.v !== e.v ||
      last.workspace !== e.workspace ||
      last.actor !== e.actor ||
      last.trust !== e.trust
    ) {
      const key = kindKey(e)
      const known = index.get(key)
      if (known === undefined) {
        at = h.push([e.type, e.v, e.workspace, e.actor, e.trust]) - 1
        index.set(key, at)
      } else at = known
    }
    last = e
    i.push(at)
    if (e.causationId !== null) (c ??= Array.from({ length: count }, () => null))[n] = e.causationId
    if (e.correlationId !== null) (k ??= Array.from({ length: count }, () => null))[n] = e.correlationId
    if (e.place !== inline) (p ??= {})[n] = e.place
    if (e.blobs.length > 0) (b ??= {})[n] = e.blobs
    rows += e.id + e.at
    hashes += e.hash
    column += n === 0 ? textOf(e) : `,${textOf(e)}`
    ends.push(column.length)
  }
  column += "]"
  const kinds: Kinds = {
    h,
    ...(h.length > 1 ? { i } : {}),
    ...(c ? { c } : {}),
    ...(k ? { k } : {}),
    ...(p ? { p } : {}),
    ...(b ? { b } : {}),
  }
  const kindsText = JSON.stringify(kinds)
  const kindsBytes = Buffer.byteLength(kindsText)
  const payloadBytes = Buffer.byteLength(column)
  const ascii = payloadBytes === column.length
  const hashAt = fixed
  const rowAt = hashAt + 32 * count
  const endAt = rowAt + rowBytes * count
  const kindsAt = endAt + 4 * count
  const out = Buffer.allocUnsafe(kindsAt + kindsBytes + payloadBytes)
  out[0] = chunkFormat
  out[1] = ascii ? 1 : 0
  out.writeUInt16LE(count, 2)
  out.writeUInt32LE(entries[0]!.seq, 4)
  out.writeUInt32LE(kindsBytes, 8)
  out.writeUInt32LE(payloadBytes, 12)
  out.write(prevHash, 16, "hex")
  out.write(hashes, hashAt, "hex")
  out.write(rows, rowAt, "latin1")
  out.write(kindsText, kindsAt, "utf8")
  out.write(column, kindsAt + kindsBytes, ascii ? "latin1" : "utf8")
  if (ascii) for (let n = 0; n < count; n++) out.writeUInt32LE(ends[n]!, endAt + 4 * n)
  else {
    let bytes = 0
    for (let n = 0; n < count; n++) {
      bytes += 1 + Buffer.byteLength(textOf(entries[n]!))
      out.writeUInt32LE(bytes, endAt + 4 * n)
    }
  }
  return out
}

const textOf = (e: Entry): string => (e.place === inline ? e.payload : `"${e.payload}"`)

export type SidePayload = (hash: string) => unknown
/** For a type and a version that is not the newest: the newest version and how to get there. */
export type Upcast = (
  type: string,
  v: number,
) => { readonly v: number; readonly up: (payload: unknown) => unknown } | undefined

/** A stored chunk, read in place. The constructor checks that its parts fit; contents are checked by `verify`. */
export class Chunk {
  readonly first: number
  readonly count: number
  readonly bytes: Buffer
  readonly #ascii: boolean
  readonly #kindsAt: number
  readonly #payloadsAt: number
  #kinds: Kinds | undefined
  #hashes: string | undefined
  #rows: string | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
    if (bytes.length < fixed || bytes[0] !== chunkFormat || bytes[1]! > 1)
      throw new ChunkError("the record is no chunk of events")
    this.#ascii = bytes[1] === 1
    this.count = bytes.readUInt16LE(2)
    this.first = bytes.readUInt32LE(4)
    this.#kindsAt = fixed + (32 + rowBytes + 4) * this.count
    this.#payloadsAt = this.#kindsAt + bytes.readUInt32LE(8)
    if (this.count === 0 || this.#payloadsAt + bytes.readUInt32LE(12) !== bytes.length)
      throw new ChunkError("the parts of the chunk do not fit its length")
  }

  get last(): number {
    return this.first + this.count - 1
  }
  get prevHash(): string {
    return this.bytes.toString("hex", 16, 48)
  }
  /** The same as bytes: a leaf of the Merkle tree. */
  leaf(n: number): Buffer {
    return this.bytes.subarray(fixed + 32 * n, fixed + 32 * (n + 1))
  }
  hash(n: number): string {
    this.#hashes ??= this.bytes.toString("hex", fixed, fixed + 32 * this.count)
    return this.#hashes.substring(n * 64, n * 64 + 64)
  }
  id(n: number): string {
    const from = fixed + 32 * this.count + n * rowBytes
    return this.bytes.toString("latin1", from, from + idBytes)
  }
  at(n: number): string {
    const from = fixed + 32 * this.count + n * rowBytes
    return this.bytes.toString("latin1", from + idBytes, from + rowBytes)
  }
  /** True where every byte of the payloads is one character. */
  get ascii(): boolean {
    return this.#ascii
  }
  /** The payloads as they lie in the chunk: the UTF-8 bytes of `payloadsText`. A view, to be read only. */
  get payloadBytes(): Buffer {
    return this.bytes.subarray(this.#payloadsAt)
  }
  /** All payloads as one JSON text; for looking whether a text occurs at all. */
  get payloadsText(): string {
    return this.#text(this.#payloadsAt, this.bytes.length)
  }

  entry(n: number): Entry {
    const kinds = this.kinds()
    const [type, v, workspace, actor, trust] = this.#kind(kinds, n)
    const place = kinds.p?.[n] ?? inline
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
      causationId: kinds.c?.[n] ?? null,
      correlationId: kinds.k?.[n] ?? null,
      payload: place === inline ? text : text.slice(1, -1),
      place,
      blobs: kinds.b?.[n] ?? [],
      hash: this.hash(n),
    }
  }
  entries(): Array<Entry> {
    return Array.from({ length: this.count }, (_, n) => this.entry(n))
  }

  event(n: number, sidePayload: SidePayload, upcast: Upcast): Event {
    const kinds = this.kinds()
    const payload: unknown = parse(this.payloadText(n))
    const prev = n === 0 ? this.prevHash : this.hash(n - 1)
    return this.#event(kinds, n, payload, prev, sidePayload, upcast)
  }

  events(sidePayload: SidePayload, upcast: Upcast): Array<Event> {
    const kinds = this.kinds()
    const payloads = parse(this.payloadsText) as ReadonlyArray<unknown>
    if (!Array.isArray(payloads) || payloads.length !== this.count)
      throw new ChunkError("the payloads of the chunk cannot be read")
    const out: Array<Event> = []
    let prev = this.prevHash
    for (let n = 0; n < this.count; n++) {
      const event = this.#event(kinds, n, payloads[n], prev, sidePayload, upcast)
      prev = event.hash
      out.push(event)
    }
    return out
  }

  kinds(): Kinds {
    return (this.#kinds ??= readKinds(
      parse(this.bytes.toString("utf8", this.#kindsAt, this.#payloadsAt)),
      this.count,
    ))
  }

  /** Index of the event that a byte of the chunk belongs to; the first for what belongs to all. */
  indexOfByte(position: number): number {
    const rowAt = fixed + 32 * this.count
    const endAt = rowAt + rowBytes * this.count
    if (position < fixed || (position >= this.#kindsAt && position < this.#payloadsAt)) return 0
    if (position < rowAt) return Math.floor((position - fixed) / 32)
    if (position < endAt) return Math.floor((position - rowAt) / rowBytes)
    if (position < this.#kindsAt) return Math.floor((position - endAt) / 4)
    let n = 0
    while (n < this.count - 1 && this.bytes.readUInt32LE(endAt + 4 * n) < position - this.#payloadsAt) n++
    return n
  }

  /** Exact JSON text of a payload. */
  payloadText(n: number): string {
    const endAt = fixed + (32 + rowBytes) * this.count + 4 * n
    const from = n === 0 ? 1 : this.bytes.readUInt32LE(endAt - 4) + 1
    const to = this.bytes.readUInt32LE(endAt)
    if (from > to || this.#payloadsAt + to >= this.bytes.length)
      throw new ChunkError("a payload lies outside its chunk")
    return this.#text(this.#payloadsAt + from, this.#payloadsAt + to)
  }

  #text(from: number, to: number): string {
    return this.#ascii ? this.bytes.toString("latin1", from, to) : this.bytes.toString("utf8", from, to)
  }

  #kind(kinds: Kinds, n: number): Kind {
    return kinds.h[kinds.i === undefined ? 0 : kinds.i[n]!]!
  }

  #event(
    kinds: Kinds,
    n: number,
    stored: unknown,
    prevHash: string,
    sidePayload: SidePayload,
    upcast: Upcast,
  ): Event {
    const kind = this.#kind(kinds, n)
    const rows = (this.#rows ??= this.bytes.toString(
      "latin1",
      fixed + 32 * this.count,
      fixed + (32 + rowBytes) * this.count,
    ))
    const type = kind[0]
    const v = kind[1]
    const row = n * rowBytes
    const place = kinds.p === undefined ? inline : (kinds.p[n] ?? inline)
    let payload = place === inline ? stored : place === side ? sidePayload(stored as string) : undefined
    const gone = payload === undefined
    const newer = gone ? undefined : upcast(type, v)
    if (newer !== undefined) payload = newer.up(payload)
    const event = new PlainEvent(
      this.first + n,
      rows.substring(row, row + idBytes),
      rows.substring(row + idBytes, row + rowBytes),
      type,
      newer === undefined ? v : newer.v,
      kind[2],
      kind[3],
      kind[4],
      kinds.c === undefined ? null : kinds.c[n]!,
      kinds.k === undefined ? null : kinds.k[n]!,
      gone ? null : payload,
      prevHash,
      this.hash(n),
    )
    return gone ? { ...event, erased: true } : event
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChunkError("the chunk's JSON cannot be read")
  }
}

const isTexts = (value: unknown, count: number): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === count && value.every((t) => t === null || typeof t === "string"))

const readKinds = (value: unknown, count: number): Kinds => {
  const kinds = value as Kinds
  const ok =
    typeof kinds === "object" &&
    kinds !== null &&
    Array.isArray(kinds.h) &&
    kinds.h.length > 0 &&
    kinds.h.every(
      (kind) =>
        Array.isArray(kind) &&
        kind.length === 5 &&
        typeof kind[0] === "string" &&
        typeof kind[1] === "number" &&
        (kind[2] === null || typeof kind[2] === "string") &&
        typeof kind[3] === "string" &&
        typeof kind[4] === "string",
    ) &&
    (kinds.i === undefined
      ? kinds.h.length === 1
      : Array.isArray(kinds.i) &&
        kinds.i.length === count &&
        kinds.i.every((n) => Number.isInteger(n) && n >= 0 && n < kinds.h.length)) &&
    isTexts(kinds.c, count) &&
    isTexts(kinds.k, count) &&
    (kinds.p === undefined || Object.values(kinds.p).every((place) => place === side || place === erased)) &&
    (kinds.b === undefined ||
      Object.values(kinds.b).every((list) => Array.isArray(list) && list.every((t) => typeof t === "string")))
  if (!ok) throw new ChunkError("the chunk's headers cannot be read")
  return kinds
}
