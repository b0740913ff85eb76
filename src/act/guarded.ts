/**
 * What the gate never lets a file tool touch, asked again of the real path at the time of use: a name that was harmless
 * when it was judged may be a link to a secret by now, or a second name of a file outside.
 * Invariant: this only refuses what the built-in rules deny anyway, so it never takes back an approval.
 */
import { lstatSync, readdirSync, type BigIntStats } from "node:fs"
import { relative } from "node:path"
import { fold, isCredential, runsLater } from "../../policies/names.ts"
import { refused } from "./attempt.ts"
import { shown } from "./paths.ts"

const namesOf = (workspace: string, path: string): ReadonlyArray<string> =>
  relative(workspace, path).split("/").map(fold)

const isOwn = (names: ReadonlyArray<string>): boolean => names[0] === ".claw"

export const refuseGuardedRead = (workspace: string, path: string): void => {
  const names = namesOf(workspace, path)
  if (isCredential(names, false)) throw refused(`${shown(workspace, path)} holds credentials`)
  if (isOwn(names) && names[1] !== "policies") throw refused(`${shown(workspace, path)} is Claw's own`)
}

export const refuseGuardedWrite = (workspace: string, path: string): void => {
  const names = namesOf(workspace, path)
  if (names.includes(".git")) throw refused(`${shown(workspace, path)} belongs to git; use the git tool`)
  if (isCredential(names, false)) throw refused(`${shown(workspace, path)} holds credentials`)
  if (isOwn(names)) throw refused(`${shown(workspace, path)} is Claw's own`)
  if (runsLater(names)) throw refused(`${shown(workspace, path)} is obeyed or run by other programs later`)
}

const mostLooked = 20_000
/** A package manager's store is full of second names, and what is in it is no secret. */
const stores = /(?:^|\/)node_modules\//

/** Are all names of this file inside the workspace? False where that would take too long to tell. */
const allInside = (workspace: string, found: BigIntStats): boolean => {
  let left = Number(found.nlink)
  let looked = 0
  const waiting = [workspace]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (++looked > mostLooked) return false
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) waiting.push(path)
      else if (entry.isFile()) {
        const other = lstatSync(path, { bigint: true, throwIfNoEntry: false })
        if (other !== undefined && sameFile(other, found) && --left === 0) return true
      }
    }
  }
  return false
}

const sameFile = (a: BigIntStats, b: BigIntStats): boolean => a.ino === b.ino && a.dev === b.dev

/**
 * `opened` is the open file, `entry` its name in its opened folder. The name has to stand for that very file still, and
 * one look tells this and how many names it has: so a second name that came and went in between is seen.
 */
export const refuseOtherNames = (
  workspace: string,
  path: string,
  opened: BigIntStats,
  entry: string | Buffer,
): void => {
  const named = lstatSync(entry, { bigint: true, throwIfNoEntry: false })
  if (named === undefined || !sameFile(named, opened))
    throw refused(`${shown(workspace, path)} was replaced just now`)
  if (named.nlink <= 1n || stores.test(relative(workspace, path))) return
  let inside = false
  try {
    inside = allInside(workspace, named)
  } catch {
    // a folder that cannot be listed may hold the other name, or not
  }
  if (!inside)
    throw refused(`${shown(workspace, path)} is a hard link that also has a name outside the workspace`)
}
