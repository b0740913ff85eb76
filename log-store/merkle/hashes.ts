/**
 * The hashes of RFC 6962's Merkle tree. A leaf's hash is its event's `hash` (`canonical.ts`); a node's is the SHA-256 of
 * a one byte and its two children. Pure. Hashes are 32 bytes here, hex outside.
 */
import { hash } from "node:crypto"

export const hashBytes = 32

/** Root of the tree without leaves. */
export const emptyRoot: Buffer = hash("sha256", "", "buffer")

const pair = Buffer.alloc(1 + 2 * hashBytes)
pair[0] = 1

export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => {
  pair.set(left, 1)
  pair.set(right, 1 + hashBytes)
  return hash("sha256", pair, "buffer")
}

/** Root of the perfect tree over `2 ** level` leaves whose first is leaf `index * 2 ** level`. */
export type Subtree = (level: number, index: number) => Uint8Array
