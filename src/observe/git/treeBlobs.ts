/**
 * Single files of trees: which object a path has, and whether one tree already has all that a line of work changed.
 * Each tree is read once; whatever cannot be read counts as different.
 */
import { changedFiles, isTree, readCommit, readTree, type TreeEntry } from "./commits.ts"
import type { Objects } from "./objects.ts"

export interface Trees {
  /** Object of a path (text); null where there is none. */
  readonly blobAt: (tree: string, path: string) => string | null
}

export const openTrees = (objects: Objects): Trees => {
  const read = new Map<string, ReadonlyMap<string, TreeEntry>>()
  const entriesOf = (sha: string): ReadonlyMap<string, TreeEntry> => {
    const known = read.get(sha)
    if (known !== undefined) return known
    const entries = new Map((readTree(objects, sha) ?? []).map((entry) => [entry.name, entry]))
    read.set(sha, entries)
    return entries
  }
  return {
    blobAt: (tree, path) => {
      const parts = Buffer.from(path, "utf8").toString("latin1").split("/")
      let at = tree
      for (const [depth, part] of parts.entries()) {
        const entry = entriesOf(at).get(part)
        if (entry === undefined) return null
        if (depth === parts.length - 1) return isTree(entry) ? null : entry.sha
        if (!isTree(entry)) return null
        at = entry.sha
      }
      return null
    },
  }
}

const maxFiles = 300

/** `into` has the same text as `tip` in every file that changed between `base` and `tip`. */
export const hasWork = (objects: Objects, base: string, tip: string, into: string): boolean => {
  const treeOf = (sha: string): string | null => readCommit(objects, sha)?.tree ?? null
  const from = treeOf(base)
  const to = treeOf(tip)
  const there = treeOf(into)
  if (from === null || to === null || there === null) return false
  const { files, truncated } = changedFiles(objects, from, to, maxFiles)
  if (truncated || files.length === 0) return false
  const trees = openTrees(objects)
  return files.every((file) => trees.blobAt(to, file) === trees.blobAt(there, file))
}
