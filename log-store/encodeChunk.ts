/**
 * Entries into a chunk's bytes (see `chunkLayout.ts`). Pure; the same entries give the same bytes, and so do those
 * that a chunk gives back, which `verify` relies on: ids, kinds and texts are numbered in the order they come.
 */
import {
  asciiFlag,
  causationFlag,
  ChunkError,
  chunkFormat,
  correlationFlag,
  type Entry,
  fixedBytes,
  idBytes,
  inline,
  type Layout,
  layoutOf,
  maxEvents,
  type Place,
  wideFlag,
  writeChecksum,
} from "./chunkLayout.ts"
import type { Tables } from "./chunkTables.ts"
import { isIdText, msOfId, writeIds } from "./rowTexts.ts"

/** Numbers texts in the order they first come. */
class Numbers {
  readonly texts: Array<string> = []
  readonly #known = new Map<string, number>()
  of(text: string): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

const sameKind = (a: Entry, b: Entry): boolean =>
  a.type === b.type &&
  a.v === b.v &&
  a.workspace === b.workspace &&
  a.actor === b.actor &&
  a.trust === b.trust

/** Each entry's kind by number, and the kinds. */
const kindsOf = (entries: ReadonlyArray<Entry>) => {
  const column = new Uint8Array(entries.length)
  const keys = new Numbers()
  const workspaces = new Numbers()
  const h: Array<Tables["h"][number]> = []
  let last: Entry | undefined
  let at = 0
  for (let n = 0; n < entries.length; n++) {
    const e = entries[n]!
    if (last === undefined || !sameKind(last, e)) {
      at = keys.of(`${e.type}\n${e.v}\n${e.workspace ?? "\t"}\n${e.actor}\n${e.trust}`)
      if (at === h.length)
        h.push([e.type, e.v, e.workspace === null ? null : workspaces.of(e.workspace), e.actor, e.trust])
    }
    last = e
    column[n] = at
  }
  return { column, h, w: workspaces.texts }
}

/** Places of the entries' own ids; undefined where no causation can be one of them, going by their order alone. */
const ownIds = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, number> | undefined => {
  let low = entries[0]!.id
  let high = low
  for (const { id } of entries)
    if (id < low) low = id
    else if (id > high) high = id
  if (!entries.some(({ causationId: id }) => id !== null && id >= low && id <= high)) return undefined
  const own = new Map<string, number>()
  for (let n = entries.length - 1; n >= 0; n--) own.set(entries[n]!.id, n)
  return own
}

/** Each entry's causation by number, the ids they name elsewhere, and those that are no ids; null where there is none. */
const causationsOf = (entries: ReadonlyArray<Entry>) => {
  const count = entries.length
  if (entries.every((e) => e.causationId === null)) return null
  const own = ownIds(entries)
  const column = new Uint16Array(count)
  const links = new Numbers()
  const texts = new Numbers()
  const textual: Array<number> = []
  for (let n = 0; n < count; n++) {
    const { causationId } = entries[n]!
    if (causationId === null) continue
    const known = own?.get(causationId)
    if (known !== undefined) column[n] = known + 1
    else if (isIdText(causationId)) column[n] = count + links.of(causationId) + 1
    else {
      column[n] = count + texts.of(causationId) + 1
      textual.push(n)
    }
  }
  // Texts are numbered behind all links.
  for (const n of textual) column[n]! += links.texts.length
  return { column, links: links.texts, texts: texts.texts }
}

const correlationsOf = (entries: ReadonlyArray<Entry>) => {
  if (entries.every((e) => e.correlationId === null)) return null
  const texts = new Numbers()
  const column = Uint8Array.from(entries, ({ correlationId }) =>
    correlationId === null ? 0 : texts.of(correlationId) + 1,
  )
  return { column, texts: texts.texts }
}

/** Milliseconds from each id's time to its event's; undefined where there are none. */
const stepsOf = (entries: ReadonlyArray<Entry>, out: Buffer, ids: number): Array<number> | undefined => {
  const steps: Array<number> = []
  let differs = false
  let lastAt = ""
  let ms = 0
  for (let n = 0; n < entries.length; n++) {
    const { at } = entries[n]!
    if (at !== lastAt) {
      ms = Date.parse(at)
      if (!Number.isFinite(ms) || new Date(ms).toISOString() !== at)
        throw new ChunkError("a time is not in its one form")
      lastAt = at
    }
    const step = ms - msOfId(out, ids + n * idBytes)
    if (step !== 0) differs = true
    steps.push(step)
  }
  return differs ? steps : undefined
}

const textOf = (e: Entry): string => (e.place === inline ? e.payload : `"${e.payload}"`)

const writeEnds = (out: Buffer, layout: Layout, ends: ReadonlyArray<number>): void => {
  let at = layout.ends
  if (layout.endWidth === 2)
    for (const end of ends) {
      out[at] = end & 0xff
      out[at + 1] = end >>> 8
      at += 2
    }
  else for (const end of ends) at = out.writeUInt32LE(end, at)
}

export const encodeChunk = (prevHash: string, entries: ReadonlyArray<Entry>): Buffer => {
  const count = entries.length
  if (count === 0 || count > maxEvents) throw new ChunkError(`a chunk cannot hold ${count} events`)
  let p: Record<string, Place> | undefined
  let b: Record<string, ReadonlyArray<string>> | undefined
  let ids = ""
  let hashes = ""
  let column = "["
  const ends: Array<number> = []
  for (let n = 0; n < count; n++) {
    const e = entries[n]!
    if (e.place !== inline) (p ??= {})[n] = e.place
    if (e.blobs.length > 0) (b ??= {})[n] = e.blobs
    ids += e.id
    hashes += e.hash
    column += n === 0 ? textOf(e) : `,${textOf(e)}`
    ends.push(column.length)
  }
  column += "]"
  const payloadBytes = Buffer.byteLength(column)
  const ascii = payloadBytes === column.length
  if (!ascii) {
    let bytes = 0
    for (let n = 0; n < count; n++) ends[n] = bytes += 1 + Buffer.byteLength(textOf(entries[n]!))
  }
  const kinds = kindsOf(entries)
  const causations = causationsOf(entries)
  const correlations = correlationsOf(entries)
  const links = causations?.links ?? []
  const idBlock = Buffer.allocUnsafe(idBytes * (count + links.length))
  writeIds(idBlock, 0, links.length === 0 ? ids : ids + links.join(""), count + links.length)
  const steps = stepsOf(entries, idBlock, 0)
  const tables: Tables = {
    h: kinds.h,
    ...(kinds.w.length === 0 ? {} : { w: kinds.w }),
    ...(causations === null || causations.texts.length === 0 ? {} : { c: causations.texts }),
    ...(correlations === null ? {} : { k: correlations.texts }),
    ...(steps === undefined ? {} : { t: steps }),
    ...(p === undefined ? {} : { p }),
    ...(b === undefined ? {} : { b }),
  }
  const tablesText = JSON.stringify(tables)
  const tableBytes = Buffer.byteLength(tablesText)
  const flags =
    (ascii ? asciiFlag : 0) |
    (payloadBytes > 0xffff ? wideFlag : 0) |
    (causations === null ? 0 : causationFlag) |
    (correlations === null ? 0 : correlationFlag)
  const layout = layoutOf(flags, count, links.length, tableBytes, payloadBytes)
  const out = Buffer.allocUnsafe(layout.length)
  out[0] = chunkFormat
  out[1] = flags
  out.writeUInt16LE(count, 2)
  out.writeUInt32LE(entries[0]!.seq, 4)
  out.writeUInt32LE(tableBytes, 8)
  out.writeUInt32LE(payloadBytes, 12)
  out.write(prevHash, 16, "hex")
  out.writeUInt16LE(links.length, 48)
  out.writeUInt16LE(0, 50)
  out.write(hashes, fixedBytes, "hex")
  out.set(idBlock, layout.ids)
  out.set(kinds.column, layout.kinds)
  if (causations !== null)
    for (let n = 0; n < count; n++) out.writeUInt16LE(causations.column[n]!, layout.causations + 2 * n)
  if (correlations !== null) out.set(correlations.column, layout.correlations)
  writeEnds(out, layout, ends)
  out.write(tablesText, layout.tables, "utf8")
  out.write(column, layout.payloads, ascii ? "latin1" : "utf8")
  writeChecksum(out)
  return out
}
