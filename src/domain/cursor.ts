/**
 * Where an export ended, so that the next one goes on behind it: the seq and the hash of its last event, as one word that
 * only this module reads. The hash tells the log: a cursor of another one, or of one that was rewritten, is refused.
 * Pure.
 */

export interface Cursor {
  readonly seq: number
  readonly hash: string
}

const version = 1
/** Version, seq (48 bits), SHA-256. */
const bytes = 1 + 6 + 32

export const encodeCursor = ({ seq, hash }: Cursor): string => {
  const out = Buffer.alloc(bytes)
  out[0] = version
  out.writeUIntBE(seq, 1, 6)
  out.write(hash, 7, "hex")
  return out.toString("base64url")
}

/** Null where the word is no cursor. */
export const decodeCursor = (text: string): Cursor | null => {
  const found = /^[A-Za-z0-9_-]{52}$/.test(text) ? Buffer.from(text, "base64url") : Buffer.alloc(0)
  if (found.length !== bytes || found[0] !== version) return null
  return { seq: found.readUIntBE(1, 6), hash: found.toString("hex", 7) }
}
