/**
 * Lines of conflict markers in files of the working tree. A file counts only where a whole conflict stands in it (start,
 * separator, end in this order), so that a heading underlined with equals signs is none.
 * Reads regular files inside the workspace only, no link is followed out of it.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readWhole } from "../git/files.ts"

const maxPaths = 500
const maxFile = 4 << 20
const maxTotal = 32 << 20
const maxLines = 300

/** 1-based numbers of the marker lines of whole conflicts. */
export const markerLines = (text: string): ReadonlyArray<number> => {
  const found: Array<number> = []
  let open: Array<number> = []
  let separated = false
  for (const [at, line] of text.split("\n").entries()) {
    if (/^<{7}(?: |\r?$)/.test(line)) {
      open = [at + 1]
      separated = false
    } else if (open.length > 0 && /^\|{7}(?: |\r?$)/.test(line)) open.push(at + 1)
    else if (open.length > 0 && /^={7}\r?$/.test(line)) {
      open.push(at + 1)
      separated = true
    } else if (separated && /^>{7}(?: |\r?$)/.test(line)) {
      found.push(...open, at + 1)
      open = []
      separated = false
    }
  }
  return found.slice(0, maxLines)
}

export const conflictMarkers = (
  workspace: string,
  paths: ReadonlyArray<string>,
): ProbeAnswer<"conflictMarkers"> => {
  const root = fs.realpathSync(workspace)
  const found: Array<{ readonly path: string; readonly lines: ReadonlyArray<number> }> = []
  let left = maxTotal
  for (const name of paths.slice(0, maxPaths)) {
    try {
      const file = fs.realpathSync(path.resolve(root, name))
      if (!file.startsWith(`${root}/`) || fs.lstatSync(path.resolve(root, name)).isSymbolicLink()) continue
      const bytes = readWhole(file, Math.min(maxFile, left))
      if (bytes === null) continue
      left -= bytes.length
      if (!bytes.includes("<<<<<<<") || bytes.subarray(0, 8_000).includes(0)) continue
      const lines = markerLines(bytes.toString("utf8"))
      if (lines.length > 0) found.push({ path: name, lines })
    } catch {
      continue
    }
  }
  return found
}
