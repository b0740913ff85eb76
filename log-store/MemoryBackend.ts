/**
 * A backend without a disk: the same chunks, terms, blobs and records in maps. For tests and throw-away logs.
 * Invariant: like the durable one, it keeps its own copy of what it was given.
 */
import type { Backend, StoredChunk } from "./Backend.ts"
import { termBytes } from "./terms.ts"

/** Index of the first element not below `value`. */
const lowerBound = (sorted: ReadonlyArray<number>, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const mid = (low + high) >>> 1
    if (sorted[mid]! < value) low = mid + 1
    else high = mid
  }
  return low
}

export const memoryBackend = (): Backend => {
  const keys: Array<number> = []
  const chunks = new Map<number, Buffer>()
  const terms = new Map<string, Array<number>>()
  const blobs = new Map<string, Buffer>()
  const records = new Map<string, Buffer>()
  const stored = (key: number): StoredChunk => ({ key, bytes: chunks.get(key)! })
  return {
    commit: async (commit) => {
      for (const first of commit.mergedChunks) {
        keys.splice(lowerBound(keys, first), 1)
        chunks.delete(first)
      }
      for (const key of commit.mergedTerms) {
        const seqs = terms.get(key.toString("hex", 0, termBytes)) ?? []
        const at = lowerBound(seqs, key.readUInt32BE(termBytes))
        if (seqs[at] === key.readUInt32BE(termBytes)) seqs.splice(at, 1)
      }
      for (const { first, bytes } of commit.chunks) {
        if (!chunks.has(first)) keys.splice(lowerBound(keys, first), 0, first)
        chunks.set(first, Buffer.from(bytes))
      }
      for (const key of commit.terms) {
        const name = key.toString("hex", 0, termBytes)
        const seq = key.readUInt32BE(termBytes)
        const seqs = terms.get(name)
        if (seqs === undefined) terms.set(name, [seq])
        else {
          const at = lowerBound(seqs, seq)
          if (seqs[at] !== seq) seqs.splice(at, 0, seq)
        }
      }
      for (const { hash, bytes } of commit.blobs) blobs.set(hash, Buffer.from(bytes))
      for (const { key, value } of commit.records)
        if (value === null) records.delete(key)
        else records.set(key, Buffer.from(value))
    },
    record: (key) => records.get(key),
    recordKeys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    lastRecordKey: (prefix, upTo) => {
      let last: string | undefined
      for (const key of records.keys())
        if (key.startsWith(prefix) && key <= upTo && (last === undefined || key > last)) last = key
      return last
    },
    blob: (hash) => blobs.get(hash),
    blobHashes: (after, limit) =>
      [...blobs.keys()]
        .filter((hash) => after === null || hash > after)
        .sort()
        .slice(0, limit),
    chunkAt: (seq) => {
      const at = lowerBound(keys, seq + 1) - 1
      return at < 0 ? undefined : stored(keys[at]!)
    },
    chunksFrom: (key, maxBytes) => {
      const out: Array<StoredChunk> = []
      let bytes = 0
      for (let at = lowerBound(keys, key); at < keys.length && bytes < maxBytes; at++) {
        const chunk = stored(keys[at]!)
        out.push(chunk)
        bytes += chunk.bytes.length
      }
      return out
    },
    termSeqs: (term, from, to, limit, reverse) => {
      const seqs = terms.get(term.toString("hex")) ?? []
      const range = seqs.slice(lowerBound(seqs, from), lowerBound(seqs, to + 1))
      return reverse ? range.slice(-limit).reverse() : range.slice(0, limit)
    },
    hasTerm: (key) => {
      const seqs = terms.get(key.toString("hex", 0, termBytes)) ?? []
      const seq = key.readUInt32BE(termBytes)
      return seqs[lowerBound(seqs, seq)] === seq
    },
    compact: async () => ({ before: 0, after: 0 }),
    copyTo: () => Promise.reject(new Error("a log in memory has no file")),
    close: async () => {},
  }
}
