/**
 * A reader of git's index, versions 2 to 4: entries with their stages and stat data, and the cache-tree extension.
 * Entries are looked at in place; nothing is copied until it is asked for, so that an index of many thousand
 * files costs a walk over one buffer. A split index and unknown required extensions are said, not guessed.
 */
import { createHash } from "node:crypto"
import { GitFileError, readWhole } from "./files.ts"

export interface CacheTree {
  /** Entries covered, -1: not valid. */
  readonly count: number
  readonly sha: string | null
  readonly children: ReadonlyMap<string, CacheTree>
}
export interface GitIndex {
  readonly count: number
  /** Bytes as latin1. */
  readonly pathAt: (at: number) => string
  readonly modeAt: (at: number) => number
  readonly shaAt: (at: number) => string
  /** 0: merged, 1-3: a side of a conflict. */
  readonly stageAt: (at: number) => number
  /** Intent to add: in the index, but nothing is staged. */
  readonly intentAt: (at: number) => boolean
  /** Not looked for in the working tree (`assume-unchanged`, `skip-worktree`). */
  readonly assumedAt: (at: number) => boolean
  readonly statAt: (at: number) => {
    readonly mtimeSec: number
    readonly mtimeNsec: number
    readonly size: number
  }
  readonly tree: CacheTree | null
  /** Why it cannot be read right, where it cannot. */
  readonly unsupported: string | null
}

const maxBytes = 256 << 20
const maxDepth = 200

const empty: GitIndex = {
  count: 0,
  pathAt: () => "",
  modeAt: () => 0,
  shaAt: () => "",
  stageAt: () => 0,
  intentAt: () => false,
  assumedAt: () => false,
  statAt: () => ({ mtimeSec: 0, mtimeNsec: 0, size: 0 }),
  tree: null,
  unsupported: null,
}

const readCacheTree = (bytes: Buffer, hashBytes: number): CacheTree | null => {
  let at = 0
  const node = (depth: number): readonly [string, CacheTree] | null => {
    const end = bytes.indexOf(0, at)
    const line = bytes.indexOf(10, end)
    const match =
      end < 0 || line < 0 ? null : /^(-?\d{1,9}) (\d{1,9})$/.exec(bytes.toString("latin1", end + 1, line))
    if (match === null || depth > maxDepth) return null
    const name = bytes.toString("latin1", at, end)
    const count = Number(match[1])
    at = line + 1
    const sha = count < 0 ? null : bytes.toString("hex", at, at + hashBytes)
    if (count >= 0) at += hashBytes
    if (at > bytes.length) return null
    const children = new Map<string, CacheTree>()
    for (let left = Number(match[2]); left > 0; left--) {
      const child = node(depth + 1)
      if (child === null) return null
      children.set(child[0], child[1])
    }
    return [name, { count, sha, children }]
  }
  return node(0)?.[1] ?? null
}

/** All zeros where git was told to leave the checksum out (`index.skipHash`). */
const checksumFits = (bytes: Buffer, hashBytes: number): boolean => {
  const sum = bytes.subarray(bytes.length - hashBytes)
  const content = bytes.subarray(0, bytes.length - hashBytes)
  return (
    sum.every((byte) => byte === 0) ||
    createHash(hashBytes === 32 ? "sha256" : "sha1")
      .update(content)
      .digest()
      .equals(sum)
  )
}

/** Throws `GitFileError` where the bytes are no whole index. */
export const parseIndex = (bytes: Buffer, hashBytes: number, file: string): GitIndex => {
  const bad = (reason: string): never => {
    throw new GitFileError({ file, reason })
  }
  if (bytes.length < 12 + hashBytes || bytes.toString("latin1", 0, 4) !== "DIRC") bad("not an index")
  const version = bytes.readUInt32BE(4)
  const count = bytes.readUInt32BE(8)
  if (version < 2 || version > 4) bad(`index version ${version} is unknown`)
  const end = bytes.length - hashBytes
  if (count * (40 + hashBytes + 3) > end || !checksumFits(bytes, hashBytes)) bad("truncated or damaged")

  const starts = new Uint32Array(count)
  const packed: Array<string> | null = version === 4 ? [] : null
  let at = 12
  let before = ""
  for (let n = 0; n < count; n++) {
    starts[n] = at
    const flags = at + 40 + hashBytes
    if (flags + 2 > end) bad("truncated")
    const name = flags + ((bytes[flags]! & 0x40) !== 0 && version >= 3 ? 4 : 2)
    if (packed === null) {
      const length = bytes.readUInt16BE(flags) & 0xfff
      const stop = length < 0xfff ? name + length : bytes.indexOf(0, name)
      if (stop < 0 || stop >= end) bad("truncated")
      at += Math.ceil((stop - at + 1) / 8) * 8
    } else {
      let from = name
      let byte = bytes[from++]!
      let strip = byte & 0x7f
      while ((byte & 0x80) !== 0 && from < end) {
        byte = bytes[from++]!
        strip = (strip + 1) * 128 + (byte & 0x7f)
      }
      const stop = bytes.indexOf(0, from)
      if (stop < 0 || stop >= end || strip > before.length) bad("truncated")
      before = before.slice(0, before.length - strip) + bytes.toString("latin1", from, stop)
      packed.push(before)
      at = stop + 1
    }
    if (at > end) bad("truncated")
  }

  let tree: CacheTree | null = null
  let unsupported: string | null = null
  while (at + 8 <= end) {
    const name = bytes.toString("latin1", at, at + 4)
    const size = bytes.readUInt32BE(at + 4)
    if (at + 8 + size > end) bad("truncated")
    if (name === "TREE") tree = readCacheTree(bytes.subarray(at + 8, at + 8 + size), hashBytes)
    else if (name === "link") unsupported = "split index"
    else if (name !== "sdir" && !/^[A-Z]/.test(name)) unsupported = "unknown index extension"
    at += 8 + size
  }

  const flagsAt = (n: number): number => bytes.readUInt16BE(starts[n]! + 40 + hashBytes)
  const extendedAt = (n: number): number =>
    version >= 3 && (flagsAt(n) & 0x4000) !== 0 ? bytes.readUInt16BE(starts[n]! + 42 + hashBytes) : 0
  return {
    count,
    pathAt: (n) => {
      if (packed !== null) return packed[n]!
      const name = starts[n]! + 42 + hashBytes + (version >= 3 && (flagsAt(n) & 0x4000) !== 0 ? 2 : 0)
      return bytes.toString("latin1", name, bytes.indexOf(0, name))
    },
    modeAt: (n) => bytes.readUInt32BE(starts[n]! + 24),
    shaAt: (n) => bytes.toString("hex", starts[n]! + 40, starts[n]! + 40 + hashBytes),
    stageAt: (n) => (flagsAt(n) >> 12) & 3,
    intentAt: (n) => (extendedAt(n) & 0x2000) !== 0,
    assumedAt: (n) => (flagsAt(n) & 0x8000) !== 0 || (extendedAt(n) & 0x4000) !== 0,
    statAt: (n) => ({
      mtimeSec: bytes.readUInt32BE(starts[n]! + 8),
      mtimeNsec: bytes.readUInt32BE(starts[n]! + 12),
      size: bytes.readUInt32BE(starts[n]! + 36),
    }),
    tree,
    unsupported,
  }
}

/** No file: an empty index, as in a repository where nothing was staged yet. */
export const readIndex = (file: string, hashBytes: number): GitIndex => {
  const bytes = readWhole(file, maxBytes)
  return bytes === null ? empty : parseIndex(bytes, hashBytes, file)
}
