/**
 * One writer a log: a symbolic link `WRITER` in the log's directory whose target names the process that holds it.
 * Invariants: taken and given back only inside LMDB's own write lock, so that two processes cannot both take over a
 * dead one's; needs no free disk block; a process is known by its id and start time, so a reused id is no holder.
 */
import { readFileSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs"
import { join } from "node:path"

export const lockFile = "WRITER"

/** Start time of a process in the kernel's ticks; empty where there is no /proc. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    return ""
  }
}

const isAlive = (pid: number, start: string): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false
  }
  return startOf(pid) === start
}

const holderOf = (path: string): string | null => {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

export type LockResult =
  | { readonly _tag: "taken"; readonly release: () => void }
  | { readonly _tag: "held"; readonly pid: number }

/** `exclusively` keeps all other writers out while it runs its body. `token` tells two stores of one process apart. */
export const takeWriterLock = (
  dir: string,
  exclusively: <A>(body: () => A) => A,
  pid: number,
  token: string,
): LockResult => {
  const path = join(dir, lockFile)
  const mine = `${pid}.${startOf(pid)}.${token}`
  return exclusively((): LockResult => {
    const holder = holderOf(path)
    if (holder !== null) {
      const [otherPid = "", start = ""] = holder.split(".")
      if (isAlive(Number(otherPid), start)) return { _tag: "held", pid: Number(otherPid) }
      unlinkSync(path)
    }
    symlinkSync(mine, path)
    return {
      _tag: "taken",
      release: () => {
        if (holderOf(path) === mine) unlinkSync(path)
      },
    }
  })
}
