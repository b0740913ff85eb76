/**
 * Whether git is just now rewriting the tree: it holds `index.lock` from before it touches the first file until it
 * wrote the index. A lock that has been there for a while, as under an editor that `git commit -a` opened, counts
 * only for more than a person could have saved; one that was left behind counts for nothing.
 */
import { lstatSync } from "node:fs"
import { resolve } from "node:path"
import type { Outside } from "../OutsideTime.ts"
import { largeBurst } from "./coalesce.ts"
import { gitDirOf } from "./ignoreFiles.ts"

const youngMs = 10_000
export const longestWriteMs = 60_000

/** `paths`: how many changed in the burst that git may be writing. */
export const gitIsWriting = (workspace: string, paths: number, nowMs: number, outside: Outside): boolean => {
  try {
    const gitDir = gitDirOf(workspace)
    if (gitDir === null) return false
    const lock = lstatSync(resolve(gitDir, "index.lock"), { throwIfNoEntry: false })
    return (
      lock !== undefined && nowMs - outside(lock.mtimeMs) < (paths < largeBurst ? youngMs : longestWriteMs)
    )
  } catch {
    // Not to be looked at: then nobody waits for it.
    return false
  }
}
