/**
 * Reads objects from pack files (index version 2, offset and reference deltas). Bounded: an object larger than asked
 * for, a delta chain that is too long or a damaged entry gives null, never an exception.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { inflateSync } from "node:zlib"
import { listFolder, openRegular, readAt } from "./files.ts"

export type ObjectType = "commit" | "tree" | "blob" | "tag"
export interface GitObject {
  readonly type: ObjectType
  readonly data: Buffer
}
export interface ObjectSize {
  readonly type: ObjectType
  readonly size: number
}

const typeNames: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" }
const ofsDelta = 6
const refDelta = 7
const maxChain = 4_096
const cacheBytes = 8 << 20

interface Pack {
  readonly idx: number
  readonly pack: number
  readonly fanout: Buffer
  readonly count: number
  readonly size: number
}
interface Entry {
  readonly type: number
  readonly size: number
  /** Where the compressed bytes begin. */
  readonly body: number
  readonly base: { readonly offset: number } | { readonly name: string } | null
}

export interface Packs {
  readonly read: (name: string, maxBytes: number) => GitObject | null
  readonly size: (name: string) => ObjectSize | null
  readonly close: () => void
}

const openPack = (file: string, hashBytes: number): Pack | null => {
  const idx = openRegular(file)
  if (idx === null) return null
  const pack = openRegular(`${file.slice(0, -4)}.pack`)
  const header = readAt(idx.fd, 0, 8 + 1024)
  const count = header.length === 1032 ? header.readUInt32BE(1028) : 0
  const good =
    pack !== null &&
    header.length === 1032 &&
    header.readUInt32BE(0) === 0xff744f63 &&
    header.readUInt32BE(4) === 2 &&
    idx.size >= 1032 + count * (hashBytes + 8)
  if (!good) {
    fs.closeSync(idx.fd)
    if (pack !== null) fs.closeSync(pack.fd)
    return null
  }
  return { idx: idx.fd, pack: pack.fd, fanout: header.subarray(8), count, size: pack.size }
}

const lookUp = (pack: Pack, name: Buffer): number | null => {
  const bytes = name.length
  const low = name[0] === 0 ? 0 : pack.fanout.readUInt32BE((name[0]! - 1) * 4)
  const high = pack.fanout.readUInt32BE(name[0]! * 4)
  if (high <= low || high > pack.count) return null
  const table = readAt(pack.idx, 1032 + low * bytes, (high - low) * bytes)
  let from = 0
  let to = Math.floor(table.length / bytes)
  while (from < to) {
    const middle = (from + to) >>> 1
    const order = table.compare(name, 0, bytes, middle * bytes, (middle + 1) * bytes)
    if (order === 0) return offsetOf(pack, low + middle, bytes)
    if (order < 0) from = middle + 1
    else to = middle
  }
  return null
}

const offsetOf = (pack: Pack, at: number, bytes: number): number | null => {
  const offsets = 1032 + pack.count * (bytes + 4)
  const small = readAt(pack.idx, offsets + at * 4, 4)
  if (small.length < 4) return null
  const value = small.readUInt32BE(0)
  if (value < 0x80000000) return value
  const large = readAt(pack.idx, offsets + pack.count * 4 + (value - 0x80000000) * 8, 8)
  return large.length < 8 ? null : Number(large.readBigUInt64BE(0))
}

const entryAt = (pack: Pack, offset: number, hashBytes: number): Entry | null => {
  const head = readAt(pack.pack, offset, 64)
  let at = 0
  let byte = head[at++]
  if (byte === undefined) return null
  const type = (byte >> 4) & 7
  let size = byte & 15
  let factor = 16
  while ((byte & 0x80) !== 0) {
    byte = head[at++]
    if (byte === undefined || factor > 2 ** 46) return null
    size += (byte & 0x7f) * factor
    factor *= 128
  }
  if (type === refDelta) {
    const base = head.toString("hex", at, at + hashBytes)
    return { type, size, body: offset + at + hashBytes, base: { name: base } }
  }
  if (type !== ofsDelta) return { type, size, body: offset + at, base: null }
  byte = head[at++]
  if (byte === undefined) return null
  let back = byte & 0x7f
  while ((byte & 0x80) !== 0) {
    byte = head[at++]
    if (byte === undefined || back > 2 ** 45) return null
    back = (back + 1) * 128 + (byte & 0x7f)
  }
  return back <= 0 || back > offset
    ? null
    : { type, size, body: offset + at, base: { offset: offset - back } }
}

const inflateAt = (pack: Pack, entry: Entry): Buffer => {
  const most = entry.size + Math.ceil(entry.size / 1000) + 128
  const data = inflateSync(readAt(pack.pack, entry.body, Math.min(most, pack.size - entry.body)), {
    maxOutputLength: Math.max(1, entry.size),
  })
  if (data.length !== entry.size) throw new Error("size differs")
  return data
}

const sizeAt = (delta: Buffer, from: number): { readonly value: number; readonly next: number } => {
  let value = 0
  let factor = 1
  let at = from
  for (;;) {
    const byte = delta[at++]
    if (byte === undefined || factor > 2 ** 46) throw new Error("bad delta")
    value += (byte & 0x7f) * factor
    if ((byte & 0x80) === 0) return { value, next: at }
    factor *= 128
  }
}

