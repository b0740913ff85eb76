/**
 * One folder's entries with names as byte strings. "gone": there is no such folder any more; "unreadable": it is
 * there and cannot be read (no permission, path too long, too many open files).
 */
import { readdirSync, statSync } from "node:fs"

export interface Entry {
  readonly name: string
  readonly isDirectory: () => boolean
  readonly isFile: () => boolean
  readonly isSymbolicLink: () => boolean
}

const isThere = (folder: Buffer): boolean => {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    return false
  }
}

/**
 * Where the file system does not tell the kinds with the names, Node looks each name up itself, and only finds
 * names that are not ASCII if it was asked for bytes.
 */
const readSlowly = (folder: Buffer): ReadonlyArray<Entry> =>
  readdirSync(folder, { withFileTypes: true, encoding: "buffer" }).map((entry) => ({
    name: entry.name.toString("latin1"),
    isDirectory: () => entry.isDirectory(),
    isFile: () => entry.isFile(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  }))

export const readFolder = (folder: Buffer): ReadonlyArray<Entry> | "gone" | "unreadable" => {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: "latin1" })
  } catch {
    if (!isThere(folder)) return "gone"
  }
  try {
    return readSlowly(folder)
  } catch {
    return isThere(folder) ? "unreadable" : "gone"
  }
}
