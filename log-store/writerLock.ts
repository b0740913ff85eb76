/**
 * One writer a log: a symbolic link `WRITER` in the log's directory whose target names the process that holds it.
 * Invariants: taken and given back only inside LMDB's own write lock, so that two processes cannot both take over a
 * dead one's; needs no free disk block; a process is known by its id, its start time and the machine's run, so a reused
 * id is no holder.
 */
import { readFileSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs"
import { join } from "node:path"

const lockFile = "WRITER"

/**
 * Start time of a process in the kernel's ticks; empty where there is no /proc; null where it ended. One that nobody
 * waited for has ended too: in a container it may lie about for ever.
 */
const startOf = (pid: number): string | null => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return null
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "")
  } catch {
    return ""
  }
}

/** Names one run of the machine: after a restart a pid may come again, and at the same tick. Empty where none is told. */
const bootOf = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
  } catch {
    return ""
  }
}

/** `pid.start.boot.token`, once without `boot`; null where it cannot be one of ours, so that nobody can be holding it. */
const livingHolder = (text: string): number | null => {
  const found = /^([1-9]\d{0,9})\.(\d*)\.(?:([^.]*)\.)?[^.]+$/.exec(text)
  if (found === null || (found[3] ?? bootOf()) !== bootOf()) return null
  const pid = Number(found[1])
  return startOf(pid) === found[2] ? pid : null
}

export type LockResult =
  | { readonly _tag: "taken"; readonly release: () => void }
  | { readonly _tag: "held"; readonly pid: number }

/** What the link says; empty where something else lies in its place, which holds nothing; null where there is nothing. */
const holderOf = (path: string): string | null => {
  try {
    return readlinkSync(path)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EINVAL" ? "" : null
  }
}

/** `exclusively` keeps all other writers out while it runs its body. `token` tells two stores of one process apart. */
export const takeWriterLock = (
  dir: string,
  exclusively: <A>(body: () => A) => A,
  pid: number,
  token: string,
): LockResult => {
  const path = join(dir, lockFile)
  const mine = `${pid}.${startOf(pid) ?? ""}.${bootOf()}.${token}`
  return exclusively((): LockResult => {
    const holder = holderOf(path)
    if (holder !== null) {
      const living = livingHolder(holder)
      if (living !== null) return { _tag: "held", pid: living }
      unlinkSync(path)
    }
    symlinkSync(mine, path)
    return {
      _tag: "taken",
      release: () => {
        try {
          if (holderOf(path) === mine) unlinkSync(path)
        } catch {
          // A disk that takes no more: the link stays, and names nobody once this process has ended.
        }
      },
    }
  })
}
