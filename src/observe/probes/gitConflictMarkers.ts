/**
 * Lines of conflict markers in files of the working tree. A file counts only where a whole conflict stands in it (start,
 * separator, end in this order), so that a heading underlined with equals signs is none. One that stands in a string or
 * a block of code is told apart: tests and guides show what a conflict looks like.
 * Reads regular files inside the workspace only, no link is followed out of it.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readWhole } from "../git/files.ts"
import { isQuoted } from "./quotedText.ts"

const maxPaths = 500
const maxFile = 4 << 20
const maxTotal = 32 << 20
const maxLines = 300
/** Of one file, conflicts of which it is asked whether they are meant. */
const maxQuoted = 50

/** 0-based numbers of the marker lines of each whole conflict. */
const conflictsIn = (lines: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<number>> => {
  const found: Array<ReadonlyArray<number>> = []
  let open: Array<number> = []
  let separated = false
  for (const [at, line] of lines.entries()) {
    if (/^<{7}(?: |\r?$)/.test(line)) {
      open = [at]
      separated = false
    } else if (open.length > 0 && /^\|{7}(?: |\r?$)/.test(line)) open.push(at)
    else if (open.length > 0 && /^={7}\r?$/.test(line)) {
      open.push(at)
      separated = true
    } else if (separated && /^>{7}(?: |\r?$)/.test(line)) {
      found.push([...open, at])
      open = []
      separated = false
    }
  }
  return found
}

const numbers = (conflicts: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> =>
  conflicts.flatMap((each) => each.map((at) => at + 1)).slice(0, maxLines)

export const conflictMarkers = (
  workspace: string,
  paths: ReadonlyArray<string>,
): ProbeAnswer<"conflictMarkers"> => {
  const root = fs.realpathSync(workspace)
  const found: Array<ProbeAnswer<"conflictMarkers">[number]> = []
  let left = maxTotal
  for (const name of paths.slice(0, maxPaths)) {
    try {
      const file = fs.realpathSync(path.resolve(root, name))
      if (!file.startsWith(`${root}/`) || fs.lstatSync(path.resolve(root, name)).isSymbolicLink()) continue
      const bytes = readWhole(file, Math.min(maxFile, left))
      if (bytes === null) continue
      left -= bytes.length
      if (!bytes.includes("<<<<<<<") || bytes.subarray(0, 8_000).includes(0)) continue
      const lines = bytes.toString("utf8").split("\n")
      const conflicts = conflictsIn(lines)
      if (conflicts.length === 0) continue
      const quoted = conflicts
        .slice(0, maxQuoted)
        .filter((each) => isQuoted(name, lines, each[0]!, each.at(-1)!))
      found.push({
        path: name,
        lines: numbers(conflicts),
        ...(quoted.length === 0 ? {} : { quoted: numbers(quoted) }),
      })
    } catch {
      continue
    }
  }
  return found
}
