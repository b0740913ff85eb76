/**
 * What a log says of its own proofs: its checkpoints and where they were anchored, found by the index of types. Reads
 * only; nothing of it is believed here (see `evidence.ts`). Erased payloads are passed over.
 */
import { Schema } from "effect"
import { LogAnchored, LogCheckpoint } from "../../src/domain/events/kept.ts"
import type { Backend } from "../Backend.ts"
import { decodeBlob } from "../blob.ts"
import { Chunk, erased, inline } from "../chunk.ts"
import type { StoredHead } from "../records.ts"
import { term } from "../terms.ts"
import type { Logged, LoggedAnchoring, LoggedCheckpoint } from "./evidence.ts"

const page = 256

const decodeCheckpoint = Schema.decodeUnknownOption(Schema.fromJsonString(LogCheckpoint))
const decodeAnchoring = Schema.decodeUnknownOption(Schema.fromJsonString(LogAnchored))

/** Payload texts of all events of a type, with their seqs, ascending. */
function* payloadsOf(backend: Backend, type: string, last: number): Generator<readonly [number, string]> {
  const of = term("type", type)
  for (let from = 1; from <= last;) {
    const keys = backend.termSeqs(of, from, last, page, false)
    for (const key of keys) {
      const stored = backend.chunkAt(key)
      if (stored === undefined) continue
      const chunk = new Chunk(stored.bytes)
      for (let n = 0; n < chunk.count && chunk.first + n <= last; n++) {
        // merged since the index was read: the begin of the chunk was there before
        if (chunk.first + n < from) continue
        const entry = chunk.entry(n)
        if (entry.type !== type || entry.place === erased) continue
        const side = entry.place === inline ? undefined : backend.blob(entry.payload)
        const content = side === undefined ? null : decodeBlob(entry.payload, side)
        const text = entry.place === inline ? entry.payload : content?.toString()
        if (text !== undefined) yield [entry.seq, text]
      }
      from = chunk.last + 1
    }
    if (keys.length < page) return
  }
}

export const loggedIn = (backend: Backend, head: StoredHead): Logged => {
  const checkpoints: Array<LoggedCheckpoint> = []
  for (const [seq, text] of payloadsOf(backend, "log.checkpoint", head.seq)) {
    const payload = decodeCheckpoint(text)
    checkpoints.push(
      payload._tag === "Some" ? { seq, ...payload.value } : { seq, size: 0, root: "", note: "", key: "" },
    )
  }
  const anchorings: Array<LoggedAnchoring> = []
  for (const [seq, text] of payloadsOf(backend, "log.anchored", head.seq)) {
    const payload = decodeAnchoring(text)
    if (payload._tag === "Some") anchorings.push({ seq, ...payload.value })
  }
  const first = head.seq === 0 ? undefined : backend.chunkAt(1)
  return {
    head: head.seq,
    firstHash: first === undefined ? null : new Chunk(first.bytes).hash(0),
    checkpoints,
    anchorings,
  }
}
