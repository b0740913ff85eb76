/**
 * Tiles of the tree, the store's records `tree/<level>/<index>`: up to 256 hashes, each the root of a perfect subtree of
 * 256 ** level leaves; the leaves themselves (level 0) are in the chunks. A tile's record only grows, and an entry is
 * written once its subtree is whole, so that it never changes. Each record begins with the SHA-256 of the rest: a
 * tile is a cache, and one that was damaged is as good as none. `tree/state` says how far they reach, and in which log.
 */
import { hash } from "node:crypto"
import { Schema } from "effect"
import { hashBytes } from "./hashes.ts"

export const tileWidth = 256
/** Levels of the binary tree that one tile spans. */
export const tileLevels = 8
export const tilePrefix = "tree/"
export const stateRecord = `${tilePrefix}state`

export const tileKey = (level: number, index: number): string => `${tilePrefix}${level}/${index}`

const digest = (content: Uint8Array): Buffer => hash("sha256", content, "buffer")

export const encodeTile = (hashes: Uint8Array): Buffer => Buffer.concat([digest(hashes), hashes])

/** The hashes of a stored tile, one after another; undefined where it is not as it was written. */
export const decodeTile = (record: Buffer | undefined): Buffer | undefined => {
  if (record === undefined || record.length <= hashBytes || record.length % hashBytes !== 0) return undefined
  const content = record.subarray(hashBytes)
  return digest(content).equals(record.subarray(0, hashBytes)) ? content : undefined
}

/** Leaves that the tiles of level 1 cover (a multiple of 256), and the hash of the last of them. */
const TreeState = Schema.fromJsonString(Schema.Struct({ covered: Schema.Natural, hash: Schema.String }))
export type TreeState = typeof TreeState.Type
export const noTiles: TreeState = { covered: 0, hash: "" }
const decode = Schema.decodeUnknownOption(TreeState)

export const encodeState = (state: TreeState): Buffer => Buffer.from(JSON.stringify(state))
export const decodeState = (record: Buffer | undefined): TreeState => {
  if (record === undefined) return noTiles
  const state = decode(record.toString())
  return state._tag === "Some" ? state.value : noTiles
}
