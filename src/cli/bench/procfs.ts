/** Readings of a running process, from /proc. */
import { readFileSync } from "node:fs"

const field = (file: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(file, "latin1"))?.[1])

/** Anonymous memory in MB; the mapped log does not count. */
export const anonymousMb = (pid: number): number => field(`/proc/${pid}/status`, "RssAnon") / 1024

/** Processor time used so far, in ms. A tick is 10 ms on every Linux Node runs on. */
export const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  // the name in parentheses may hold spaces
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/**
 * Bytes sent towards a device so far: what was made dirty, which a new kernel counts in larger pieces than it writes.
 * None where the folder lies in memory.
 */
export const deviceBytes = (pid: number | "self"): number => field(`/proc/${pid}/io`, "write_bytes")

/** Anonymous memory in MB of a process and of all it started; of one that has just ended, none. */
export const ownPages = (pid: number): number => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1")
    const own = anonymousMb(pid)
    return (
      (Number.isNaN(own) ? 0 : own) +
      children
        .split(" ")
        .filter((child) => child !== "")
        .reduce((sum, child) => sum + ownPages(Number(child)), 0)
    )
  } catch {
    return 0
  }
}
