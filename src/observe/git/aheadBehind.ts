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
const left = 1
const right = 2
const both = 3

interface Waiting {
  readonly sha: string
  readonly committedSec: number
  readonly parents: ReadonlyArray<string>
}

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
  const sides = new Map<string, number>()
  const waiting: Array<Waiting> = []
  let unread = false
  let visited = 0

  const reach = (sha: string, side: number): void => {
    const before = sides.get(sha)
    if (before !== undefined) {
      sides.set(sha, before | side)
      return
    }
    const commit = readCommit(objects, sha)
    if (commit === null) {
      unread = true
      return
    }
    sides.set(sha, side)
    const entry = {
      sha,
      committedSec: commit.committedSec,
      parents: shallow.has(sha) ? [] : commit.parents,
    }
    let at = waiting.length
    while (at > 0 && waiting[at - 1]!.committedSec > entry.committedSec) at--
    waiting.splice(at, 0, entry)
  }

  reach(ours, left)
  reach(theirs, right)
  let ahead = 0
  let behind = 0
  while (waiting.some(({ sha }) => sides.get(sha) !== both)) {
    if (++visited > maxCommits || unread)
      return { ahead: ahead === 0 ? null : ahead, behind: behind === 0 ? null : behind }
    const next = waiting.pop()!
    const side = sides.get(next.sha)!
    if (side === left) ahead++
    if (side === right) behind++
    for (const parent of next.parents) reach(parent, side)
  }
  return unread ? { ahead: null, behind: null } : { ahead, behind }
}
