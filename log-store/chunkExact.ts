/**
 * Whether a stored chunk is, byte for byte, what its entries encode to, without encoding them again: each part of it is in
 * the one form that `encodeChunk` gives it. Hashes, ids, payload texts are not looked at: the chain covers them.
 * Invariant: says yes only where `encodeChunk` of the chunk's entries gives the same bytes; a no is no proof of the
 * contrary, and whoever gets it encodes and compares.
 */
import { isAscii, isUtf8 } from "node:buffer"
import {
  asciiFlag,
  causationFlag,
  checksumFits,
  correlationFlag,
  idBytes,
  type Layout,
  wideFlag,
} from "./chunkLayout.ts"
import type { Tables } from "./chunkTables.ts"
import { isIdText, msOfId } from "./rowTexts.ts"
import { maxMs } from "./uuid7.ts"

const tableNames = ["h", "w", "c", "k", "t", "p", "b"]

/** Numbers that are given out in the order they are first used, from `first` on; how many there were, or -1. */
const countNumbered = (count: number, first: number, at: (n: number) => number): number => {
  let next = first
  for (let n = 0; n < count; n++) {
    const number = at(n)
    if (number > next) return -1
    if (number === next) next++
  }
  return next - first
}

const isDistinct = (texts: ReadonlyArray<string>): boolean => new Set(texts).size === texts.length

/** Less than 0 where the id at `a` sorts before the one at `b`. */
const compareIds = (bytes: Buffer, a: number, b: number): number => {
  for (let n = 0; n < idBytes; n++) {
    const difference = bytes[a + n]! - bytes[b + n]!
    if (difference !== 0) return difference
  }
  return 0
}

const kindsAreExact = (tables: Tables, bytes: Buffer, { count, kinds }: Layout): boolean => {
  const workspaces = tables.w ?? []
  let seen = 0
  const keys = tables.h.map(([type, v, where, actor, trust]) => {
    if (where !== null && where === seen) seen++
    return where !== null && where >= seen
      ? ""
      : `${type}\n${v}\n${where === null ? "\t" : workspaces[where]}\n${actor}\n${trust}`
  })
  return (
    seen === workspaces.length &&
    (tables.w === undefined || seen > 0) &&
    isDistinct(workspaces) &&
    isDistinct(keys) &&
    countNumbered(count, 0, (n) => bytes[kinds + n]!) === tables.h.length
  )
}

/** Of ids that only grow, no two are the same, and what lies outside of them is another one. */
const idsGrow = (bytes: Buffer, { count, ids }: Layout): boolean => {
  for (let n = 1; n < count; n++)
    if (compareIds(bytes, ids + (n - 1) * idBytes, ids + n * idBytes) >= 0) return false
  return true
}

const causationsAreExact = (tables: Tables, bytes: Buffer, layout: Layout): boolean => {
  const { count, ids, kinds, causations } = layout
  const links = (kinds - ids) / idBytes - count
  const texts = tables.c ?? []
  if ((bytes[1]! & causationFlag) === 0) return links === 0 && tables.c === undefined
  if (!idsGrow(bytes, layout)) return false
  let nextLink = count
  let nextText = count + links
  let some = false
  for (let n = 0; n < count; n++) {
    const place = bytes.readUInt16LE(causations + 2 * n) - 1
    if (place < 0) continue
    some = true
    if (place < count) continue
    if (place < count + links) {
      if (place > nextLink) return false
      if (place === nextLink) nextLink++
    } else {
      if (place > nextText) return false
      if (place === nextText) nextText++
    }
  }
  // Of random bytes: two links may share them, and then the answer is no, which is no harm.
  const ends = new Set<number>()
  const last = ids + (count - 1) * idBytes
  for (let at = ids + count * idBytes; at < kinds; at += idBytes) {
    if (compareIds(bytes, at, ids) >= 0 && compareIds(bytes, at, last) <= 0) return false
    ends.add(bytes.readInt32BE(at + 12))
  }
  return (
    some &&
    nextLink === count + links &&
    nextText === count + links + texts.length &&
    (tables.c === undefined || texts.length > 0) &&
    ends.size === links &&
    isDistinct(texts) &&
    !texts.some(isIdText)
  )
}

const correlationsAreExact = (tables: Tables, bytes: Buffer, { count, correlations }: Layout): boolean => {
  if ((bytes[1]! & correlationFlag) === 0) return tables.k === undefined
  const texts = tables.k
  return (
    texts !== undefined &&
    texts.length > 0 &&
    isDistinct(texts) &&
    // 0 stands for none, and is always known.
    countNumbered(count, 1, (n) => bytes[correlations + n]!) === texts.length
  )
}

/** The first byte of an id's time from which on the year has five digits. */
const farFuture = 0xe6

const timesAreExact = ({ t }: Tables, bytes: Buffer, { count, ids }: Layout): boolean => {
  for (let n = 0; n < count; n++) if (bytes[ids + n * idBytes]! >= farFuture) return false
  if (t === undefined) return true
  return (
    t.some((step) => step !== 0) &&
    t.every((step, n) => {
      const ms = msOfId(bytes, ids + n * idBytes) + step
      return ms >= 0 && ms <= maxMs && !Object.is(step, -0)
    })
  )
}

const isIndexed = (table: Readonly<Record<string, unknown>> | undefined, count: number): boolean => {
  if (table === undefined) return true
  const keys = Object.keys(table)
  return (
    keys.length > 0 &&
    keys.every((key) => String(Number(key)) === key && Number(key) >= 0 && Number(key) < count)
  )
}

const comma = 0x2c
const quote = 0x22

/** Where payloads end, and what stands between them. */
const payloadsAreExact = ({ p }: Tables, bytes: Buffer, layout: Layout): boolean => {
  const { count, ends, endWidth, payloads, length } = layout
  const column = bytes.subarray(payloads)
  const isWide = column.length > 0xffff
  if (isAscii(column) !== ((bytes[1]! & asciiFlag) !== 0) || isWide !== ((bytes[1]! & wideFlag) !== 0))
    return false
  if (bytes[payloads] !== 0x5b || bytes[length - 1] !== 0x5d || !isUtf8(bytes.subarray(layout.tables)))
    return false
  let from = 1
  for (let n = 0; n < count; n++) {
    const end = endWidth === 2 ? bytes.readUInt16LE(ends + 2 * n) : bytes.readUInt32LE(ends + 4 * n)
    const isLast = n === count - 1
    if (end < from || (isLast ? end !== column.length - 1 : end >= column.length || column[end] !== comma))
      return false
    if (p?.[n] !== undefined && (end - from < 2 || column[from] !== quote || column[end - 1] !== quote))
      return false
    from = end + 1
  }
  return true
}

/** `tables`: the JSON part as it was parsed, after `readTables` has let it pass. */
export const isExact = (bytes: Buffer, layout: Layout, text: string, tables: Tables): boolean => {
  let at = 0
  for (const name of Object.keys(tables)) {
    at = tableNames.indexOf(name, at) + 1
    if (at === 0) return false
  }
  return (
    JSON.stringify(tables) === text &&
    checksumFits(bytes) &&
    kindsAreExact(tables, bytes, layout) &&
    causationsAreExact(tables, bytes, layout) &&
    correlationsAreExact(tables, bytes, layout) &&
    timesAreExact(tables, bytes, layout) &&
    isIndexed(tables.p, layout.count) &&
    isIndexed(tables.b, layout.count) &&
    (tables.b === undefined || Object.values(tables.b).every((list) => list.length > 0)) &&
    payloadsAreExact(tables, bytes, layout)
  )
}
