/**
 * A limit on how many processes a sandbox has, for root: the kernel's per-user limit spares root, and a bomb doubles
 * faster than any watch looks. A control group of its own for each command, in either version of the interface;
 * for ordinary users the per-user limit holds within the sandbox's user namespace and none of this is needed.
 * Invariant: nothing is used that cannot be written; where there is none, the watch is what is left.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs"
import { writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

export interface ProcessGroup {
  /** Takes some milliseconds: the kernel waits until nobody forks. */
  readonly add: (pid: number) => Promise<void>
  /** Ends with the group gone, or given up on for the next start to take away. */
  readonly remove: () => Promise<void>
}

const orNull = <A>(run: () => A): A | null => {
  try {
    return run()
  } catch {
    return null
  }
}
const did = (run: () => void): boolean => orNull(() => (run(), true)) !== null
const read = (path: string): string => orNull(() => readFileSync(path, "utf8")) ?? ""

/** Where a controller is mounted: its own mount in version 1, the one of all in version 2. */
const mountOf = (type: string, option: string | null): string | null =>
  read("/proc/self/mounts")
    .split("\n")
    .map((line) => line.split(" "))
    .find(
      ([, , kind, options]) =>
        kind === type && (option === null || (options ?? "").split(",").includes(option)),
    )?.[1] ?? null

const pathOf = (controller: string): string | null => {
  for (const line of read("/proc/self/cgroup").split("\n")) {
    const [, names = "", path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path !== undefined && (controller === "" ? names === "" : names.split(",").includes(controller)))
      return path
  }
  return null
}

const writable = (folder: string): boolean => did(() => accessSync(folder, constants.W_OK))

const prefix = "claw-sandbox-"

/** The folder in which groups with a process limit can be made, or null. */
export const groupFolder = (): string | null => {
  const [old, oldPath] = [mountOf("cgroup", "pids"), pathOf("pids")]
  if (old !== null && oldPath !== null) {
    const own = join(old, oldPath)
    return [own, old].find(writable) ?? null
  }
  const [unified, path] = [mountOf("cgroup2", null), pathOf("")]
  if (unified === null || path === null) return null
  // a group that holds processes may hand no controller down, so its parents are asked
  for (let folder = join(unified, path); folder.startsWith(unified); folder = dirname(folder)) {
    if (read(join(folder, "cgroup.subtree_control")).split(/\s/).includes("pids") && writable(folder))
      return folder
    if (folder === unified) break
  }
  return null
}

/** What a daemon that was killed left behind; one with processes in it cannot be removed and stays. */
export const sweepGroups = (folder: string): void => {
  for (const name of orNull(() => readdirSync(folder)) ?? []) {
    if (name.startsWith(prefix)) did(() => rmdirSync(join(folder, name)))
  }
}

const pauseMs = [1, 5, 20, 100, 400, 1000]

export const makeGroup = (folder: string, name: string, most: number): ProcessGroup | null => {
  const group = join(folder, `${prefix}${name}`)
  const made = did(() => {
    mkdirSync(group)
    writeFileSync(join(group, "pids.max"), String(most))
  })
  if (!made) {
    did(() => rmdirSync(group))
    return null
  }
  return {
    add: (pid) => writeFile(join(group, "cgroup.procs"), String(pid)).catch(() => {}),
    remove: async () => {
      for (const ms of pauseMs) {
        if (did(() => rmdirSync(group))) return
        await new Promise((done) => setTimeout(done, ms))
      }
    },
  }
}
