/** By what means the output of each running shell could be seen, as its newest record has it. Reads only. */
import { Buffer } from "node:buffer"
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"
import { isShellGone } from "../shellProcess.ts"
import { parseSpoolName, type SpoolName } from "../spoolFormat.ts"
import { splitRecords } from "../splitRecords.ts"
import { type Means, parseMeans } from "./means.ts"

/** A record is rarely longer than a few hundred bytes, and the newest complete one is all that is wanted. */
const tailBytes = 16_384

/** Null: it wrote no record yet. */
const newestMeans = (directory: string, name: SpoolName): Means["kind"] | "none" | null => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = openSync(join(directory, name.session), flags)
  try {
    const { size } = fstatSync(file)
    const tail = Buffer.alloc(Math.min(size, tailBytes))
    readSync(file, tail, 0, tail.length, size - tail.length)
    const newest = splitRecords(tail, name.shell, size > tailBytes).items.findLast(
      (item) => item.kind === "record",
    )
    return newest === undefined ? null : (parseMeans(newest.record.means)?.kind ?? "none")
  } finally {
    closeSync(file)
  }
}

/** Means, or `none`, and how many shells have it. */
export const meansInUse = (directory: string): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  try {
    for (const file of readdirSync(directory)) {
      const name = parseSpoolName(file)
      if (name === null || isShellGone(name.pid, name.startedMs)) continue
      const kind = newestMeans(directory, name)
      if (kind !== null) counts[kind] = (counts[kind] ?? 0) + 1
    }
  } catch {
    // a spool or the whole directory went away: what was counted stands
  }
  return counts
}
