/**
 * Reads events out of the raw bytes of a damaged data file, without LMDB: a chunk carries its length, its first
 * seq and the hash it continues, so that the chain itself says which bytes belong to the log.
 * Invariants: nothing here maps the file or trusts its page tree; what it returns has been checked against the chain
 * by nobody yet; memory is bounded by the window and the events behind `after`.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { blobHeader, unpackBlob } from "./blob.ts"
import { sha256 } from "./canonical.ts"
import { Chunk } from "./chunk.ts"
import { checksumFits, readLayout } from "./chunkLayout.ts"

const windowBytes = 32 * 2 ** 20
/** More than any record that could begin in a window. */
const overlap = 8 * 2 ** 20
/** LMDB keeps values at even offsets. */
const alignment = 2
const headPattern = /\{"seq":(\d{1,10}),"hash":"[0-9a-f]{64}","at":"/g

export interface Salvage {
  /** Chunks with events behind `after`: for the hash it continues, the one from which the chain gets furthest. */
  readonly chunks: ReadonlyMap<string, Chunk>
  /** The same of chunks that are not whole any more, because of the damage or because their pages are in use again. */
  readonly torn: ReadonlyMap<string, Chunk>
  /** The highest seq that anything in the file speaks of. */
  readonly highest: number
}

const eachWindow = (path: string, visit: (bytes: Buffer, limit: number) => void): void => {
  const fd = openSync(path, "r")
  try {
    const { size } = fstatSync(fd)
    for (let at = 0; at < size; at += windowBytes) {
      const length = Math.min(windowBytes + overlap, size - at)
      const bytes = Buffer.allocUnsafe(length)
      const read = readSync(fd, bytes, 0, length, at)
      visit(bytes.subarray(0, read), Math.min(windowBytes, read))
    }
  } finally {
    closeSync(fd)
  }
}

const chunkAt = (bytes: Buffer, at: number, after: number): Chunk | undefined => {
  const layout = readLayout(bytes, at)
  if (layout === undefined || bytes.readUInt32LE(at + 4) + layout.count - 1 <= after) return undefined
  const { length } = layout
  if (at + length > bytes.length) return undefined
  try {
    const chunk = new Chunk(Buffer.from(bytes.subarray(at, at + length)))
    chunk.entries()
    return chunk
  } catch {
    return undefined
  }
}

/** Finds the chunks that hold events behind `after`. */
export const salvageChunks = (path: string, after: number): Salvage => {
  const chunks: Array<Chunk> = []
  let highest = after
  eachWindow(path, (bytes, limit) => {
    for (let at = 0; at < limit; at += alignment) {
      if (bytes[at] !== 1) continue
      const chunk = chunkAt(bytes, at, after)
      if (chunk === undefined) continue
      highest = Math.max(highest, chunk.last)
      chunks.push(chunk)
    }
    for (const found of bytes.toString("latin1").matchAll(headPattern))
      highest = Math.max(highest, Number(found[1]))
  })
  const isWhole = ({ bytes }: Chunk) => checksumFits(bytes)
  return {
    chunks: furthest(chunks.filter(isWhole)),
    torn: furthest(chunks.filter((chunk) => !isWhole(chunk))),
    highest,
  }
}

/**
 * Pages of commits that failed lie about too, so a hash may have several continuations. Of two that reach equally far
 * the shorter one is taken: an erased copy and the one before it have the same hashes.
 */
const furthest = (chunks: ReadonlyArray<Chunk>): ReadonlyMap<string, Chunk> => {
  const best = new Map<string, { readonly chunk: Chunk; readonly reach: number }>()
  for (const chunk of chunks.toSorted((a, b) => b.first - a.first)) {
    const reach = best.get(chunk.hash(chunk.count - 1))?.reach ?? chunk.last
    const known = best.get(chunk.prevHash)
    if (
      known === undefined ||
      reach > known.reach ||
      (reach === known.reach && chunk.bytes.length < known.chunk.bytes.length)
    )
      best.set(chunk.prevHash, { chunk, reach })
  }
  return new Map([...best].map(([hash, { chunk }]) => [hash, chunk]))
}

/** Finds contents of the side table by their hashes. */
export const salvageBlobs = (path: string, wanted: ReadonlySet<string>): ReadonlyMap<string, Buffer> => {
  const found = new Map<string, Buffer>()
  if (wanted.size === 0) return found
  eachWindow(path, (bytes, limit) => {
    for (let at = 0; at < limit && found.size < wanted.size; at += alignment) {
      if (bytes[at]! > 1 || at + blobHeader > bytes.length) continue
      const size = bytes.readUInt32LE(at + 7)
      const stored = bytes.readUInt32LE(at + 11)
      const end = at + blobHeader + stored
      const plausible =
        bytes[at] === 0
          ? size === stored && size > 0
          : stored > 4 && stored < size && bytes.readUInt32LE(at + blobHeader) === 0xfd2fb528
      if (!plausible || end > bytes.length || bytes.readUIntLE(at + 1, 6) === 0) continue
      const record = bytes.subarray(at, end)
      for (const [hash, content] of contentOf(record, wanted)) if (!found.has(hash)) found.set(hash, content)
    }
  })
  return found
}

const contentOf = (record: Buffer, wanted: ReadonlySet<string>): ReadonlyArray<readonly [string, Buffer]> => {
  const content = unpackBlob(record)
  if (content === undefined) return []
  const hash = sha256(content)
  return wanted.has(hash) ? [[hash, Buffer.from(content)]] : []
}
