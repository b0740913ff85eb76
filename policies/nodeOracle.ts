/** The real disk as a path oracle: `lstat`, `readlink` and `readdir`, nothing that follows or opens. */
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs"
import type { PathEntry, PathKind, PathOracle } from "./PathOracle.ts"

const kindOf = (stats: Stats): PathKind => {
  if (stats.isFile()) return "file"
  if (stats.isDirectory()) return "dir"
  if (stats.isSymbolicLink()) return "link"
  if (stats.isFIFO()) return "fifo"
  if (stats.isSocket()) return "socket"
  return "device"
}

const code = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""

export const nodeOracle: PathOracle = {
  entry: (path): PathEntry => {
    try {
      const stats = lstatSync(path)
      const kind = kindOf(stats)
      return { kind, target: kind === "link" ? readlinkSync(path) : null, links: stats.nlink }
    } catch (error) {
      const absent = ["ENOENT", "ENOTDIR"].includes(code(error))
      return { kind: absent ? "absent" : "unreadable", target: null, links: 0 }
    }
  },
  list: (path) => {
    try {
      return readdirSync(path)
    } catch {
      return null
    }
  },
}
