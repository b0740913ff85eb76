/**
 * Checkpoints as signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): origin, size and base64 root a line
 * each, a blank line, and `— <key name> <base64 of key id and signature>`. Ed25519 only. Pure.
 * Invariants: the bytes that were signed are the bytes that are checked, nothing is normalised; a note is taken only whole, and
 * with a signature of the key asked for.
 */
import { createPublicKey, hash, verify } from "node:crypto"

export interface Signer {
  /** The origin of the log's checkpoints. */
  readonly name: string
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly sign: (text: Uint8Array) => Uint8Array
}

/** What a checkpoint says. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
}

export interface Signature {
  readonly name: string
  readonly keyId: Buffer
  readonly signature: Buffer
}
/** A note that was read; nothing of it is to be believed before `isSignedBy`. */
export interface Note extends Checkpoint {
  readonly body: string
  readonly signatures: ReadonlyArray<Signature>
}

export interface VerifierKey {
  readonly name: string
  readonly keyId: Buffer
  readonly publicKey: Buffer
}

export class NoteError extends Error {}

const ed25519 = 1
const keyIdBytes = 4
const dash = "\u2014"
/** In front of a raw Ed25519 key in its DER form (RFC 8410). */
const derPrefix = Buffer.from("302a300506032b6570032100", "hex")

const keyIdOf = (name: string, publicKey: Uint8Array): Buffer =>
  hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519), publicKey]), "buffer").subarray(
    0,
    keyIdBytes,
  )

/** `<name>+<key id in hex>+<base64 of a one byte and the key>`, the form in which verifiers take it. */
export const verifierKey = (name: string, publicKey: Uint8Array): string =>
  `${name}+${keyIdOf(name, publicKey).toString("hex")}+${Buffer.concat([Buffer.of(ed25519), publicKey]).toString("base64")}`

const base64 = (text: string): Buffer | null => {
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : null
}

/** Throws `NoteError` on what is no Ed25519 verifier key. */
export const parseVerifierKey = (text: string): VerifierKey => {
  const [name = "", id = "", key = "", ...rest] = text.split("+")
  // base64 may hold a plus itself
  const bytes = base64([key, ...rest].join("+"))
  if (name === "" || bytes?.length !== 33 || bytes[0] !== ed25519)
    throw new NoteError("it is no Ed25519 verifier key (name+id+key)")
  const publicKey = bytes.subarray(1)
  const keyId = keyIdOf(name, publicKey)
  if (keyId.toString("hex") !== id) throw new NoteError("the verifier key's id does not fit its name and key")
  return { name, keyId, publicKey }
}

const checkpointBody = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root, "hex").toString("base64")}\n`

export const signCheckpoint = (checkpoint: Checkpoint, signer: Signer): string => {
  const body = checkpointBody(checkpoint)
  const signature = Buffer.concat([keyIdOf(signer.name, signer.publicKey), signer.sign(Buffer.from(body))])
  return `${body}\n${dash} ${signer.name} ${signature.toString("base64")}\n`
}

const sizePattern = /^(?:0|[1-9]\d{0,15})$/

const parseSignature = (line: string): Signature => {
  const found = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line)
  const bytes = found === null ? null : base64(found[2]!)
  if (bytes === null || bytes.length <= keyIdBytes) throw new NoteError("a signature line cannot be read")
  return { name: found![1]!, keyId: bytes.subarray(0, keyIdBytes), signature: bytes.subarray(keyIdBytes) }
}

/** Throws `NoteError` with what is wrong. */
export const parseNote = (text: string): Note => {
  const end = text.lastIndexOf("\n\n")
  if (end < 0 || !text.endsWith("\n")) throw new NoteError("it is no whole signed note")
  const body = text.slice(0, end + 1)
  const [origin = "", size = "", root = "", ...rest] = body.split("\n")
  const bytes = base64(root)
  if (origin === "" || !sizePattern.test(size) || bytes?.length !== 32 || rest.length !== 1)
    throw new NoteError("it is no checkpoint: origin, size and root, a line each")
  const lines = text.slice(end + 2, -1).split("\n")
  return {
    origin,
    size: Number(size),
    root: bytes.toString("hex"),
    body,
    signatures: lines.map(parseSignature),
  }
}

/** Whether the note carries a signature of this key that fits. */
export const isSignedBy = (note: Note, key: VerifierKey): boolean => {
  const publicKey = createPublicKey({
    key: Buffer.concat([derPrefix, key.publicKey]),
    format: "der",
    type: "spki",
  })
  const own = note.signatures.filter(({ name, keyId }) => name === key.name && keyId.equals(key.keyId))
  return (
    own.length > 0 && own.every(({ signature }) => verify(null, Buffer.from(note.body), publicKey, signature))
  )
}

/** Stands for a log in its checkpoints: told by its first event, which never changes. */
export const originOf = (firstHash: string): string => `claw.local/${firstHash.slice(0, 16)}`
