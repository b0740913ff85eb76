/**
 * What is staged: the index compared with HEAD's tree, without git. Parts of the tree that the index' own cache knows
 * to be equal are skipped, so the cost follows what changed. Rows are what `git diff --cached` has: A, M, D, T, R (the
 * same content under another name) and U (conflict). `digest` is over the whole set, also where the rows are cut.
 */
import { createHash } from "node:crypto"
import { isTree, readTree, textOf, treeKey, type TreeEntry } from "./commits.ts"
import type { CacheTree, GitIndex } from "./indexFile.ts"
import type { Objects } from "./objects.ts"

export interface StagedFile {
  readonly path: string
  readonly status: "A" | "M" | "D" | "R" | "T" | "U"
  /** Old path of a rename. */
  readonly from: string | null
  /** Object in HEAD and in the index; null where there is none. */
  readonly before: string | null
  readonly after: string | null
}
export interface Staged {
  readonly files: ReadonlyArray<StagedFile>
  readonly count: number
  readonly truncated: boolean
  readonly conflicts: ReadonlyArray<string>
  readonly conflictCount: number
  /** SHA-256 over path, mode and object of every row: equal means the same is staged. */
  readonly digest: string
  /** A tree of HEAD could not be read: the rows are not to be trusted. */
  readonly incomplete: boolean
}

/** The digest of nothing staged. */
export const nothingStaged = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const maxDepth = 200
const typeOf = (mode: number): number => mode & 0o170000

interface Row {
  readonly path: string
  readonly left: { readonly mode: number; readonly sha: string } | null
  readonly right: { readonly mode: number; readonly sha: string } | null
}

export const compareStaged = (
  objects: Objects,
  headTree: string | null,
  index: GitIndex,
  limit: number,
): Staged => {
  const digest = createHash("sha256")
  const rows: Array<Row> = []
  const conflicts: Array<string> = []
  let count = 0
  let conflictCount = 0
  let incomplete = false

  const row = (path: string, left: Row["left"], right: Row["right"]): void => {
    count++
    digest.update(`${path}\0${right === null ? "" : `${right.mode} ${right.sha}`}\0${left?.sha ?? ""}\0`)
    // Twice the bound, so that the two halves of a rename are still there to be joined.
    if (rows.length < limit * 2) rows.push({ path, left, right })
  }
  const removed = (prefix: string, entry: TreeEntry, depth: number): void => {
    if (!isTree(entry)) return row(prefix + entry.name, entry, null)
    const entries = depth > maxDepth ? null : readTree(objects, entry.sha)
    if (entries === null) incomplete = true
    for (const child of entries ?? []) removed(`${prefix}${entry.name}/`, child, depth + 1)
  }
  /** One index entry (or the stages of a conflict) against what HEAD has; returns the entry behind it. */
  const file = (at: number, hi: number, path: string, left: TreeEntry | undefined): number => {
    if (index.stageAt(at) !== 0) {
      let next = at
      while (next < hi && index.pathAt(next) === path) {
        digest.update(`${path}\0${index.stageAt(next)} ${index.shaAt(next)}\0`)
        next++
      }
      conflictCount++
      if (conflicts.length < limit) conflicts.push(textOf(path))
      return next
    }
    if (index.intentAt(at)) {
      if (left !== undefined) row(path, left, null)
      return at + 1
    }
    const right = { mode: index.modeAt(at), sha: index.shaAt(at) }
    if (left === undefined) row(path, null, right)
    else if (left.sha !== right.sha || left.mode !== right.mode) row(path, left, right)
    return at + 1
  }

  const walk = (
    tree: string | null,
    prefix: string,
    lo: number,
    hi: number,
    cache: CacheTree | null,
    depth: number,
  ): void => {
    if (cache !== null && cache.count >= 0 && cache.sha === tree && cache.count === hi - lo) return
    if (depth > maxDepth) {
      incomplete = true
      return
    }
    const entries = tree === null ? [] : readTree(objects, tree)
    if (entries === null) incomplete = true
    const left = entries ?? []
    let i = 0
    let at = lo
    while (i < left.length || at < hi) {
      const entry = left[i]
      const path = at < hi ? index.pathAt(at) : null
      const slash = path === null ? -1 : path.indexOf("/", prefix.length)
      const sparse = path !== null && slash === path.length - 1
      const name =
        path === null ? null : slash < 0 ? path.slice(prefix.length) : path.slice(prefix.length, slash)
      const key = name === null ? null : slash < 0 ? name : `${name}/`
      const leftKey = entry === undefined ? null : treeKey(entry)
      if (key === null || (leftKey !== null && leftKey < key)) {
        removed(prefix, entry!, depth)
        i++
        continue
      }
      const same = leftKey === key
      if (same) i++
      if (sparse) {
        if (!same || entry!.sha !== index.shaAt(at)) row(path, same ? entry! : null, sideOf(index, at))
        at++
      } else if (slash < 0) {
        at = file(at, hi, path!, same ? entry : undefined)
      } else {
        const below = `${prefix}${name}/`
        const child = cache?.children.get(name!) ?? null
        const next = endOf(index, at, hi, below, child)
        walk(same ? entry!.sha : null, below, at, next, child, depth + 1)
        at = next
      }
    }
  }
  walk(headTree, "", 0, index.count, index.tree, 0)

  const { files, joined } = joinRenames(rows)
  for (const path of conflicts) files.push({ path, status: "U", from: null, before: null, after: null })
  const total = count - joined + conflictCount
  return {
    files: files.slice(0, limit),
    count: total,
    truncated: total > Math.min(limit, files.length),
    conflicts,
    conflictCount,
    digest: digest.digest("hex"),
    incomplete,
  }
}

