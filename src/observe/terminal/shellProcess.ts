/**
 * Is the shell that wrote a spool gone? A live process of the same id counts only if it is not younger than the
 * spool: ids are used again. Where `/proc` is missing a live id is taken for the shell, which only keeps a file longer.
 */
import { readFileSync } from "node:fs"

/** Boot time and spool name come from clocks that may be stepped apart a little. */
const tolerance = 10_000

const fieldsBehindName = (stat: string): ReadonlyArray<string> =>
  stat.slice(stat.lastIndexOf(")") + 2).split(" ")

const readProc = (file: string): string | null => {
  try {
    return readFileSync(file, "latin1")
  } catch {
    return null
  }
}

const bootedMs = (): number | null => {
  const found = /^btime (\d+)$/m.exec(readProc("/proc/stat") ?? "")
  return found === null ? null : Number(found[1]) * 1000
}

const isListed = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

export const isShellGone = (pid: number, startedMs: number): boolean => {
  if (pid < 1 || !isListed(pid)) return true
  const stat = readProc(`/proc/${pid}/stat`)
  const booted = stat === null ? null : bootedMs()
  if (stat === null || booted === null) return false
  const fields = fieldsBehindName(stat)
  if (fields[0] === "Z" || fields[0] === "X") return true
  // Field 22, in hundredths of a second since boot (USER_HZ is 100 on every Linux that Node runs on).
  return booted + Number(fields[19]) * 10 > startedMs + tolerance
}
