/**
 * How many commits two tips do not share, counted in the object database without git. Newest first from both tips, each
 * commit marked with the sides that reach it, until only shared ones are left.
 * Bounded: past the bound a count above zero is a lower bound and a zero is not known (null).
 */
import * as path from "node:path"
import { readCommit } from "./commits.ts"
import { readWhole } from "./files.ts"
import type { Objects } from "./objects.ts"

export interface AheadBehind {
  readonly ahead: number | null
  readonly behind: number | null
}

const maxCommits = 2_000
/** Looked at beyond the end: clocks of committers differ, and a commit can be older than its parents. */
const slop = 32
const left = 1
const right = 2
const both = 3

/** Commits whose parents a shallow clone does not have. */
const shallowTips = (commonDir: string): ReadonlySet<string> =>
  new Set(
    (readWhole(path.join(commonDir, "shallow"), 16 << 20)?.toString("latin1") ?? "")
      .split("\n")
      .filter(Boolean),
  )

export const aheadBehind = (
  objects: Objects,
  commonDir: string,
  ours: string,
  theirs: string,
): AheadBehind => {
  if (ours === theirs) return { ahead: 0, behind: 0 }
  const shallow = shallowTips(commonDir)
  const found = new Map<
    string,
    {
      side: number
      visited: boolean
      readonly committedSec: number
      readonly parents: ReadonlyArray<string>
    }
  >()
  /** Oldest first, so that the newest is popped. */
  const waiting: Array<{ readonly sha: string; readonly committedSec: number }> = []
  let unread = false
  let visited = 0

  const reach = (start: string, side: number): void => {
    const pending = [start]
    for (let sha = pending.pop(); sha !== undefined; sha = pending.pop()) {
      const known = found.get(sha)
      if (known !== undefined) {
        // Commits of one second come in any order: what was counted for one side may yet turn out to be shared.
        if (known.visited && (known.side | side) !== known.side) pending.push(...known.parents)
        known.side |= side
        continue
      }
      const commit = readCommit(objects, sha)
      if (commit === null) {
        unread = true
        return
      }
      found.set(sha, {
        side,
        visited: false,
        committedSec: commit.committedSec,
        parents: shallow.has(sha) ? [] : commit.parents,
      })
      let at = waiting.length
      while (at > 0 && waiting[at - 1]!.committedSec > commit.committedSec) at--
      waiting.splice(at, 0, { sha, committedSec: commit.committedSec })
    }
  }
  const count = (side: number): number => {
    let n = 0
    for (const commit of found.values()) if (commit.visited && commit.side === side) n++
    return n
  }

  /** Only shared commits are left, and none is new enough to lead to one that was counted for a side. */
  const done = (): boolean => {
    if (waiting.some(({ sha }) => found.get(sha)!.side !== both)) return false
    const newest = waiting.at(-1)
    if (newest === undefined) return true
    for (const commit of found.values())
      if (commit.visited && commit.side !== both && commit.committedSec <= newest.committedSec) return false
    return true
  }

  reach(ours, left)
  reach(theirs, right)
  let spare = slop
  while (!done() || (waiting.length > 0 && spare-- > 0)) {
    if (++visited > maxCommits || unread) return { ahead: count(left) || null, behind: count(right) || null }
    const next = found.get(waiting.pop()!.sha)!
    next.visited = true
    for (const parent of next.parents) reach(parent, next.side)
  }
  return unread ? { ahead: null, behind: null } : { ahead: count(left), behind: count(right) }
}
