/**
 * The side table's record: large payloads and the blobs of events, stored once under the SHA-256 of their content.
 *   u8 encoding (0 raw, 1 zstd, 2 erased) | u48 seq of the event that brought it | u32 bytes of content | u32 of data | data
 * Invariants: reading never returns other bytes than the hash names; an erased record keeps its place, so that
 * "gone" and "erased" are told apart.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { sha256 } from "./canonical.ts"

export const blobHeader = 15
/** Larger payloads go to the side table. */
export const sideLimit = 4096
const worthwhile = 512

class BlobError extends Error {}

const record = (encoding: number, seq: number, bytes: number, data: Uint8Array): Buffer => {
  const out = Buffer.allocUnsafe(blobHeader + data.length)
  out[0] = encoding
  out.writeUIntLE(seq, 1, 6)
  out.writeUInt32LE(bytes, 7)
  out.writeUInt32LE(data.length, 11)
  out.set(data, blobHeader)
  return out
}

export const encodeBlob = (seq: number, content: Uint8Array): Buffer => {
  if (content.length >= worthwhile) {
    const packed = zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })
    if (packed.length < content.length * 0.9) return record(1, seq, content.length, packed)
  }
  return record(0, seq, content.length, content)
}

export const eraseBlob = (bytes: Buffer): Buffer => record(2, blobSeq(bytes), 0, new Uint8Array())

export const blobSeq = (bytes: Buffer): number => (bytes.length < blobHeader ? 0 : bytes.readUIntLE(1, 6))
export const isErased = (bytes: Buffer): boolean => bytes[0] === 2 && bytes.length === blobHeader

/** The content, checked against its hash; null where it was erased. */
export const decodeBlob = (hash: string, bytes: Buffer): Buffer | null => {
  if (isErased(bytes)) return null
  const content = unpackBlob(bytes)
  if (content === undefined || sha256(content) !== hash)
    throw new BlobError(`the content stored under ${hash} is not what was written`)
  return content
}

/** The content as the record has it, not checked against any hash; `undefined` where it is no record. */
export const unpackBlob = (bytes: Buffer): Buffer | undefined => {
  if (bytes.length < blobHeader) return undefined
  const size = bytes.readUInt32LE(7)
  const data = bytes.subarray(blobHeader)
  if (bytes.readUInt32LE(11) !== data.length) return undefined
  if (bytes[0] === 0) return data.length === size ? data : undefined
  if (bytes[0] !== 1) return undefined
  try {
    const content = zstdDecompressSync(data, { maxOutputLength: Math.max(size, 1) })
    return content.length === size ? content : undefined
  } catch {
    return undefined
  }
}
