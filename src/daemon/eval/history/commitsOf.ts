/**
 * The commits of a repository as decision points, read by Claw's own reader: no git program runs, so nothing the
 * repository carries can, and nothing is written to it. Merges and robots are left out: nobody sat before those.
 */
import { changedFiles, parseCommit, readCommit } from "../../../observe/git/commits.ts"
import type { Objects } from "../../../observe/git/objects.ts"

export interface Point {
  readonly sha: string
  readonly tree: string
  /** Tree of its parent; null: it is a first commit. */
  readonly before: string | null
  readonly parents: ReadonlyArray<string>
  readonly author: string
  readonly atMs: number
  readonly subject: string
  readonly files: ReadonlyArray<string>
}

export interface History {
  /** In the order of their authors' clocks. */
  readonly points: ReadonlyArray<Point>
  readonly merges: number
  readonly robots: number
  /** Could not be read: beyond a shallow clone's end, or damaged. */
  readonly unreadable: number
}

/** As many as the git source states of a commit. */
const maxFiles = 500

const robot =
  /\[bot\]|\b(?:dependabot|renovate|greenkeeper|github-actions|pre-commit-ci|semantic-release-bot|snyk-bot)\b/i

/** `Name <mail> 1700000000 +0100`, as bytes. */
const authorOf = (
  data: Buffer,
): { readonly who: string; readonly mail: string; readonly atSec: number } | null => {
  const blank = data.indexOf("\n\n")
  const headers = data.toString("utf8", 0, blank < 0 ? data.length : blank)
  const match = /^author (.*?) ?<([^>\n]*)> (\d+) [+-]\d+$/m.exec(headers)
  return match === null ? null : { who: match[1]!, mail: match[2]!, atSec: Number(match[3]) }
}

/** All that this commit rests on, at most `limit` of it: the newest, by the order in which they are met. */
export const commitsOf = (objects: Objects, head: string, limit: number): History => {
  const points: Array<Point> = []
  const seen = new Set([head])
  const pending = [head]
  let merges = 0
  let robots = 0
  let unreadable = 0
  for (let at = 0; at < pending.length && points.length < limit; at += 1) {
    const sha = pending[at]!
    const data = objects.read(sha, "commit")
    const commit = data === null ? null : parseCommit(data)
    const author = data === null ? null : authorOf(data)
    if (commit === null || author === null) {
      unreadable += 1
      continue
    }
    for (const parent of commit.parents)
      if (!seen.has(parent)) {
        seen.add(parent)
        pending.push(parent)
      }
    if (commit.parents.length > 1) merges += 1
    else if (robot.test(`${author.who} ${author.mail}`)) robots += 1
    else {
      const parent = commit.parents[0]
      const before = parent === undefined ? null : (readCommit(objects, parent)?.tree ?? null)
      if (parent !== undefined && before === null) {
        unreadable += 1
        continue
      }
      points.push({
        sha,
        tree: commit.tree,
        before,
        parents: commit.parents,
        author: author.mail.toLowerCase() || author.who,
        atMs: author.atSec * 1000,
        subject: commit.subject,
        files: changedFiles(objects, before, commit.tree, maxFiles).files,
      })
    }
  }
  return { points: points.toSorted((a, b) => a.atMs - b.atMs), merges, robots, unreadable }
}
