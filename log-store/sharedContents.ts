/**
 * Contents that several events have in common lie in the store once, so that an erasure of one event takes them from the
 * others too. Explains what is missing there: a content whose hash some erased event has, and the log says of that one
 * that it was erased. Invariants: only reads; goes over the log again, which is done only where something is missing.
 */
import type { Backend } from "./Backend.ts"
import { isErased } from "./blob.ts"
import { Chunk, type Entry, erased, side } from "./chunk.ts"
import { SeqRanges } from "./SeqRanges.ts"

const pageBytes = 4 * 2 ** 20
/** More events than this are not looked into: their payloads were removed, and that is what is said. */
const mostEvents = 100_000

/** Hashes of the contents of an event that are gone. */
const goneOf = (backend: Backend, entry: Entry): ReadonlyArray<string> => {
  const isGone = (hash: string): boolean => {
    const stored = backend.blob(hash)
    return stored !== undefined && isErased(stored)
  }
  const payload =
    entry.place === erased || (entry.place === side && isGone(entry.payload)) ? [entry.payload] : []
  return [...payload, ...entry.blobs.filter(isGone)]
}

const eachEntry = (backend: Backend, from: number, to: number, visit: (entry: Entry) => void): void => {
  for (let next = from; next <= to;) {
    const holding = backend.chunkAt(next)
    const page =
      holding === undefined || holding.key === next ? backend.chunksFrom(next, pageBytes) : [holding]
    if (page.length === 0) return
    for (const { bytes } of page) {
      const chunk = new Chunk(Buffer.from(bytes))
      for (let n = Math.max(next - chunk.first, 0); n < chunk.count && chunk.first + n <= to; n++)
        visit(chunk.entry(n))
      next = chunk.last + 1
    }
  }
}

/** The first of the seqs that miss something which no erasure explains either; null: none. */
export const firstUnexplained = (backend: Backend, missing: SeqRanges, head: number): number | null => {
  const first = missing.first
  if (first === null) return null
  const count = missing.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  if (count > mostEvents) return first
  /** Hash of a missing content -> the first event that misses it. */
  const wanted = new Map<string, number>()
  for (const { from, to } of missing.ranges)
    eachEntry(backend, from, to, (entry) => {
      for (const hash of goneOf(backend, entry)) if (!wanted.has(hash)) wanted.set(hash, entry.seq)
    })
  const isMissing = (seq: number): boolean => missing.ranges.some(({ from, to }) => seq >= from && seq <= to)
  eachEntry(backend, 1, head, (entry) => {
    if (entry.place !== erased || isMissing(entry.seq)) return
    for (const hash of [entry.payload, ...entry.blobs]) wanted.delete(hash)
  })
  return wanted.size === 0 ? null : Math.min(...wanted.values())
}
