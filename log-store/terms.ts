/**
 * The index: for each chunk one key for every distinct type, workspace, causation and correlation id in it.
 * A key is `kind (1) | term (16) | seq of the chunk (4, big-endian)`; the term is the bytes of a UUID, so that
 * related keys lie close together, or the first 16 bytes of the SHA-256 of any other text.
 * Invariant: a key only says where to look. Two texts may share a term; the reader compares the events themselves.
 */
import { hash } from "node:crypto"
import type { Entry } from "./chunk.ts"
import { isUuid7 } from "./uuid7.ts"

export type TermKind = "type" | "workspace" | "causation" | "correlation"
const kinds: Record<TermKind, number> = { type: 1, workspace: 2, causation: 3, correlation: 4 }
export const termBytes = 17
export const keyBytes = 21

export const term = (kind: TermKind, text: string): Buffer => {
  const out = Buffer.allocUnsafe(termBytes)
  out[0] = kinds[kind]
  if (kind === "causation" && isUuid7(text)) out.write(text.replaceAll("-", ""), 1, "hex")
  else hash("sha256", text, "buffer").copy(out, 1, 0, 16)
  return out
}

export const termKey = (of: Buffer, seq: number): Buffer => {
  const key = Buffer.allocUnsafe(keyBytes)
  of.copy(key)
  key.writeUInt32BE(seq, termBytes)
  return key
}

/** All index keys of a chunk. */
export const chunkTerms = (first: number, entries: ReadonlyArray<Entry>): Array<Buffer> => {
  const types = new Set<string>()
  const workspaces = new Set<string>()
  const causations = new Set<string>()
  const correlations = new Set<string>()
  for (const e of entries) {
    types.add(e.type)
    if (e.workspace !== null) workspaces.add(e.workspace)
    if (e.causationId !== null) causations.add(e.causationId)
    if (e.correlationId !== null) correlations.add(e.correlationId)
  }
  const keys: Array<Buffer> = []
  for (const text of types) keys.push(termKey(term("type", text), first))
  for (const text of workspaces) keys.push(termKey(term("workspace", text), first))
  for (const text of causations) keys.push(termKey(term("causation", text), first))
  for (const text of correlations) keys.push(termKey(term("correlation", text), first))
  return keys
}
