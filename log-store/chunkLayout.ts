/**
 * How events lie in the store: neighbours are packed into a chunk, so that a hundred events cost one record instead of
 * a hundred. Columns, little-endian:
 *   u8 format=1 | u8 flags | u16 count | u32 first seq | u32 bytes of `tables` | u32 bytes of `payloads` | 32 prevHash | u16 links
 *   u16 0 | u32 checksum of all other bytes
 *   count x 32 hash | (count + links) x 16 id | count x u8 kind | count x u16 causation | count x u8 correlation
 *   count x end of payload (u16, wide: u32) | tables JSON | payloads JSON array
 * An event's time is that of its id (see `uuid7.ts`) but for the steps `tables` lists. Its causation is one of the ids,
 * its own chunk's first, then `links`, those of events elsewhere, then texts of `tables`. A column that says nothing
 * for any event is left out. Invariant: every part's place is known from the first bytes.
 */
import { checksum } from "./checksum.ts"

export const chunkFormat = 1
export const fixedBytes = 56
const checksumAt = 52
export const isChecksum = (position: number): boolean => position >= checksumAt && position < fixedBytes
export const hashBytes = 32
export const idBytes = 16
/** Kinds and correlations are counted in a byte. */
export const maxEvents = 255
/** Of an encoded chunk, about: what fits seven pages of LMDB, and more than 32 KiB costs its binding a buffer a read. */
export const maxBytes = 7 * 4096 - 16

export const asciiFlag = 1
export const wideFlag = 2
export const causationFlag = 4
export const correlationFlag = 8
const allFlags = 15

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

export type Kind = readonly [type: string, v: number, workspace: string | null, actor: string, trust: string]

/** The stored bytes are no chunk, or the entries cannot become one. */
export class ChunkError extends Error {}

/** Where the parts of a chunk begin. */
export interface Layout {
  readonly count: number
  readonly ids: number
  readonly kinds: number
  readonly causations: number
  readonly correlations: number
  readonly ends: number
  readonly endWidth: 2 | 4
  readonly tables: number
  readonly payloads: number
  readonly length: number
}

/** The last thing done to a chunk's bytes. */
export const writeChecksum = (bytes: Buffer): void => {
  bytes.writeUInt32LE(checksum(bytes, checksumAt), checksumAt)
}
/**
 * Whether the bytes are those that were once written, as far as a checksum tells: a reader is shown nothing else. Against
 * what was changed on purpose there are the hashes, which are dearer.
 */
export const checksumFits = (bytes: Buffer): boolean =>
  bytes.readUInt32LE(checksumAt) === checksum(bytes, checksumAt)

export const layoutOf = (
  flags: number,
  count: number,
  links: number,
  tableBytes: number,
  payloadBytes: number,
): Layout => {
  const ids = fixedBytes + hashBytes * count
  const kinds = ids + idBytes * (count + links)
  const causations = kinds + count
  const correlations = causations + ((flags & causationFlag) === 0 ? 0 : 2 * count)
  const ends = correlations + ((flags & correlationFlag) === 0 ? 0 : count)
  const endWidth = (flags & wideFlag) === 0 ? 2 : 4
  const tables = ends + endWidth * count
  const payloads = tables + tableBytes
  return {
    count,
    ids,
    kinds,
    causations,
    correlations,
    ends,
    endWidth,
    tables,
    payloads,
    length: payloads + payloadBytes,
  }
}

/** Layout of the chunk that begins at `at`, if its first bytes are those of one; it may not end where the bytes do. */
export const readLayout = (bytes: Buffer, at = 0): Layout | undefined => {
  if (at + fixedBytes > bytes.length || bytes[at] !== chunkFormat || bytes[at + 1]! > allFlags)
    return undefined
  const count = bytes.readUInt16LE(at + 2)
  if (count === 0 || count > maxEvents) return undefined
  return layoutOf(
    bytes[at + 1]!,
    count,
    bytes.readUInt16LE(at + 48),
    bytes.readUInt32LE(at + 8),
    bytes.readUInt32LE(at + 12),
  )
}
