/**
 * Is the shell that wrote a spool gone? A live process of the same id counts only if it is not younger than the
 * spool: ids are used again. Where `/proc` is missing a live id is taken for the shell, which only keeps a file longer.
 */
import { readFile } from "node:fs/promises"

/** Boot time and spool name come from clocks that may be stepped apart a little. */
const tolerance = 10_000

const fieldsBehindName = (stat: string): ReadonlyArray<string> =>
  stat.slice(stat.lastIndexOf(")") + 2).split(" ")

const bootedMs = async (): Promise<number | null> => {
  const stat = await readFile("/proc/stat", "latin1").catch(() => "")
  const found = /^btime (\d+)$/m.exec(stat)
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

export const isShellGone = async (pid: number, startedMs: number): Promise<boolean> => {
  if (pid < 1 || !isListed(pid)) return true
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => null)
  const booted = stat === null ? null : await bootedMs()
  if (stat === null || booted === null) return false
  const fields = fieldsBehindName(stat)
  if (fields[0] === "Z" || fields[0] === "X") return true
  // Field 22, in hundredths of a second since boot (USER_HZ is 100 on every Linux that Node runs on).
  return booted + Number(fields[19]) * 10 > startedMs + tolerance
}
