/**
 * Commits that are reachable from one commit and from none of many tips, newest first, without git.
 * Walks by date from all of them at once and ends as soon as what is left is older than whatever could still be
 * shared; beyond its bounds, or where a commit cannot be read, the answer is not known (null).
 */
import { readCommit, type Commit } from "./commits.ts"
import type { Objects } from "./objects.ts"

const maxTips = 2_000
const maxVisited = 3_000
/** Committers' clocks differ: looked at beyond the end. */
const slop = 32

export interface Reached {
  readonly sha: string
  readonly commit: Commit
}

interface Found extends Reached {
  theirs: boolean
  visited: boolean
}

export const onlyIn = (
  objects: Objects,
  sha: string,
  tips: Iterable<string>,
): ReadonlyArray<Reached> | null => {
  const found = new Map<string, Found>()
  /** Oldest first. */
  const waiting: Array<Found> = []
  let unread = false

  const reach = (start: string, theirs: boolean): void => {
    const pending = [start]
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const known = found.get(name)
      if (known !== undefined) {
        if (theirs && !known.theirs) {
          known.theirs = true
          if (known.visited) pending.push(...known.commit.parents)
        }
        continue
      }
      const commit = readCommit(objects, name)
      if (commit === null) {
        // a tip of theirs that is no commit, or lies behind a shallow clone's end, hides nothing of ours
        unread ||= !theirs
        continue
      }
      const one = { sha: name, commit, theirs, visited: false }
      found.set(name, one)
      let at = waiting.length
      while (at > 0 && waiting[at - 1]!.commit.committedSec > commit.committedSec) at--
      waiting.splice(at, 0, one)
    }
  }

  const all = [...new Set(tips)]
  if (all.length > maxTips) return null
  if (all.includes(sha)) return []
  for (const tip of all) reach(tip, true)
  reach(sha, false)
  let oldestOurs = Number.POSITIVE_INFINITY
  let ours = found.get(sha)?.theirs === false ? 1 : 0
  let spare = slop
  for (let visited = 0; !unread; visited++) {
    const next = waiting.pop()
    if (next === undefined) break
    if (visited >= maxVisited) return null
    if (ours === 0 && next.commit.committedSec < oldestOurs && spare-- <= 0) break
    next.visited = true
    if (!next.theirs) oldestOurs = Math.min(oldestOurs, next.commit.committedSec)
    for (const parent of next.commit.parents) reach(parent, next.theirs)
    ours = waiting.filter((each) => !each.theirs).length
  }
  if (unread) return null
  return [...found.values()]
    .filter((each) => !each.theirs && each.visited)
    .sort((a, b) => b.commit.committedSec - a.commit.committedSec)
}
