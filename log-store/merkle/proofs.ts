/**
 * RFC 6962, section 2.1: root, inclusion path and consistency path of a tree of any size, from the roots of its
 * perfect subtrees; and the way back, from a path to the roots it proves. Pure; sizes up to 2^53.
 * Invariant: what `inclusionPath` and `consistencyPath` make, `rootOfInclusion` and `provesConsistency` accept, and nothing else.
 */
import { emptyRoot, nodeHash, type Subtree } from "./hashes.ts"

/** The largest power of two below `n`, for `n` above 1, and its exponent. */
const splitOf = (n: number): { readonly k: number; readonly level: number } => {
  let k = 1
  let level = 0
  while (2 * k < n) {
    k *= 2
    level++
  }
  return { k, level }
}

/** Root of the leaves from `from` up to, not including, `to`; `from` is a multiple of the power of two at or above `to - from`. */
const rangeRoot = (read: Subtree, from: number, to: number): Uint8Array => {
  const n = to - from
  if (n === 1) return read(0, from)
  const { k, level } = splitOf(n)
  if (n === 2 * k) return read(level + 1, from / n)
  return nodeHash(read(level, from / k), rangeRoot(read, from + k, to))
}

export const treeRoot = (read: Subtree, size: number): Uint8Array =>
  size === 0 ? emptyRoot : rangeRoot(read, 0, size)

/** From the leaf's sibling up to the root's child. */
export const inclusionPath = (read: Subtree, index: number, size: number): ReadonlyArray<Uint8Array> => {
  const path: Array<Uint8Array> = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const { k } = splitOf(to - from)
    if (index < from + k) {
      path.push(rangeRoot(read, from + k, to))
      to = from + k
    } else {
      path.push(rangeRoot(read, from, from + k))
      from += k
    }
  }
  return path.reverse()
}

/** That the tree of `older` leaves is the beginning of the tree of `newer` leaves. */
export const consistencyPath = (read: Subtree, older: number, newer: number): ReadonlyArray<Uint8Array> => {
  if (older === 0 || older === newer) return []
  const path: Array<Uint8Array> = []
  let from = 0
  let to = newer
  while (to !== older) {
    const { k } = splitOf(to - from)
    if (older <= from + k) {
      path.push(rangeRoot(read, from + k, to))
      to = from + k
    } else {
      path.push(rangeRoot(read, from, from + k))
      from += k
    }
  }
  // the older root itself is known to who asks, a part of it is not
  if (from > 0) path.push(rangeRoot(read, from, to))
  return path.reverse()
}

const isOdd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)

/** The root that a leaf and its path lead to; null where the path has not the length it must have. */
export const rootOfInclusion = (
  leaf: Uint8Array,
  index: number,
  size: number,
  path: ReadonlyArray<Uint8Array>,
): Uint8Array | null => {
  if (index < 0 || index >= size) return null
  let at = index
  let last = size - 1
  let root = leaf
  for (const hash of path) {
    if (last === 0) return null
    if (isOdd(at) || at === last) {
      root = nodeHash(hash, root)
      while (!isOdd(at) && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else root = nodeHash(root, hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 ? root : null
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Whether the path proves that the tree with `newerRoot` begins with the one with `olderRoot`. */
export const provesConsistency = (
  older: number,
  olderRoot: Uint8Array,
  newer: number,
  newerRoot: Uint8Array,
  path: ReadonlyArray<Uint8Array>,
): boolean => {
  if (older > newer || older < 0) return false
  if (older === newer) return path.length === 0 && same(olderRoot, newerRoot)
  if (older === 0) return path.length === 0 && same(olderRoot, emptyRoot)
  let at = older - 1
  let last = newer - 1
  while (isOdd(at)) {
    at = half(at)
    last = half(last)
  }
  // a whole left part of the newer tree: its root is the older one, which the path leaves out
  const hashes = at === 0 ? [olderRoot, ...path] : path
  let first = hashes[0]
  if (first === undefined) return false
  let second = first
  for (const hash of hashes.slice(1)) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      first = nodeHash(hash, first)
      second = nodeHash(hash, second)
      while (!isOdd(at) && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else second = nodeHash(second, hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 && same(first, olderRoot) && same(second, newerRoot)
}
