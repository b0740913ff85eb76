/**
 * `index.lock`: how old it is and whether a live git process of this repository may hold it.
 * The holder is looked for in /proc by command name and working directory; where that cannot be read, nobody is named.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { Outside } from "../OutsideTime.ts"
import { statFile } from "./files.ts"
import type { Place } from "./locate.ts"

export interface IndexLock {
  readonly mtimeMs: number
  readonly ageMs: number
}

/** A lock younger than this is git at work. */
export const staleLockMs = 60_000

export const readIndexLock = (place: Place, nowMs: number, outside: Outside): IndexLock | null => {
  const stat = statFile(path.join(place.gitDir, "index.lock"))
  if (stat === null) return null
  const mtimeMs = outside(stat.mtimeMs)
  return { mtimeMs, ageMs: Math.max(0, Math.round(nowMs - mtimeMs)) }
}

const inside = (folder: string, root: string): boolean => folder === root || folder.startsWith(`${root}/`)

export const lockHolder = (place: Place): number | null => {
  let names: ReadonlyArray<string>
  try {
    names = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  } catch {
    return null
  }
  const roots = [place.workspace, place.gitDir].flatMap((root) => {
    try {
      return [fs.realpathSync(root)]
    } catch {
      return []
    }
  })
  for (const pid of names) {
    try {
      const command = fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim()
      if (command !== "git" && !command.startsWith("git-")) continue
      const cwd = fs.readlinkSync(`/proc/${pid}/cwd`)
      if (roots.some((root) => inside(cwd, root))) return Number(pid)
    } catch {
      continue
    }
  }
  return null
}
