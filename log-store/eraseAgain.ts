/**
 * What the log says was erased, taken out once more: a log that was put together from segments and from old pages may hold
 * payloads that came from before their erasure. Invariants: only for who has the log for himself; hashes and chain
 * stay as they are; nothing is appended, because the log says it already.
 */
import { type Backend, type Commit, emptyCommit } from "./Backend.ts"
import { eraseBlob, isErased } from "./blob.ts"
import { sha256 } from "./canonical.ts"
import { Chunk, encodeChunk, type Entry, erased, inline } from "./chunk.ts"
import { explainedBy } from "./explains.ts"
import { SeqRanges } from "./SeqRanges.ts"

const pageBytes = 4 * 2 ** 20
const erasing = "log.erased"

const eachChunk = async (backend: Backend, visit: (chunk: Chunk) => void | Promise<void>): Promise<void> => {
  let next = 1
  for (;;) {
    const page = backend.chunksFrom(next, pageBytes).map(({ bytes }) => new Chunk(Buffer.from(bytes)))
    if (page.length === 0) return
    for (const chunk of page) await visit(chunk)
    next = page.at(-1)!.last + 1
  }
}

/** Whether anything of the event is there still. */
const isThere = (backend: Backend, entry: Entry): boolean => {
  if (entry.place === inline) return true
  const hashes = entry.place === erased ? entry.blobs : [entry.payload, ...entry.blobs]
  return hashes.some((hash) => {
    const stored = backend.blob(hash)
    return stored !== undefined && !isErased(stored)
  })
}

const withoutThem = (backend: Backend, chunk: Chunk, gone: ReadonlySet<number>): Commit => {
  const blobs = new Set<string>()
  const entries = chunk.entries().map((entry): Entry => {
    if (!gone.has(entry.seq)) return entry
    if (entry.place !== inline) blobs.add(entry.payload)
    for (const hash of entry.blobs) blobs.add(hash)
    const payload = entry.place === inline ? sha256(entry.payload) : entry.payload
    return { ...entry, payload, place: erased }
  })
  return {
    ...emptyCommit,
    chunks: [{ first: chunk.first, bytes: encodeChunk(chunk.prevHash, entries) }],
    blobs: [...blobs].flatMap((hash) => {
      const stored = backend.blob(hash)
      return stored === undefined ? [] : [{ hash, bytes: eraseBlob(stored) }]
    }),
  }
}

/** Answers the seqs whose payloads had come back. */
export const eraseAgain = async (backend: Backend): Promise<ReadonlyArray<number>> => {
  const wanted = new SeqRanges()
  await eachChunk(backend, (chunk) => {
    if (!chunk.kinds().h.some(([type]) => type === erasing)) return
    for (const { type, payload, place } of chunk.entries())
      if (type === erasing && place === inline)
        for (const { from, to } of explainedBy(type, payload)) wanted.add(from, to)
  })
  const again: Array<number> = []
  for (const { from, to } of wanted.ranges)
    for (let seq = from; seq <= to;) {
      const stored = backend.chunkAt(seq)
      if (stored === undefined) break
      const chunk = new Chunk(Buffer.from(stored.bytes))
      const gone = chunk
        .entries()
        .filter((entry) => entry.seq >= seq && entry.seq <= to && isThere(backend, entry))
        .map((entry) => entry.seq)
      if (gone.length > 0) await backend.commit(withoutThem(backend, chunk, new Set(gone)))
      again.push(...gone)
      seq = Math.max(chunk.last, seq) + 1
    }
  return again
}
