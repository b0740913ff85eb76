/**
 * Watches a running sandbox from outside: how many processes it has, what they hold of the memory, and what is left
 * of the machine's memory and of the disks it may write to. The kernel's own limits do not reach all of that (the
 * process limit spares root, no limit adds up memory, none knows a disk's last free space), and control groups are
 * rarely a user's to set. Reads /proc and asks file systems, some tens of microseconds a look.
 * Invariant: a look never throws; what cannot be read counts as nothing, and the self-test says so.
 */
import { readFileSync, readdirSync, statfsSync, statSync } from "node:fs"

export interface WatchLimits {
  /** Processes and their threads. */
  readonly tasks: number
  /** Bytes all processes hold together. */
  readonly memoryBytes: number
  /** What the machine keeps free of its memory, and each disk of its space, whatever a command does. */
  readonly spareMemoryBytes: number
  readonly spareDiskBytes: number
  /** How much of a disk's free space may go while a command runs. */
  readonly spendDiskBytes: number
}

export interface Look {
  /** What went too far; null where nothing did. */
  readonly breach: string | null
  readonly nextMs: number
}

const orNull = <A>(run: () => A): A | null => {
  try {
    return run()
  } catch {
    return null
  }
}

interface Held {
  readonly pids: ReadonlyArray<number>
  readonly tasks: number
}

/** All that descend from a process; in a process namespace of its own nothing can leave its first one. */
const descendants = (root: number, most: number): Held => {
  const pids = [root]
  let tasks = 0
  for (let at = 0; at < pids.length && tasks <= most; at++) {
    const threads = orNull(() => readdirSync(`/proc/${pids[at]}/task`)) ?? []
    tasks += threads.length
    for (const thread of threads) {
      const children = orNull(() => readFileSync(`/proc/${pids[at]}/task/${thread}/children`, "latin1")) ?? ""
      for (const child of children.split(" ")) if (child !== "") pids.push(Number(child))
    }
  }
  return { pids, tasks }
}

/** What a process holds alone; what it shares with its parent since a fork counts for both. */
const ownMemory = (pid: number): number => {
  const text = orNull(() => readFileSync(`/proc/${pid}/status`, "latin1")) ?? ""
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
/** What is shared divided by how many share it: exact and dear. */
const fairMemory = (pid: number): number => {
  const text = orNull(() => readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))
  if (text === null) return ownMemory(pid)
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
const sum = (pids: ReadonlyArray<number>, of: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + of(pid), 0)

const availableMemory = (): number | null => {
  const text = orNull(() => readFileSync("/proc/meminfo", "latin1"))
  const found = text === null ? null : /^MemAvailable:\s+(\d+) kB/m.exec(text)
  return found === null ? null : Number(found[1]) * 1024
}

interface Disk {
  readonly folder: string
  /** Below these it is stopped; a disk that is nearly full already may lose half of what is left. */
  readonly floorBytes: number
  readonly floorFiles: number
}
/** One folder a device is enough. */
const oneEach = (folders: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Map(folders.map((folder) => [orNull(() => statSync(folder).dev), folder])).values(),
]
const diskOf = (folder: string, limits: WatchLimits): Disk | null => {
  const found = orNull(() => statfsSync(folder))
  if (found === null) return null
  const free = found.bavail * found.bsize
  return {
    folder,
    floorBytes: Math.max(
      Math.min(limits.spareDiskBytes, (found.blocks * found.bsize) / 20, free / 2),
      free - limits.spendDiskBytes,
    ),
    floorFiles: Math.min(5000, found.files / 50, found.ffree / 2),
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`
/** No writer of one machine fills memory or a disk faster than this. */
const bytesPerMs = 4 * 1024 ** 2
const slowestMs = 250
const fastestMs = 20

export const sandboxWatch = (
  limits: WatchLimits,
  writable: ReadonlyArray<string>,
): ((root: number) => Look) => {
  const disks = oneEach(writable)
    .map((folder) => diskOf(folder, limits))
    .filter((disk) => disk !== null)
  const floor = Math.min(limits.spareMemoryBytes, (availableMemory() ?? 0) / 2)

  return (root) => {
    const stop = (breach: string): Look => ({ breach, nextMs: 0 })
    const { pids, tasks } = descendants(root, limits.tasks)
    if (tasks > limits.tasks) return stop(`it had more than ${limits.tasks} processes`)
    const held = sum(pids, ownMemory)
    if (held > limits.memoryBytes && sum(pids, fairMemory) > limits.memoryBytes) {
      return stop(`it held more than ${mib(limits.memoryBytes)} of memory`)
    }
    let room = limits.memoryBytes - held
    const available = availableMemory()
    if (available !== null) {
      if (available < floor) return stop(`it left the machine less than ${mib(floor)} of memory`)
      room = Math.min(room, available - floor)
    }
    for (const { folder, floorBytes, floorFiles } of disks) {
      const now = orNull(() => statfsSync(folder))
      if (now === null) continue
      const free = now.bavail * now.bsize
      if (free < floorBytes) return stop(`it filled the disk down to ${mib(floorBytes)}`)
      if (now.files > 0 && now.ffree < floorFiles) return stop("it left hardly any file entries on the disk")
      room = Math.min(room, free - floorBytes)
    }
    return { breach: null, nextMs: Math.min(slowestMs, Math.max(fastestMs, room / bytesPerMs)) }
  }
}
