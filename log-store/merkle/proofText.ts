/**
 * Proofs as text that others verify. Of one event: c2sp.org/tlog-proof, with the event's export line as the extra data (what
 * its leaf is the hash of). Of two checkpoints: `claw.log/consistency/1`, the path's hashes in base64 a line each, a
 * blank line, the older checkpoint, a blank line, the newer one. Pure.
 */
import { sha256 } from "../canonical.ts"

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64")
const lines = (path: ReadonlyArray<string>): string => path.map((hash) => `${base64(hash)}\n`).join("")

export const inclusionText = (proof: {
  readonly index: number
  readonly path: ReadonlyArray<string>
  readonly event: string
  readonly note: string
}): string =>
  `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(proof.event).toString("base64")}\nindex ${proof.index}\n${lines(proof.path)}\n${proof.note}`

export const consistencyText = (proof: {
  readonly path: ReadonlyArray<string>
  readonly older: string
  readonly newer: string
}): string => `claw.log/consistency/1\n${lines(proof.path)}\n${proof.older}\n${proof.newer}`

/** An event's export line with its payload replaced by the hash that the chain covers. */
export const withoutPayload = (line: string): string => {
  const event = JSON.parse(line) as Record<string, unknown>
  if (event["erased"] === true) return line
  const payloadHash = sha256(JSON.stringify(event["payload"]))
  return JSON.stringify({ ...event, payload: null, erased: true, payloadHash })
}
