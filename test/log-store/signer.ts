/** A key of a test's own, as the log takes it. */
import { generateKeyPairSync, sign } from "node:crypto"
import type { Signer } from "../../log-store/checkpointNote.ts"

export const signerOf = (name: string): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  return {
    name,
    publicKey: Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url"),
    sign: (text) => sign(null, text, privateKey),
  }
}
