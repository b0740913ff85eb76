/**
 * Commits and trees: parsing, and which paths differ between two trees. Paths are kept as the bytes git has
 * (latin1 strings, so that `<` is git's byte order) and become text only when they are stated.
 * Everything is bounded: a tree made to explode ends as `truncated`.
 */
import type { Objects } from "./objects.ts"

export interface Commit {
  readonly tree: string
  readonly parents: ReadonlyArray<string>
  readonly committedSec: number
  readonly subject: string
}
export interface TreeEntry {
  readonly mode: number
  /** Bytes as latin1. */
  readonly name: string
  readonly sha: string
}

const treeMode = 0o040000
const maxTrees = 20_000
const maxDepth = 200

/** Bytes held as latin1 to text; what is not UTF-8 becomes U+FFFD. */
export const textOf = (latin1: string): string =>
  /[\x80-\xff]/.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1

export const parseCommit = (data: Buffer): Commit | null => {
  const blank = data.indexOf("\n\n")
  const headers = data.toString("latin1", 0, blank < 0 ? data.length : blank).split("\n")
  const tree = /^tree ([0-9a-f]+)$/.exec(headers[0] ?? "")?.[1]
  if (tree === undefined) return null
  const parents = headers.flatMap((line) => /^parent ([0-9a-f]+)$/.exec(line)?.[1] ?? [])
  const committer = headers.find((line) => line.startsWith("committer "))
  const message = blank < 0 ? "" : data.toString("utf8", blank + 2, Math.min(data.length, blank + 16_384))
  const paragraph = message.replace(/^\s+/, "").split(/\n\s*\n/, 1)[0]!
  return {
    tree,
    parents: parents.slice(0, 64),
    committedSec: Number(/> (\d+) [+-]\d+$/.exec(committer ?? "")?.[1] ?? 0),
    subject: paragraph.trimEnd().replaceAll("\n", " ").slice(0, 1_000),
  }
}

export const readCommit = (objects: Objects, sha: string): Commit | null => {
  const data = objects.read(sha, "commit")
  return data === null ? null : parseCommit(data)
}

const parseTree = (data: Buffer, hashBytes: number): ReadonlyArray<TreeEntry> | null => {
  const entries: Array<TreeEntry> = []
  let at = 0
  while (at < data.length) {
    const space = data.indexOf(32, at)
    const end = data.indexOf(0, space)
    if (space < 0 || end < 0 || end + 1 + hashBytes > data.length) return null
    entries.push({
      mode: Number.parseInt(data.toString("latin1", at, space), 8),
      name: data.toString("latin1", space + 1, end),
      sha: data.toString("hex", end + 1, end + 1 + hashBytes),
    })
    at = end + 1 + hashBytes
  }
  return entries
}

export const readTree = (objects: Objects, sha: string): ReadonlyArray<TreeEntry> | null => {
  const data = objects.read(sha, "tree")
  return data === null ? null : parseTree(data, objects.hashBytes)
}

export const isTree = (entry: TreeEntry): boolean => entry.mode === treeMode
/** git sorts a folder as if its name ended in a slash. */
export const treeKey = (entry: TreeEntry): string => (isTree(entry) ? `${entry.name}/` : entry.name)

export interface ChangedFiles {
  readonly files: ReadonlyArray<string>
  readonly truncated: boolean
}

/** Paths that differ between two trees (null: the empty tree), in git's order, at most `limit`. */
export const changedFiles = (
  objects: Objects,
  from: string | null,
  to: string | null,
  limit: number,
): ChangedFiles => {
  const files: Array<string> = []
  let truncated = false
  let trees = 0

  const entriesOf = (sha: string | null): ReadonlyArray<TreeEntry> => {
    if (sha === null) return []
    const entries = ++trees > maxTrees ? null : readTree(objects, sha)
    if (entries === null) truncated = true
    return entries ?? []
  }
  const add = (path: string): void => {
    if (files.length < limit) files.push(textOf(path))
    else truncated = true
  }
  const one = (
    prefix: string,
    left: TreeEntry | undefined,
    right: TreeEntry | undefined,
    depth: number,
  ): void => {
    const entry = (left ?? right)!
    const path = prefix + entry.name
    if (!isTree(entry)) add(path)
    else walk(`${path}/`, left?.sha ?? null, right?.sha ?? null, depth + 1)
  }
  const walk = (prefix: string, left: string | null, right: string | null, depth: number): void => {
    if (left === right) return
    if (depth > maxDepth) {
      truncated = true
      return
    }
    const a = entriesOf(left)
    const b = entriesOf(right)
    let i = 0
    let j = 0
    while ((i < a.length || j < b.length) && !(truncated && files.length >= limit)) {
      const x = a[i]
      const y = b[j]
      const keyX = x === undefined ? null : treeKey(x)
      const keyY = y === undefined ? null : treeKey(y)
      if (keyY === null || (keyX !== null && keyX < keyY)) {
        one(prefix, x, undefined, depth)
        i++
      } else if (keyX === null || keyY < keyX) {
        one(prefix, undefined, y, depth)
        j++
      } else {
        if (x!.sha !== y!.sha || x!.mode !== y!.mode) one(prefix, x, y, depth)
        i++
        j++
      }
    }
  }
  walk("", from, to, 0)
  return { files, truncated }
}
