/**
 * Taking payloads out of the store: each is replaced by its hash, which the chain covers, so that it still verifies.
 * Invariant: must run while nothing else is written (`alone`), since it rewrites chunks.
 */
import type { Backend } from "./Backend.ts"
import type { Batch } from "./Batch.ts"
import { eraseBlob } from "./blob.ts"
import { sha256 } from "./canonical.ts"
import { encodeChunk, erased, inline } from "./chunk.ts"
import type { Reader } from "./Reader.ts"

/** Adds the erasure of these seqs (ascending) to a batch. */
export const eraseInto = (
  batch: Batch,
  backend: Backend,
  reader: Reader,
  seqs: ReadonlyArray<number>,
): void => {
  const blobs = new Set<string>()
  for (let at = 0; at < seqs.length;) {
    const chunk = reader.chunkOf(seqs[at]!)
    const entries = chunk.entries()
    for (; at < seqs.length && seqs[at]! <= chunk.last; at++) {
      const entry = entries[seqs[at]! - chunk.first]!
      const hash = entry.place === inline ? sha256(entry.payload) : entry.payload
      if (entry.place !== inline) blobs.add(hash)
      for (const blob of entry.blobs) blobs.add(blob)
      entries[entry.seq - chunk.first] = { ...entry, payload: hash, place: erased }
    }
    batch.replaceChunk({ first: chunk.first, bytes: encodeChunk(chunk.prevHash, entries) })
  }
  for (const hash of blobs) {
    const stored = backend.blob(hash)
    if (stored !== undefined) batch.replaceBlob(hash, eraseBlob(stored))
  }
}
