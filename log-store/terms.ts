/**
 * The index: for each chunk one key for every distinct type, workspace, causation and correlation id in it. A causation
 * whose id lies among the ids of the chunk itself has no key: the event it names is found by its id, and what it
 * caused beside it is found there.
 * A key is `kind (1) | term (16) | seq of the chunk (4, big-endian)`; the term is the bytes of a UUID, so that
 * related keys lie close together, or the first 16 bytes of the SHA-256 of any other text.
 * Invariant: a key only says where to look. Two texts may share a term; the reader compares the events themselves.
 */
import { sha256 } from "./canonical.ts"
import { type Entry, idBytes } from "./chunkLayout.ts"
import { idsText, writeIds } from "./rowTexts.ts"
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

/** What a chunk's tables and columns say its keys are, without its entries: see `KnownTerms.each`. */
export interface StoredTerms {
  readonly first: number
  readonly types: ReadonlyArray<string>
  readonly workspaces: ReadonlyArray<string>
  readonly correlations: ReadonlyArray<string>
  /** Causations that are no ids. */
  readonly texts: ReadonlyArray<string>
  readonly bytes: Buffer
  /** Where the ids of causations elsewhere lie. */
  readonly links: number
  readonly linksEnd: number
}

/** Terms of the texts that nearly every chunk has. */
export class KnownTerms {
  readonly #known: Readonly<Record<TermKind, Map<string, Buffer>>> = {
    type: new Map(),
    workspace: new Map(),
    causation: new Map(),
    correlation: new Map(),
  }
  #of(kind: TermKind, text: string): Buffer {
    const terms = this.#known[kind]
    const known = terms.get(text)
    if (known !== undefined) return known
    if (terms.size >= 256) terms.clear()
    const made = term(kind, text)
    terms.set(text, made)
    return made
  }

  /**
   * The keys that `chunkTerms` gives for a chunk that is exact (see `chunkExact.ts`), one after another in the same
   * buffer; ends early, with false, where `take` says false.
   */
  each(stored: StoredTerms, key: Buffer, take: (key: Buffer) => boolean): boolean {
    key.writeUInt32BE(stored.first, termBytes)
    const texts = (kind: TermKind, list: ReadonlyArray<string>): boolean =>
      list.every((text) => {
        this.#of(kind, text).copy(key)
        return take(key)
      })
    const { bytes, links, linksEnd } = stored
    if (!texts("type", stored.types) || !texts("workspace", stored.workspaces)) return false
    for (let at = links; at < linksEnd; at += idBytes) {
      if (isUuid7At(bytes, at)) {
        key[0] = kinds.causation
        for (let n = 0; n < idBytes; n++) key[n + 1] = bytes[at + n]!
      } else writeTerm(key, "causation", idsText(bytes, at, 1))
      if (!take(key)) return false
    }
    return texts("causation", stored.texts) && texts("correlation", stored.correlations)
  }
}

const isUuid7At = (bytes: Buffer, at: number): boolean =>
  bytes[at + 6]! >>> 4 === 7 && bytes[at + 8]! >>> 6 === 2
