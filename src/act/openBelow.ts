/**
 * Opens a file below an open folder, one component after the other, each in the open one before it and none through a
 * link: what is opened lies below that folder, whatever is swapped meanwhile.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"
import { nativeName } from "./pathNames.ts"
import { prefixOf } from "./paths.ts"

const folderOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const fileOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Content of the regular file, or null where there is none of that size by that way. `below` holds no `..`. */
export const readBelow = (folder: string, below: string, maxBytes: number): Buffer | null => {
  const names = below.split("/").filter((name) => name !== "" && name !== ".")
  const last = names.pop()
  if (last === undefined || last === ".." || names.includes("..")) return null
  const opened: Array<number> = []
  try {
    let at = folder
    for (const name of names) {
      const path = `${at}/${name}`
      const fd = openSync(nativeName(path), folderOnly)
      opened.push(fd)
      at = prefixOf(fd, path)
    }
    const fd = openSync(nativeName(`${at}/${last}`), fileOnly)
    opened.push(fd)
    const found = fstatSync(fd)
    return found.isFile() && found.size <= maxBytes ? readFileSync(fd) : null
  } catch {
    return null
  } finally {
    for (const fd of opened.reverse()) closeSync(fd)
  }
}
