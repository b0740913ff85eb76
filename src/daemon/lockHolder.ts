/**
 * Who holds a lock: its text names pid and start time of a process. Only reads, and loads next to nothing, because
 * every client asks it.
 */
import { readFileSync } from "node:fs"

/**
 * Clock ticks since boot at which a process started (field 22 of its stat), or null where there is none. One that
 * ended and was not waited for is none: in a container it may lie about for ever.
 */
export const startTime = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null)
  } catch {
    try {
      process.kill(pid, 0)
      return ""
    } catch {
      return null
    }
  }
}

export interface Holder {
  readonly pid: number
  readonly start: string
}

/** A lock's text; null where there is none. */
export const readText = (path: string): string | null => {
  try {
    return readFileSync(path, "latin1")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
    throw error
  }
}

export const liveHolder = (text: string): Holder | null => {
  const found = /^([1-9]\d{0,9}) (\d*)$/.exec(text)
  if (found === null) return null
  const holder = { pid: Number(found[1]), start: found[2]! }
  return startTime(holder.pid) === holder.start ? holder : null
}

/** Who holds the lock, if that process still lives. */
export const lockHolder = (path: string): Holder | null => {
  try {
    return liveHolder(readText(path) ?? "")
  } catch {
    return null
  }
}