const sideOf = (index: GitIndex, at: number) => ({ mode: index.modeAt(at), sha: index.shaAt(at) })

/** First entry behind those below `prefix`; a valid cache knows how many there are. */
const endOf = (
  index: GitIndex,
  from: number,
  hi: number,
  prefix: string,
  cache: CacheTree | null,
): number => {
  if (cache !== null && cache.count > 0) {
    const next = from + cache.count
    if (
      next <= hi &&
      index.pathAt(next - 1).startsWith(prefix) &&
      (next === hi || !index.pathAt(next).startsWith(prefix))
    )
      return next
  }
  let low = from
  let high = hi
  // Sorted by path, so what starts with the prefix is one run: find its end by halving.
  while (low < high) {
    const middle = (low + high) >>> 1
    if (index.pathAt(middle).startsWith(prefix)) low = middle + 1
    else high = middle
  }
  // An index out of order (damaged or hostile) must not hold the walk in place.
  return Math.max(low, from + 1)
}

const joinRenames = (
  rows: ReadonlyArray<Row>,
): { readonly files: Array<StagedFile>; readonly joined: number } => {
  const gone = new Map<string, Array<Row>>()
  for (const row of rows)
    if (row.right === null) gone.set(row.left!.sha, [...(gone.get(row.left!.sha) ?? []), row])
  const renamed = new Set<Row>()
  const files: Array<StagedFile> = []
  for (const row of rows) {
    if (row.right === null) continue
    const from = row.left === null ? gone.get(row.right.sha)?.shift() : undefined
    if (from !== undefined) renamed.add(from)
    const status =
      from !== undefined
        ? "R"
        : row.left === null
          ? "A"
          : typeOf(row.left.mode) !== typeOf(row.right.mode)
            ? "T"
            : "M"
    files.push({
      path: textOf(row.path),
      status,
      from: from === undefined ? null : textOf(from.path),
      before: row.left?.sha ?? from?.left?.sha ?? null,
      after: row.right.sha,
    })
  }
  for (const row of rows)
    if (row.right === null && !renamed.has(row))
      files.push({ path: textOf(row.path), status: "D", from: null, before: row.left!.sha, after: null })
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return { files, joined: renamed.size }
}
