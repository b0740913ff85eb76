/**
 * What a commit adds to its first parent, line by line, read from the object database as `gitStaged` reads the index.
 * A merge adds nothing of its own here: what it brings was committed elsewhere.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { changedFiles, isTree, readCommit, readTree, textOf } from "../git/commits.ts"
import { GitFileError } from "../git/files.ts"
import type { Objects } from "../git/objects.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { stagedRow } from "./gitStaged.ts"

const maxFiles = 500

/** Looks blobs up by their path; folders already read are remembered. */
const blobsOf = (objects: Objects, tree: string | null): ((path: string) => string | null) => {
  const folders = new Map<string, ReadonlyMap<string, { readonly sha: string; readonly isTree: boolean }>>()
  const folder = (sha: string) => {
    const known = folders.get(sha)
    if (known !== undefined) return known
    const read = new Map(
      (readTree(objects, sha) ?? []).map((entry) => [
        textOf(entry.name),
        { sha: entry.sha, isTree: isTree(entry) },
      ]),
    )
    folders.set(sha, read)
    return read
  }
  return (path) => {
    let at = tree
    const parts = path.split("/")
    for (const [index, part] of parts.entries()) {
      const entry = at === null ? undefined : folder(at).get(part)
      if (entry === undefined || entry.isTree === (index === parts.length - 1)) return null
      at = entry.sha
    }
    return at
  }
}

export const gitCommitted = (
  { objects, place }: OpenRepository,
  sha: string,
  maxBytes: number,
): ProbeAnswer<"gitCommitted"> => {
  const commit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) ? readCommit(objects, sha) : null
  if (commit === null) throw new GitFileError({ file: place.gitDir, reason: "the commit cannot be read" })
  const parents = commit.parents.length
  if (parents > 1) return { parents, files: [], truncated: false }
  const parent = parents === 0 ? null : readCommit(objects, commit.parents[0]!)
  if (parents === 1 && parent === null)
    throw new GitFileError({ file: place.gitDir, reason: "the commit's parent cannot be read" })
  const changed = changedFiles(objects, parent?.tree ?? null, commit.tree, maxFiles)
  const before = blobsOf(objects, parent?.tree ?? null)
  const after = blobsOf(objects, commit.tree)
  const budget = { left: maxBytes }
  const files = changed.files.flatMap((path) => {
    const now = after(path)
    const was = before(path)
    if (now === null) return []
    const status = was === null ? "A" : "M"
    return [stagedRow(objects, { path, status, from: null, before: was, after: now }, budget)]
  })
  return { parents, files, truncated: changed.truncated || files.some(({ truncated }) => truncated) }
}
