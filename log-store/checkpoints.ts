/**
 * States of projections, kept beside the events they were folded from: for each projection the newest, and those that
 * were asked to be kept, one for each seq. A record is a line of JSON that says what it is, and the state's JSON, packed.
 * Invariants: a checkpoint only saves time, so one that is damaged, of another version, of another log or of a seq the
 * log does not have is none; what was folded from an event's payload is gone with it (`keysFrom`).
 */
import { Schema } from "effect"
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib"
import type { Backend } from "./Backend.ts"
import { sha256 } from "./canonical.ts"
import type { Projection } from "./LogStore.ts"

const prefix = "checkpoint/"
const digits = 10
/** No state is larger; what says so is no checkpoint. */
const maxBytes = 256 * 1024 * 1024

const nameOf = (projection: { readonly name: string }): string => `${prefix}${projection.name}`
const seqKey = (name: string, seq: number): string => `${name}/${String(seq).padStart(digits, "0")}`

export const checkpointKey = (projection: { readonly name: string }, seq: number, keep: boolean): string =>
  keep ? seqKey(nameOf(projection), seq) : nameOf(projection)

const Header = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.Finite,
    seq: Schema.Natural,
    /** Hash of the event at `seq`: a checkpoint of another log is none. */
    hash: Schema.String,
    /** SHA-256 of the state's JSON. */
    digest: Schema.String,
  }),
)
type Header = typeof Header.Type
const decodeHeader = Schema.decodeUnknownOption(Header)
const lineEnd = 0x0a

const headerOf = (record: Buffer): Header | undefined => {
  const end = record.indexOf(lineEnd)
  const header = end < 0 ? undefined : decodeHeader(record.toString("utf8", 0, end))
  return header?._tag === "Some" ? header.value : undefined
}

const pack = (text: string): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    zstdCompress(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }, (error, packed) =>
      error === null ? resolve(packed) : reject(error),
    ),
  )

/** The packing is done beside this thread. */
export const encodeCheckpoint = async (
  version: number,
  seq: number,
  hash: string,
  state: unknown,
): Promise<Buffer> => {
  const text = JSON.stringify(state)
  const header: Header = { version, seq, hash, digest: sha256(text) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), await pack(text)])
}

const stateOf = (record: Buffer, { digest }: Header): unknown => {
  try {
    const packed = record.subarray(record.indexOf(lineEnd) + 1)
    const text = zstdDecompressSync(packed, { maxOutputLength: maxBytes }).toString()
    return sha256(text) === digest ? (JSON.parse(text) as unknown) : undefined
  } catch {
    return undefined
  }
}

export interface Found<S> {
  readonly seq: number
  readonly state: S
}

/** The nearest checkpoint at or below `at`, the initial state where there is none. */
export const findCheckpoint = <S>(
  backend: Backend,
  projection: Projection<S>,
  at: number,
  hashAt: (seq: number) => string,
): Found<S> => {
  const name = nameOf(projection)
  const read = (key: string): Found<S> | undefined => {
    const record = backend.record(key)
    const header = record === undefined ? undefined : headerOf(record)
    if (header === undefined || header.version !== projection.version) return undefined
    if (header.seq < 1 || header.seq > at || header.hash !== hashAt(header.seq)) return undefined
    const state = stateOf(record!, header)
    return state === undefined ? undefined : { seq: header.seq, state: state as S }
  }
  let best: Found<S> = read(name) ?? { seq: 0, state: projection.initial }
  for (let limit = at; limit > best.seq;) {
    const key = backend.lastRecordKey(`${name}/`, seqKey(name, limit))
    if (key === undefined) break
    const seq = Number(key.slice(name.length + 1))
    if (seq <= best.seq) break
    best = read(key) ?? best
    limit = seq - 1
  }
  return best
}

const seqOfKey = (backend: Backend, key: string): number => {
  const kept = /^[^/]*\/[^/]*\/(\d+)$/.exec(key)
  if (kept !== null) return Number(kept[1])
  const record = backend.record(key)
  const header = record === undefined ? undefined : headerOf(record)
  // what cannot be read may hold anything
  return header?.seq ?? Number.POSITIVE_INFINITY
}

/** Keys of all checkpoints that rest on the event at `seq` or a later one, of this projection or of every one. */
export const keysFrom = (backend: Backend, seq: number, name?: string): ReadonlyArray<string> =>
  backend
    .recordKeys(name === undefined ? prefix : prefix + name)
    .filter((key) => name === undefined || key === prefix + name || key.startsWith(`${prefix}${name}/`))
    .filter((key) => seqOfKey(backend, key) >= seq)
