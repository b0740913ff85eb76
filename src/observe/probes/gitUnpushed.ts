/** What no remote has yet: the current branch's commits, and large files that came in with them. */
import * as path from "node:path"
import type { OwnCommit } from "../../domain/gitAnswers.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { aheadBehind } from "../git/aheadBehind.ts"
import { changedFiles, readCommit } from "../git/commits.ts"
import { onlyIn, type Reached } from "../git/onlyIn.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { reflogOf } from "../git/reflog.ts"
import { emptyRefsCache, readRefs } from "../git/refs.ts"
import { openTrees } from "../git/treeBlobs.ts"
import { remotesOf, upstreamOf } from "../git/upstream.ts"

const maxCommits = 100
const maxPushes = 50
const maxLogs = 50
const largeCommits = 20
const maxFiles = 500

export const ownCommit = ({ sha, commit }: Reached): OwnCommit => ({
  sha,
  atMs: commit.committedSec * 1000,
  subject: commit.subject.slice(0, 200),
})

/** Newest first. */
const pushesTo = (
  open: OpenRepository,
  refs: ReadonlyMap<string, string>,
  remote: string,
): ReadonlyArray<number> =>
  [...refs.keys()]
    .filter((ref) => ref.startsWith(`refs/remotes/${remote}/`))
    .slice(0, maxLogs)
    .flatMap((ref) => reflogOf(path.join(open.place.commonDir, "logs", ref)))
    .flatMap(({ atSec, message }) => (message.startsWith("update by push") ? [atSec * 1000] : []))
    .sort((a, b) => b - a)
    .slice(0, maxPushes)

export const gitUnpushed = (open: OpenRepository): ProbeAnswer<"gitUnpushed"> => {
  const { place, settings, head, objects } = open
  if (head._tag !== "branch" || head.sha === null) return null
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const upstream = upstreamOf(settings.entries, head.branch)
  const upstreamSha = upstream === null ? undefined : refs.get(upstream.ref)
  if (upstream === null || upstreamSha === undefined) return null
  const commits = onlyIn(objects, head.sha, [upstreamSha])
  if (commits === null) return null
  const remote = remotesOf(settings.entries).find((each) => upstream.name.startsWith(`${each}/`)) ?? null
  return {
    branch: head.branch,
    remote,
    upstream: upstream.name,
    upstreamSha,
    commits: commits.slice(0, maxCommits).map(ownCommit),
    behind: aheadBehind(objects, place.commonDir, head.sha, upstreamSha).behind,
    pushesMs: remote === null ? [] : pushesTo(open, refs, remote),
  }
}

/** A file that was large before is in the history on purpose. */
export const gitLarge = (open: OpenRepository, minBytes: number): ProbeAnswer<"gitLarge"> => {
  const { place, head, objects } = open
  if (head.sha === null) return []
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const tips = [...refs].flatMap(([ref, sha]) => (ref.startsWith("refs/remotes/") ? [sha] : []))
  const headSha = head.sha
  const commits =
    tips.length === 0
      ? [headSha].flatMap((sha) => readCommit(objects, sha) ?? []).map((commit) => ({ sha: headSha, commit }))
      : (onlyIn(objects, headSha, tips) ?? []).slice(0, largeCommits)
  const trees = openTrees(objects)
  const sizeAt = (tree: string | undefined, file: string): number => {
    const blob = tree === undefined ? null : trees.blobAt(tree, file)
    const size = blob === null ? null : objects.size(blob)
    return size?.type === "blob" ? size.size : 0
  }
  const headTree = readCommit(objects, headSha)?.tree
  const found = new Map<string, ProbeAnswer<"gitLarge">[number]>()
  for (const { sha, commit } of commits.toReversed()) {
    if (commit.parents.length > 1) continue
    const parent = commit.parents[0]
    const before = parent === undefined ? undefined : readCommit(objects, parent)?.tree
    if (parent !== undefined && before === undefined) continue
    for (const file of changedFiles(objects, before ?? null, commit.tree, maxFiles).files) {
      const bytes = sizeAt(commit.tree, file)
      if (bytes < minBytes || sizeAt(before, file) >= minBytes) continue
      const inHead = sha === headSha && headTree !== undefined
      found.set(`${sha} ${file}`, { path: file, bytes, sha, inHead })
    }
  }
  return [...found.values()].slice(0, 20)
}
