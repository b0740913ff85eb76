/** The real disk as a path oracle: `lstat`, `readlink` and `readdir`, nothing that follows or opens. */
import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs"
import type { PathEntry, PathKind, PathOracle } from "./PathOracle.ts"

const kindOf = (stats: Stats | Dirent): PathKind => {
  if (stats.isFile()) return "file"
  if (stats.isDirectory()) return "dir"
  if (stats.isSymbolicLink()) return "link"
  if (stats.isFIFO()) return "fifo"
  if (stats.isSocket()) return "socket"
  return "device"
}

const code = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : ""

/** A file system may not tell the kind with the name; then none of the questions is answered with yes. */
const isKnown = (entry: Dirent): boolean =>
  entry.isFile() ||
  entry.isDirectory() ||
  entry.isSymbolicLink() ||
  entry.isFIFO() ||
  entry.isSocket() ||
  entry.isBlockDevice() ||
  entry.isCharacterDevice()

export const nodeOracle: PathOracle = {
  entry: (path): PathEntry => {
    try {
      const stats = lstatSync(path, { throwIfNoEntry: false })
      if (stats === undefined) return { kind: "absent", target: null, links: 0 }
      const kind = kindOf(stats)
      return { kind, target: kind === "link" ? readlinkSync(path) : null, links: stats.nlink }
    } catch (error) {
      const absent = ["ENOENT", "ENOTDIR"].includes(code(error))
      return { kind: absent ? "absent" : "unreadable", target: null, links: 0 }
    }
  },
  entries: (path) => {
    try {
      return readdirSync(path, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        kind: isKnown(entry) ? kindOf(entry) : nodeOracle.entry(`${path}/${entry.name}`).kind,
      }))
    } catch {
      return null
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
