/**
 * Holds the archives against the log that names them. Each file that `log.archived` speaks of must be there with the
 * SHA-256 that the newest such event gives it, and every line of it must be the log's own event.
 * Invariants: only reads; an archive in memory at a time; one that the log says is deleted may be gone.
 */
import { basename } from "node:path"
import { archiveSha256, listArchives } from "./archive.ts"
import type { Backend } from "./Backend.ts"
import type { Fault } from "./ChainCheck.ts"
import { inline } from "./chunk.ts"
import { unsettledRecord } from "./forgetting.ts"
import { Reader } from "./Reader.ts"
import { checkSegments } from "./segmentCheck.ts"
import { term } from "./terms.ts"

interface Named {
  readonly seq: number
  readonly from: number
  readonly file: string
  readonly sha256: string
  readonly deleted?: boolean
}

const type = "log.archived"
const page = 256

/** The newest word on each file. */
const namedIn = (backend: Backend, head: number): ReadonlyMap<string, Named> => {
  const reader = new Reader(backend, () => undefined)
  const named = new Map<string, Named>()
  for (let from = 1; from <= head;) {
    const firsts = reader.termSeqs(term("type", type), from, head, page, false)
    for (const first of firsts) {
      const chunk = reader.chunkOf(first)
      for (const entry of chunk.entries()) {
        if (entry.type !== type) continue
        const text = entry.place === inline ? entry.payload : reader.sideText(entry.payload)
        if (text === null) continue
        const { file, ...rest } = JSON.parse(text) as Omit<Named, "seq">
        named.set(file, { ...rest, file, seq: entry.seq })
      }
      from = chunk.last + 1
    }
    if (firsts.length < page) return named
  }
  return named
}

export const checkArchives = async (backend: Backend, head: number, dir: string): Promise<Fault | null> => {
  const named = namedIn(backend, head)
  const files = (await listArchives(dir)).filter(({ path }) => named.has(basename(path)))
  const there = new Map(files.map((file) => [basename(file.path), file]))
  for (const { deleted, file, from, sha256 } of named.values()) {
    const found = there.get(file)
    if (deleted === true) continue
    if (found === undefined) return { seq: from, message: `the archive ${file} with its payload is missing` }
    // while an erasure is not settled, a file may be ahead of what is said of it; its lines are held against the log
    const isSettled = backend.record(unsettledRecord) === undefined
    if (isSettled && (await archiveSha256(found.path)) !== sha256)
      return { seq: from, message: `the archive ${file} with its payload is another file than the log says` }
  }
  const kept = files.filter(({ path }) => named.get(basename(path))!.deleted !== true)
  return checkSegments(backend, head, kept, "full")
}
