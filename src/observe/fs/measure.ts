/**
 * How large a tree is, as far as a small watcher could serve it: visible folders and files, counted until one of
 * the limits is passed, so that a huge tree costs no more than a small one.
 */
import { setImmediate } from "node:timers/promises"
import { join, toBuffer } from "./byteStrings.ts"
import type { BaseRules } from "./ignoreFiles.ts"
import { LazyRules } from "./LazyRules.ts"
import { readFolder } from "./readFolder.ts"

export interface TreeSize {
  readonly folders: number
  readonly files: number
  /** A limit was passed and the rest not counted. */
  readonly more: boolean
  /** A name that a watcher over plain strings cannot tell: not UTF-8, or with a backslash. */
  readonly oddNames: boolean
}

/** Folders read before the event loop gets a turn. */
const slice = 50

export const isOddName = (name: string): boolean =>
  name.includes("\\") || Buffer.from(name, "latin1").toString("utf8").includes("\ufffd")

export const measure = async (
  root: string,
  base: BaseRules,
  limit: { readonly folders: number; readonly files: number },
): Promise<TreeSize> => {
  const rules = new LazyRules(root, base)
  const waiting = [""]
  let folders = 0
  let files = 0
  let oddNames = false
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    folders++
    if (folders % slice === 0) await setImmediate()
    const entries = readFolder(toBuffer(`${root}/${folder}`))
    if (typeof entries === "string") continue
    for (const entry of entries) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!rules.folderIsVisible(path)) continue
        waiting.push(path)
      } else if (rules.entryIsVisible(path, false)) files++
      else continue
      oddNames ||= isOddName(entry.name)
    }
    if (oddNames || folders + waiting.length > limit.folders || files > limit.files)
      return { folders: folders + waiting.length, files, more: true, oddNames }
  }
  return { folders, files, more: false, oddNames }
}
