/**
 * The Ed25519 key that signs the log's checkpoints: one an installation, in the keychain. Made when it is first needed;
 * a keychain that cannot be reached is an error, never a reason for another key.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, createPublicKey, sign } from "node:crypto"
import { Effect } from "effect"
import type { Signer } from "../../log-store/checkpointNote.ts"
import { type Keychain, KeychainError, type Place } from "../config/Keychain.ts"

export const signingKeyName = "log-signing-key"

export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Buffer
  readonly place: Place
  readonly shadowed: string | null
  /** It was made just now: no log was signed by it before. */
  readonly isNew: boolean
  readonly signerFor: (origin: string) => Signer
}

const publicKeyOf = (key: KeyObject): Buffer => {
  const { x } = createPublicKey(key).export({ format: "jwk" })
  return Buffer.from(x!, "base64url")
}

const decode = (secret: string): KeyObject | null => {
  try {
    const key = createPrivateKey({ key: Buffer.from(secret, "base64"), format: "der", type: "pkcs8" })
    return key.asymmetricKeyType === "ed25519" ? key : null
  } catch {
    return null
  }
}

const keyOf = (key: KeyObject, place: Place, shadowed: string | null, isNew: boolean): SigningKey => {
  const publicKey = publicKeyOf(key)
  return {
    publicKey,
    place,
    shadowed,
    isNew,
    signerFor: (name) => ({ name, publicKey, sign: (text) => sign(null, text, key) }),
  }
}

type Keys = Keychain["Service"]

/** Null where none was made yet. */
export const findSigningKey = Effect.fn("findSigningKey")(function* (keychain: Keys) {
  const found = yield* keychain.get(signingKeyName)
  if (found === null) return null
  const key = decode(found.secret)
  if (key === null)
    return yield* new KeychainError({
      reason: "failed",
      message: `${found.place.where} holds a signing key that cannot be read: put the right one back, or remove it (${signingKeyName}) and let Claw make another`,
    })
  return keyOf(key, found.place, found.shadowed, false)
})

export const loadSigningKey = Effect.fn("loadSigningKey")(function* (keychain: Keys) {
  const found = yield* findSigningKey(keychain)
  if (found !== null) return found
  const { privateKey } = generateKeyPairSync("ed25519")
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64")
  const place = yield* keychain.set(signingKeyName, secret)
  return keyOf(privateKey, place, null, true)
})
