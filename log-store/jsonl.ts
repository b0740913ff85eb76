/**
 * The log as JSON lines, for export, segments and import. Each event is one line with the fields of the event in the
 * order of `canonical.ts` and its payload's exact JSON text; where it brought blobs, `blobs` lists their hashes and
 * each content that is its own stands on a line before it: `{"blob":"<sha-256>","base64":"..."}`. An erased payload is
 * `null` with `"erased":true` and its `payloadHash`. Invariant: lines carry all that is needed to check every hash.
 */
import { Schema } from "effect"
import type { Backend } from "./Backend.ts"
import { blobSeq, decodeBlob } from "./blob.ts"
import { chainHash, sha256 } from "./canonical.ts"
import { type Chunk, type Entry, erased, inline, side } from "./chunk.ts"
import { isUuid7 } from "./uuid7.ts"

/** A line that cannot be what an export wrote. */
export class LineError extends Error {}

const goneLine = (hash: string): string => `{"blob":"${hash}","erased":true}`
const blobLine = (hash: string, bytes: Buffer): string => {
  const content = decodeBlob(hash, bytes)
  return content === null ? goneLine(hash) : `{"blob":"${hash}","base64":"${content.toString("base64")}"}`
}

const contentOf = (backend: Backend, hash: string): Buffer => {
  const bytes = backend.blob(hash)
  if (bytes === undefined) throw new Error(`the content stored under ${hash} is missing`)
  return bytes
}

/** The lines of event `n` of a chunk. */
export const entryLines = (chunk: Chunk, n: number, backend: Backend): ReadonlyArray<string> => {
  const entry = chunk.entry(n)
  const lines: Array<string> = []
  for (const hash of new Set(entry.blobs)) {
    const bytes = contentOf(backend, hash)
    const from = blobSeq(bytes)
    if (from === entry.seq) lines.push(blobLine(hash, bytes))
    // Erased since, and brought again by a later event: to whoever reads this one, it is gone.
    else if (from > entry.seq) lines.push(goneLine(hash))
  }
  let payload = entry.payload
  let gone = entry.place === erased
  if (entry.place === side) {
    const content = decodeBlob(entry.payload, contentOf(backend, entry.payload))
    if (content === null) gone = true
    else payload = content.toString()
  }
  const { place: _, payload: __, hash, blobs, ...header } = entry
  const prevHash = n === 0 ? chunk.prevHash : chunk.hash(n - 1)
  const head = JSON.stringify(header).slice(0, -1)
  const tail = `"prevHash":"${prevHash}","hash":"${hash}"`
  const extra = `${blobs.length === 0 ? "" : `,"blobs":${JSON.stringify(blobs)}`}${
    gone ? `,"erased":true,"payloadHash":"${entry.payload}"` : ""
  }`
  lines.push(`${head},"payload":${gone ? "null" : payload},${tail}${extra}}`)
  return lines
}

const isTime = (at: string): boolean => {
  const ms = Date.parse(at)
  return ms >= 0 && new Date(ms).toISOString() === at && at.length === 24
}
const Hash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const EventLine = Schema.Struct({
  seq: Schema.Natural,
  id: Schema.String.check(Schema.makeFilter(isUuid7)),
  at: Schema.String.check(Schema.makeFilter(isTime)),
  type: Schema.String,
  v: Schema.Finite,
  workspace: Schema.NullOr(Schema.String),
  actor: Schema.String,
  trust: Schema.String,
  causationId: Schema.NullOr(Schema.String),
  correlationId: Schema.NullOr(Schema.String),
  payload: Schema.Unknown,
  prevHash: Hash,
  hash: Hash,
  blobs: Schema.optionalKey(Schema.Array(Hash)),
  erased: Schema.optionalKey(Schema.Literal(true)),
  payloadHash: Schema.optionalKey(Hash),
})
const BlobLine = Schema.Struct({
  blob: Hash,
  base64: Schema.optionalKey(Schema.String),
  erased: Schema.optionalKey(Schema.Literal(true)),
})
const decodeEvent = Schema.decodeUnknownSync(EventLine)
const decodeBlobLine = Schema.decodeUnknownSync(BlobLine)

export type Line =
  | { readonly _tag: "event"; readonly entry: Entry; readonly prevHash: string }
  | { readonly _tag: "blob"; readonly hash: string; readonly content: Buffer | null }

/** Reads a line and checks what it says of itself: an event's hash, a blob's content. */
export const parseLine = (line: string): Line => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new LineError("it is no JSON")
  }
  const isBlob = typeof value === "object" && value !== null && "blob" in value
  try {
    return isBlob ? readBlob(decodeBlobLine(value)) : readEvent(decodeEvent(value))
  } catch (error) {
    if (error instanceof LineError) throw error
    throw new LineError(`it is no ${isBlob ? "blob" : "event"} of a log (${messageOf(error)})`)
  }
}

const readBlob = (line: typeof BlobLine.Type): Line => {
  if (line.base64 === undefined) return { _tag: "blob", hash: line.blob, content: null }
  const content = Buffer.from(line.base64, "base64")
  if (sha256(content) !== line.blob) throw new LineError(`the content of blob ${line.blob} was changed`)
  return { _tag: "blob", hash: line.blob, content }
}

const readEvent = (line: typeof EventLine.Type): Line => {
  const gone = line.erased === true
  const text = gone ? null : JSON.stringify(line.payload)
  const payloadHash = gone ? line.payloadHash : sha256(text ?? "null")
  if (payloadHash === undefined) throw new LineError(`event ${line.seq} is erased but has no payloadHash`)
  const entry: Entry = {
    seq: line.seq,
    id: line.id,
    at: line.at,
    type: line.type,
    v: line.v,
    workspace: line.workspace,
    actor: line.actor,
    trust: line.trust,
    causationId: line.causationId,
    correlationId: line.correlationId,
    payload: text ?? payloadHash,
    place: gone ? erased : inline,
    blobs: line.blobs ?? [],
    hash: line.hash,
  }
  if (chainHash({ ...entry, payloadHash, prevHash: line.prevHash }) !== line.hash)
    throw new LineError(`event ${line.seq} was changed: its hash does not fit`)
  return { _tag: "event", entry, prevHash: line.prevHash }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.split("\n")[0]! : String(error)
