/** What the kernel grants: read from /proc where there is one, its defaults elsewhere. */
import { readFileSync } from "node:fs"

const read = (name: string, fallback: number): number => {
  try {
    const value = Number(readFileSync(`/proc/sys/fs/inotify/${name}`, "latin1"))
    return Number.isSafeInteger(value) && value > 0 ? value : fallback
  } catch {
    return fallback
  }
}

/** The watches a user may have. */
export const systemWatches = (): number => read("max_user_watches", 65_536)

/** A quarter of the watches a user may have: editors and build tools need theirs. */
export const defaultWatchBudget = (): number => Math.floor(systemWatches() / 4)

/** Half a full queue read in one go: the kernel may have dropped some. */
export const suspiciousDrain = (): number => Math.floor(read("max_queued_events", 16_384) / 2)
