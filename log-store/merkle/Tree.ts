/**
 * The Merkle tree of a log: roots and paths from its leaves (the hash column of the chunks) and its tiles. Only reads; what is to be written is handed out (`extend`, `pending`), because the log has one writer.
 * Invariants: an answer does not depend on the tiles, which only spare work: what is missing or damaged is computed
 * from below; tiles of another log (its state names another leaf) are not used; memory is bounded at any size.
 */
import type { Backend } from "../Backend.ts"
import { Chunk } from "../chunk.ts"
import { hashBytes, nodeHash, type Subtree } from "./hashes.ts"
import { consistencyPath, inclusionPath, treeRoot } from "./proofs.ts"
import {
  decodeState,
  decodeTile,
  encodeState,
  encodeTile,
  noTiles,
  stateRecord,
  tileKey,
  tileLevels,
  tilePrefix,
  type TreeState,
  tileWidth,
} from "./tiles.ts"

/** Tiles held decoded, 8 KiB each. */
const heldTiles = 32

export interface TileRecord {
  readonly key: string
  readonly value: Buffer | null
}

export class Tree {
  readonly #backend: Backend
  readonly #held = new Map<string, Buffer>()
  #chunk: Chunk | undefined
  #state: TreeState
  /** Made and not written yet. */
  #pending = new Map<string, Buffer>()
  /** A tile that should be there is not, or is another one. */
  #isDamaged = false

  constructor(backend: Backend) {
    this.#backend = backend
    this.#state = this.#stored()
  }

  get covered(): number {
    return this.#state.covered
  }

  #stored(): TreeState {
    const state = decodeState(this.#backend.record(stateRecord))
    try {
      return state.covered > 0 && this.leaf(state.covered - 1).toString("hex") === state.hash
        ? state
        : noTiles
    } catch {
      return noTiles
    }
  }

  /** Hash of the event `index + 1`. */
  leaf(index: number): Buffer {
    const seq = index + 1
    let chunk = this.#chunk
    if (chunk === undefined || seq < chunk.first || seq > chunk.last) {
      const stored = this.#backend.chunkAt(seq)
      chunk = stored === undefined ? undefined : new Chunk(stored.bytes)
      if (chunk === undefined || chunk.last < seq || chunk.first > seq)
        throw new Error(`event ${seq} is missing`)
      this.#chunk = chunk
    }
    return chunk.leaf(seq - chunk.first)
  }

  #tile(level: number, index: number): Buffer | undefined {
    const key = tileKey(level, index)
    const held = this.#pending.get(key) ?? this.#held.get(key)
    if (held !== undefined) return held
    const found = decodeTile(this.#backend.record(key))
    if (found === undefined) return undefined
    if (this.#held.size >= heldTiles) this.#held.delete(this.#held.keys().next().value!)
    this.#held.set(key, found)
    return found
  }

  /** The root of `256 ** level` leaves out of a tile; undefined where no tile has it. */
  entry(level: number, index: number): Buffer | undefined {
    const leaves = tileWidth ** level
    if ((index + 1) * leaves > this.#state.covered) return undefined
    const at = (index % tileWidth) * hashBytes
    const hash = this.#tile(level, Math.floor(index / tileWidth))?.subarray(at, at + hashBytes)
    if (hash?.length === hashBytes) return hash
    this.#isDamaged = true
    return undefined
  }

  readonly #subtree: Subtree = (level, index) => {
    if (level === 0) return this.leaf(index)
    const found = level % tileLevels === 0 ? this.entry(level / tileLevels, index) : undefined
    return found ?? nodeHash(this.#subtree(level - 1, 2 * index), this.#subtree(level - 1, 2 * index + 1))
  }

  root(size: number): Uint8Array {
    return treeRoot(this.#subtree, size)
  }
  inclusion(index: number, size: number): ReadonlyArray<Uint8Array> {
    return inclusionPath(this.#subtree, index, size)
  }
  consistency(older: number, newer: number): ReadonlyArray<Uint8Array> {
    return consistencyPath(this.#subtree, older, newer)
  }

  /** Makes the tiles reach `leaves` more leaves, but not beyond `size`; false where they reach it already. */
  extend(size: number, leaves: number): boolean {
    if (this.#isDamaged) this.#begin()
    const from = this.#state.covered
    const to = Math.min(size - (size % tileWidth), from + leaves - (leaves % tileWidth))
    if (to <= from) return false
    for (let at = from; at < to; at += tileWidth) this.#add(1, at / tileWidth)
    this.#state = { covered: to, hash: this.leaf(to - 1).toString("hex") }
    return true
  }

  /** Adds the next entry of a level, and what that makes whole above it. */
  #add(level: number, index: number): void {
    const hash = this.#whole(level, index)
    const tile = Math.floor(index / tileWidth)
    const before = index % tileWidth === 0 ? Buffer.alloc(0) : this.#tile(level, tile)
    // entries after this one are of a state that was not kept
    const known = before?.subarray(0, (index % tileWidth) * hashBytes)
    if (known?.length !== (index % tileWidth) * hashBytes) {
      this.#isDamaged = true
      return
    }
    const key = tileKey(level, tile)
    this.#pending.set(key, Buffer.concat([known, hash]))
    this.#held.delete(key)
    if ((index + 1) % tileWidth === 0) this.#add(level + 1, tile)
  }

  /** The root of a perfect subtree from the level of tiles below it, which is there. */
  #whole(level: number, index: number): Uint8Array {
    const below = level === 1 ? undefined : this.#tile(level - 1, index)
    let row: Array<Uint8Array> = Array.from({ length: tileWidth }, (_, n) =>
      below === undefined
        ? this.#subtree((level - 1) * tileLevels, index * tileWidth + n)
        : below.subarray(n * hashBytes, (n + 1) * hashBytes),
    )
    while (row.length > 1)
      row = Array.from({ length: row.length / 2 }, (_, n) => nodeHash(row[2 * n]!, row[2 * n + 1]!))
    return row[0]!
  }

  /** What is to be written for the tiles made since; they are read from here until `written` or `forget`. */
  pending(): ReadonlyArray<TileRecord> {
    const tiles = [...this.#pending].map(([key, hashes]) => ({ key, value: encodeTile(hashes) }))
    return tiles.length === 0 ? [] : [...tiles, { key: stateRecord, value: encodeState(this.#state) }]
  }
  written(): void {
    this.#pending.clear()
  }
  /** What was pending was not written. */
  forget(): void {
    this.#pending.clear()
    this.#held.clear()
    this.#state = this.#stored()
  }

  /** Begins anew; the records to be removed. */
  drop(): ReadonlyArray<TileRecord> {
    this.#begin()
    return this.#backend.recordKeys(tilePrefix).map((key) => ({ key, value: null }))
  }
  #begin(): void {
    this.#isDamaged = false
    this.#pending.clear()
    this.#held.clear()
    this.#state = noTiles
  }
}