const applyDelta = (base: Buffer, delta: Buffer, maxBytes: number): Buffer => {
  const source = sizeAt(delta, 0)
  const target = sizeAt(delta, source.next)
  if (source.value !== base.length || target.value > maxBytes) throw new Error("bad delta")
  const out = Buffer.allocUnsafe(target.value)
  let filled = 0
  let at = target.next
  while (at < delta.length) {
    const op = delta[at++]!
    if ((op & 0x80) === 0) {
      if (op === 0 || at + op > delta.length || filled + op > out.length) throw new Error("bad delta")
      delta.copy(out, filled, at, at + op)
      filled += op
      at += op
      continue
    }
    let offset = 0
    let size = 0
    for (let bit = 0; bit < 4; bit++) if ((op & (1 << bit)) !== 0) offset += delta[at++]! * 2 ** (8 * bit)
    for (let bit = 0; bit < 3; bit++) if ((op & (16 << bit)) !== 0) size += delta[at++]! * 2 ** (8 * bit)
    if (size === 0) size = 0x10000
    if (!(offset + size <= base.length && filled + size <= out.length)) throw new Error("bad delta")
    base.copy(out, filled, offset, offset + size)
    filled += size
  }
  if (filled !== out.length) throw new Error("bad delta")
  return out
}

/** Packs of these object folders. `external` reads a base that is in no pack (thin packs are not stored, but be sure). */
export const openPacks = (
  folders: ReadonlyArray<string>,
  hashBytes: number,
  external: (name: string, maxBytes: number) => GitObject | null,
): Packs => {
  let opened: ReadonlyArray<Pack> | null = null
  let cached = 0
  const cache = new Map<string, GitObject>()

  const packs = (): ReadonlyArray<Pack> => {
    opened ??= folders
      .flatMap((folder) =>
        (listFolder(path.join(folder, "pack"), 10_000) ?? [])
          .filter((entry) => entry.name.endsWith(".idx"))
          .map((entry) => path.join(folder, "pack", entry.name)),
      )
      .slice(0, 256)
      .flatMap((file) => {
        try {
          return openPack(file, hashBytes) ?? []
        } catch {
          return []
        }
      })
    return opened
  }

  const find = (name: string): { readonly pack: Pack; readonly offset: number } | null => {
    const bytes = Buffer.from(name, "hex")
    if (bytes.length !== hashBytes) return null
    for (const pack of packs()) {
      const offset = lookUp(pack, bytes)
      if (offset !== null) return { pack, offset }
    }
    return null
  }

  const remember = (key: string, object: GitObject): void => {
    if (object.data.length > cacheBytes / 8) return
    cached += object.data.length
    if (cached > cacheBytes) {
      cache.clear()
      cached = object.data.length
    }
    cache.set(key, object)
  }

  const resolve = (pack: Pack, start: number, maxBytes: number): GitObject | null => {
    const deltas: Array<{ readonly key: string; readonly delta: Buffer }> = []
    let offset = start
    let object: GitObject | null = null
    while (object === null) {
      const key = `${pack.pack}:${offset}`
      object = cache.get(key) ?? null
      if (object !== null) break
      const entry = entryAt(pack, offset, hashBytes)
      if (entry === null || entry.size > maxBytes || deltas.length > maxChain) return null
      if (entry.base === null) {
        const type = typeNames[entry.type]
        if (type === undefined) return null
        object = { type, data: inflateAt(pack, entry) }
        if (deltas.length > 0 || type === "tree") remember(key, object)
        break
      }
      deltas.push({ key, delta: inflateAt(pack, entry) })
      if ("offset" in entry.base) offset = entry.base.offset
      else {
        const bytes = Buffer.from(entry.base.name, "hex")
        const inside = lookUp(pack, bytes)
        if (inside !== null) offset = inside
        else object = external(entry.base.name, maxBytes)
        if (inside === null && object === null) return null
      }
    }
    for (const { key, delta } of deltas.reverse()) {
      object = { type: object.type, data: applyDelta(object.data, delta, maxBytes) }
      remember(key, object)
    }
    return object
  }

  const typeAt = (pack: Pack, start: number): ObjectType | null => {
    let offset = start
    for (let depth = 0; depth < maxChain; depth++) {
      const entry = entryAt(pack, offset, hashBytes)
      if (entry === null) return null
      if (entry.base === null) return typeNames[entry.type] ?? null
      const inside =
        "offset" in entry.base ? entry.base.offset : lookUp(pack, Buffer.from(entry.base.name, "hex"))
      if (inside === null) return null
      offset = inside
    }
    return null
  }

  return {
    read: (name, maxBytes) => {
      try {
        const found = find(name)
        return found === null ? null : resolve(found.pack, found.offset, maxBytes)
      } catch {
        return null
      }
    },
    size: (name) => {
      try {
        const found = find(name)
        if (found === null) return null
        const entry = entryAt(found.pack, found.offset, hashBytes)
        const type = typeAt(found.pack, found.offset)
        if (entry === null || type === null) return null
        if (entry.base === null) return { type, size: entry.size }
        const delta = inflateSync(readAt(found.pack.pack, entry.body, 512), { finishFlush: 2 })
        return { type, size: sizeAt(delta, sizeAt(delta, 0).next).value }
      } catch {
        return null
      }
    },
    close: () => {
      for (const pack of opened ?? []) {
        fs.closeSync(pack.idx)
        fs.closeSync(pack.pack)
      }
      opened = []
      cache.clear()
    },
  }
}
