/**
 * Taking payloads out of the store: each is replaced by its hash, which the chain covers, so that it still verifies.
 * Invariant: must run while nothing else is written (`alone`), since it rewrites chunks.
 */
import type { Backend } from "./Backend.ts"
import type { Batch } from "./Batch.ts"
import { eraseBlob } from "./blob.ts"
import { sha256 } from "./canonical.ts"
import { encodeChunk, type Entry, erased, inline, side } from "./chunk.ts"
import type { Reader } from "./Reader.ts"

/** Blobs that an entry brought or names, its payload among them where that lies in the side table. */
const blobsOf = (entry: Entry): ReadonlyArray<string> =>
  entry.place === side ? [entry.payload, ...entry.blobs] : entry.blobs

const none: ReadonlySet<string> = new Set()

/** Adds the erasure of these seqs (ascending) to a batch, and that of their blobs, but for those to `keep`. */
export const eraseInto = (
  batch: Batch,
  backend: Backend,
  reader: Reader,
  seqs: ReadonlyArray<number>,
  keep: ReadonlySet<string> = none,
): void => {
  const blobs = new Set<string>()
  for (let at = 0; at < seqs.length;) {
    const chunk = reader.chunkOf(seqs[at]!)
    const entries = chunk.entries()
    for (; at < seqs.length && seqs[at]! <= chunk.last; at++) {
      const entry = entries[seqs[at]! - chunk.first]!
      const hash = entry.place === inline ? sha256(entry.payload) : entry.payload
      for (const blob of blobsOf(entry)) if (!keep.has(blob)) blobs.add(blob)
      entries[entry.seq - chunk.first] = { ...entry, payload: hash, place: erased }
    }
    batch.replaceChunk({ first: chunk.first, bytes: encodeChunk(chunk.prevHash, entries) })
  }
  for (const hash of blobs) {
    const stored = backend.blob(hash)
    if (stored !== undefined) batch.replaceBlob(hash, eraseBlob(stored))
  }
}

const pageBytes = 2 ** 20

/** Looks for blobs of these seqs (ascending) that other events need as well. */
export const neededElsewhere = (reader: Reader, seqs: ReadonlyArray<number>) => {
  const taken = new Set(seqs)
  const wanted = new Set<string>()
  for (let at = 0; at < seqs.length;) {
    const chunk = reader.chunkOf(seqs[at]!)
    const entries = chunk.entries()
    for (; at < seqs.length && seqs[at]! <= chunk.last; at++)
      for (const blob of blobsOf(entries[seqs[at]! - chunk.first]!)) wanted.add(blob)
  }
  const needed = new Set<string>()
  let next = 1
  /** Looks at some more events up to `head`; false when there are none left, or nothing to look for. */
  const step = (head: number): boolean => {
    if (next > head || wanted.size === 0) return false
    // small chunks may have been merged since the last look
    for (const chunk of reader.chunksFrom(reader.chunkOf(next).first, pageBytes)) {
      for (const entry of chunk.entries())
        if (!taken.has(entry.seq) && entry.place !== erased)
          for (const blob of blobsOf(entry)) if (wanted.has(blob)) needed.add(blob)
      next = chunk.last + 1
    }
    return next <= head
  }
  return { step, needed }
}
