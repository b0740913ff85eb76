/**
 * How much address space the log's file is mapped with. It costs nothing where it is not limited, so by default it is
 * more than 2^32 events take; where a process may have little (`ulimit -v`), LMDB would die of a map that does not
 * fit, so it gets half of what is left, and a plain refusal where even the file does not fit.
 * Invariant: what is given back is a whole number of pages, and not less than the file.
 */
import { existsSync, readFileSync, statSync } from "node:fs"

/** Address space, not memory or disk: 2 TiB of log. */
export const defaultMapSize = 2 * 2 ** 40
const page = 4096
/** What the log is to grow by, at the least, before the process has to be started again with more. */
const leastRoom = 64 * 2 ** 20

export interface AddressSpace {
  /** Bytes this process may have, and has. */
  readonly limit: number
  readonly used: number
}

/** Null where there is no limit, or none that can be read. */
const addressSpace = (): AddressSpace | null => {
  if (!existsSync("/proc/self/limits")) return null
  const found = /^Max address space +(\d+) /m.exec(readFileSync("/proc/self/limits", "utf8"))
  if (found === null) return null
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[0])
  return { limit: Number(found[1]), used: pages * page }
}

/** The map size for a file of so many bytes. Throws where it cannot be had. */
export const fittingMapSize = (wanted: number, fileBytes: number, space: AddressSpace | null): number => {
  const least = fileBytes + leastRoom
  const free = space === null ? Number.POSITIVE_INFINITY : space.limit - space.used
  if (least > free) {
    const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20)
    throw new Error(
      `this process may have ${mib(Math.max(free, 0))} MiB more address space (ulimit -v), and the log needs ${mib(least)}`,
    )
  }
  return Math.ceil(Math.min(Math.max(wanted, fileBytes), Math.max(free / 2, least)) / page) * page
}

export const mapSizeFor = (path: string, wanted: number): number =>
  fittingMapSize(wanted, existsSync(path) ? statSync(path).size : 0, addressSpace())
