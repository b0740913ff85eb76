/**
 * What the log says was erased, taken out once more: a log that was put together from segments, from an export and from
 * old pages may hold payloads that came from before their erasure. A content that an event after the erasure brought
 * again stays, as it did then. Invariants: only for who has the log for himself; hashes and chain stay as they
 * are; nothing is appended, because the log says it already.
 */
import { type Backend, type Commit, emptyCommit } from "./Backend.ts"
import { eraseBlob, isErased } from "./blob.ts"
import { sha256 } from "./canonical.ts"
import { Chunk, encodeChunk, type Entry, erased, inline, side } from "./chunk.ts"
import { explainedBy } from "./explains.ts"

const pageBytes = 4 * 2 ** 20
const commitChunks = 256
const erasing = "log.erased"

const eachChunk = (backend: Backend, from: number, visit: (chunk: Chunk) => void): void => {
  for (let next = from; ;) {
    const holding = backend.chunkAt(next)
    const page =
      holding === undefined || holding.key === next ? backend.chunksFrom(next, pageBytes) : [holding]
    const chunks = page.map(({ bytes }) => new Chunk(Buffer.from(bytes)))
    for (const chunk of chunks) visit(chunk)
    const last = chunks.at(-1)?.last ?? 0
    if (last < next) return
    next = last + 1
  }
}

/** Erased seq -> the last event that says so. */
const erasuresIn = (backend: Backend): ReadonlyMap<number, number> => {
  const found = new Map<number, number>()
  eachChunk(backend, 1, (chunk) => {
    if (!chunk.kinds().h.some(([type]) => type === erasing)) return
    for (const { seq, type, payload, place } of chunk.entries())
      if (type === erasing && place === inline)
        for (const { from, to } of explainedBy(type, payload))
          for (let named = from; named <= to; named++) found.set(named, seq)
  })
  return found
}

const payloadHash = (entry: Entry): string => (entry.place === inline ? sha256(entry.payload) : entry.payload)

/** Contents that are there and should not be -> the last erasure of an event that had them. */
const contentsIn = (backend: Backend, entries: Iterable<readonly [Entry, number]>): Map<string, number> => {
  const found = new Map<string, number>()
  for (const [entry, erasure] of entries)
    for (const hash of [payloadHash(entry), ...entry.blobs]) {
      const stored = backend.blob(hash)
      if (stored !== undefined && !isErased(stored)) found.set(hash, Math.max(found.get(hash) ?? 0, erasure))
    }
  return found
}

/** Leaves out those that an event behind the erasure has. */
const keepBroughtAgain = (backend: Backend, contents: Map<string, number>): void => {
  if (contents.size === 0) return
  eachChunk(backend, Math.min(...contents.values()), (chunk) => {
    const { p, b } = chunk.kinds()
    if (p === undefined && b === undefined) return
    for (const entry of chunk.entries()) {
      if (entry.place === erased) continue
      for (const hash of entry.place === side ? [entry.payload, ...entry.blobs] : entry.blobs)
        if (entry.seq > (contents.get(hash) ?? Number.POSITIVE_INFINITY)) contents.delete(hash)
    }
  })
}

/** Answers the seqs whose payloads had come back. */
export const eraseAgain = async (backend: Backend): Promise<ReadonlyArray<number>> => {
  const erasures = erasuresIn(backend)
  const named: Array<readonly [Entry, number]> = []
  const back: Array<number> = []
  const chunks: Array<Commit["chunks"][number]> = []
  for (const seq of [...erasures.keys()].sort((a, b) => a - b)) {
    const stored = backend.chunkAt(seq)
    if (stored === undefined) continue
    const chunk = new Chunk(Buffer.from(stored.bytes))
    if (chunk.last < seq) continue
    named.push([chunk.entry(seq - chunk.first), erasures.get(seq)!])
    if (named.at(-1)![0].place !== erased) back.push(seq)
  }
  const isBack = new Set(back)
  for (const seq of back) {
    const stored = backend.chunkAt(seq)!
    if (chunks.at(-1)?.first === stored.key) continue
    const chunk = new Chunk(Buffer.from(stored.bytes))
    const entries = chunk
      .entries()
      .map((entry): Entry =>
        isBack.has(entry.seq) ? { ...entry, payload: payloadHash(entry), place: erased } : entry,
      )
    chunks.push({ first: chunk.first, bytes: encodeChunk(chunk.prevHash, entries) })
  }
  const contents = contentsIn(backend, named)
  for (let at = 0; at < chunks.length; at += commitChunks)
    await backend.commit({ ...emptyCommit, chunks: chunks.slice(at, at + commitChunks) })
  keepBroughtAgain(backend, contents)
  const blobs = [...contents.keys()].map((hash) => ({ hash, bytes: eraseBlob(backend.blob(hash)!) }))
  if (blobs.length > 0) await backend.commit({ ...emptyCommit, blobs })
  return back
}
