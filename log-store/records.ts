/**
 * The store's own named records: format, head, the types seen so far. All are JSON.
 * Invariant: `head` is written in the same commit as the events it names, so a removed tail is noticed.
 */
import { Schema } from "effect"
import { zeroHash } from "./canonical.ts"

export const headRecord = "head"
export const typesRecord = "types"
export const formatRecord = "format"
/** Raised when older programs could not read the log any more. */
export const logFormat = 1

/** Head of the log; `maxMs` is the latest time so far, `regression` the last seq whose time was before it (0: none). */
export interface StoredHead {
  readonly seq: number
  readonly hash: string
  readonly at: string | null
  readonly id: string | null
  readonly maxMs: number
  readonly regression: number
}
export const emptyHead: StoredHead = { seq: 0, hash: zeroHash, at: null, id: null, maxMs: 0, regression: 0 }

export const HeadFields = Schema.Struct({
  seq: Schema.Natural,
  hash: Schema.String,
  at: Schema.NullOr(Schema.String),
  id: Schema.NullOr(Schema.String),
  maxMs: Schema.Finite,
  regression: Schema.Finite,
})
const HeadJson = Schema.fromJsonString(HeadFields)
const decode = Schema.decodeUnknownOption(HeadJson)
export const encodeHead = (head: StoredHead): Buffer => Buffer.from(JSON.stringify(head))
/** `undefined` where the record is not readable. */
export const decodeHead = (bytes: Buffer): StoredHead | undefined => {
  const head = decode(bytes.toString())
  return head._tag === "Some" ? head.value : undefined
}

const TypesJson = Schema.fromJsonString(Schema.Array(Schema.String))
const decodeTypesJson = Schema.decodeUnknownOption(TypesJson)
export const decodeTypes = (bytes: Buffer | undefined): ReadonlyArray<string> => {
  if (bytes === undefined) return []
  const types = decodeTypesJson(bytes.toString())
  return types._tag === "Some" ? types.value : []
}
