/**
 * From lines of HEAD's reflog to drafts: a commit with its subject and files, or HEAD moved by another operation.
 * One draft a line, in the file's order, each with the position behind it.
 */
import type { EventDraft } from "../../domain/event.ts"
import { changedFiles, readCommit } from "./commits.ts"
import { attribute, type Attributed, type HeadFacts } from "./headLog.ts"
import type { Objects } from "./objects.ts"
import type { MarkedLine } from "./reflog.ts"
import type { MakeDraft } from "./Statements.ts"

const maxFiles = 500
const zeros = /^0+$/

const isoTime = (seconds: number): string | null => {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? null : time.toISOString()
}

const treeOf = (objects: Objects, sha: string): string | null =>
  zeros.test(sha) ? null : (readCommit(objects, sha)?.tree ?? null)

const moveTypes = {
  checkout: "git.checkout",
  merge: "git.merge",
  rebase: "git.rebase",
  reset: "git.reset",
  pull: "git.pull",
  "cherry-pick": "git.cherry-pick",
  revert: "git.revert",
} as const

const draftOf = (
  objects: Objects,
  file: string,
  line: MarkedLine,
  said: Attributed,
  make: MakeDraft,
): EventDraft | null => {
  if (said.kind === "none") return null
  const at = isoTime(line.atSec)
  const common = {
    ...(at === null ? {} : { at }),
    position: { file, offset: line.position.offset, mark: line.position.mark },
  }
  const commit = zeros.test(line.new) ? null : readCommit(objects, line.new)
  const grown = commit !== null && commit.parents.includes(line.old)
  if (said.kind === "commit" || (said.kind === "other" && grown)) {
    const parent = commit?.parents[0]
    const from = parent === undefined ? null : treeOf(objects, parent)
    const files =
      commit === null || (parent !== undefined && from === null)
        ? { files: [], truncated: true }
        : changedFiles(objects, from, commit.tree, maxFiles)
    return make("git.commit", {
      sha: line.new,
      parents: commit?.parents ?? [],
      branch: said.branch,
      subject: (commit?.subject ?? line.message.replace(/^commit(?: \([^)]*\))?: /, "")).slice(0, 1_000),
      files: files.files,
      ...(files.truncated ? { filesTruncated: true } : {}),
      ...(said.amend ? { amend: true } : {}),
      ...common,
    })
  }
  const from = treeOf(objects, line.old)
  const unreadable = (from === null && !zeros.test(line.old)) || (commit === null && !zeros.test(line.new))
  const files = unreadable
    ? { files: [], truncated: true }
    : changedFiles(objects, from, commit?.tree ?? null, maxFiles)
  return make(moveTypes[said.kind === "other" ? "reset" : said.kind], {
    from: line.old,
    to: line.new,
    fromBranch: said.fromBranch,
    branch: said.branch,
    subject: line.message.slice(0, 1_000),
    files: files.files,
    ...(files.truncated ? { filesTruncated: true } : {}),
    ...common,
  })
}

/** At most `limit` lines are turned at a time; the branches are worked out over all of them. */
export const moveDrafts = (
  objects: Objects,
  file: string,
  lines: ReadonlyArray<MarkedLine>,
  facts: HeadFacts,
  limit: number,
  make: MakeDraft,
): ReadonlyArray<EventDraft> => {
  const attributed = attribute(lines, facts)
  return lines
    .slice(0, limit)
    .flatMap((line, at) => draftOf(objects, file, line, attributed[at]!, make) ?? [])
}
