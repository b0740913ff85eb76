/**
 * The hash chain's exact byte form, so that anybody can verify a log without this program.
 *
 * payloadHash = SHA-256 of the payload's JSON text in UTF-8, as ECMAScript's `JSON.stringify` writes it
 *   (no white space; parsing and writing again gives the same bytes).
 * hash        = SHA-256 of a zero byte and the UTF-8 bytes of this JSON array, written the same way:
 *   ["claw.event/1",seq,id,at,type,v,workspace,actor,trust,causationId,correlationId,payloadHash,prevHash]
 *   with one more element, the array of the SHA-256 of the blobs the event brought, where it brought any.
 * The zero byte makes `hash` the RFC 6962 leaf hash of that text: the chain's links are the Merkle tree's leaves.
 * Hashes are 64 lower-case hex digits; the first event's prevHash is 64 zeros. An erased payload keeps its payloadHash.
 */
import { hash as digest } from "node:crypto"

export const zeroHash = "0".repeat(64)
const domain = "claw.event/1"
/** RFC 6962, section 2.1: a leaf's hash is that of this and the entry. */
const leafPrefix = "\0"

export const sha256 = (data: string | Uint8Array): string => digest("sha256", data, "hex")

/** What the chain covers of an event. */
export interface ChainedHeader {
  readonly seq: number
  readonly id: string
  readonly at: string
  readonly type: string
  readonly v: number
  readonly workspace: string | null
  readonly actor: string
  readonly trust: string
  readonly causationId: string | null
  readonly correlationId: string | null
  readonly payloadHash: string
  readonly prevHash: string
  readonly blobs: ReadonlyArray<string>
}

export const quote = (text: string | null): string => (text === null ? "null" : JSON.stringify(text))

/** The part of the header that many events share, as JSON text: `type,v,workspace,actor,trust`. */
export const kindText = (
  type: string,
  v: number,
  workspace: string | null,
  actor: string,
  trust: string,
): string => `${quote(type)},${v},${quote(workspace)},${quote(actor)},${quote(trust)}`

/** What `hash` is the SHA-256 of, from its parts; `id`, `at` and hashes need no escapes. */
export const headerText = (
  seq: number,
  id: string,
  at: string,
  kind: string,
  causationId: string | null,
  correlationId: string | null,
  payloadHash: string,
  prevHash: string,
  blobs: ReadonlyArray<string>,
): string =>
  headerJson(seq, id, at, kind, quote(causationId), quote(correlationId), payloadHash, prevHash, blobs)

/** The same where causation and correlation are given as JSON. */
export const headerJson = (
  seq: number,
  id: string,
  at: string,
  kind: string,
  causation: string,
  correlation: string,
  payloadHash: string,
  prevHash: string,
  blobs: ReadonlyArray<string>,
): string =>
  `${leafPrefix}["${domain}",${seq},"${id}","${at}",${kind},${causation},${correlation},"${payloadHash}","${prevHash}"${
    blobs.length === 0 ? "" : `,${JSON.stringify(blobs)}`
  }]`

/** The same for an event that came from outside: every text is quoted. */
export const chainHash = (h: ChainedHeader): string =>
  sha256(
    leafPrefix +
      JSON.stringify([
        domain,
        h.seq,
        h.id,
        h.at,
        h.type,
        h.v,
        h.workspace,
        h.actor,
        h.trust,
        h.causationId,
        h.correlationId,
        h.payloadHash,
        h.prevHash,
        ...(h.blobs.length === 0 ? [] : [h.blobs]),
      ]),
  )
