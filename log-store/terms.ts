/**
 * The index: for each chunk one key for every distinct type, workspace, causation and correlation id in it. A causation
 * whose id lies among the ids of the chunk itself has no key: the event it names is found by its id, and what it
 * caused beside it is found there.
 * A key is `kind (1) | term (16) | seq of the chunk (4, big-endian)`; the term is the bytes of a UUID, so that
 * related keys lie close together, or the first 16 bytes of the SHA-256 of any other text.
 * Invariant: a key only says where to look. Two texts may share a term; the reader compares the events themselves.
 */
import { sha256 } from "./canonical.ts"
import type { Entry } from "./chunk.ts"
import { writeIds } from "./rowTexts.ts"
import { isUuid7 } from "./uuid7.ts"

export type TermKind = "type" | "workspace" | "causation" | "correlation"
const kinds: Record<TermKind, number> = { type: 1, workspace: 2, causation: 3, correlation: 4 }
export const termBytes = 17
export const keyBytes = 21

const writeTerm = (out: Buffer, kind: TermKind, text: string): void => {
  out[0] = kinds[kind]
  if (kind === "causation" && isUuid7(text)) writeIds(out, 1, text, 1)
  else out.write(sha256(text), 1, 16, "hex")
}

export const term = (kind: TermKind, text: string): Buffer => {
  const out = Buffer.allocUnsafe(termBytes)
  writeTerm(out, kind, text)
  return out
}

export const termKey = (of: Buffer, seq: number): Buffer => {
  const key = Buffer.allocUnsafe(keyBytes)
  of.copy(key)
  key.writeUInt32BE(seq, termBytes)
  return key
}

const keyOf = (kind: TermKind, text: string, seq: number): Buffer => {
  const key = Buffer.allocUnsafe(keyBytes)
  writeTerm(key, kind, text)
  key.writeUInt32BE(seq, termBytes)
  return key
}

const isAmong = (id: string, first: string, last: string): boolean => id >= first && id <= last && isUuid7(id)

/** All index keys of a chunk. */
export const chunkTerms = (first: number, entries: ReadonlyArray<Entry>): Array<Buffer> => {
  const types = new Set<string>()
  const workspaces = new Set<string>()
  const causations = new Set<string>()
  const correlations = new Set<string>()
  const firstId = entries[0]!.id
  const lastId = entries.at(-1)!.id
  for (const { type, workspace, causationId, correlationId } of entries) {
    types.add(type)
    if (workspace !== null) workspaces.add(workspace)
    if (causationId !== null && !isAmong(causationId, firstId, lastId)) causations.add(causationId)
    if (correlationId !== null) correlations.add(correlationId)
  }
  const keys: Array<Buffer> = []
  for (const text of types) keys.push(keyOf("type", text, first))
  for (const text of workspaces) keys.push(keyOf("workspace", text, first))
  for (const text of causations) keys.push(keyOf("causation", text, first))
  for (const text of correlations) keys.push(keyOf("correlation", text, first))
  return keys
}
