/**
 * How large a tree is, as far as a small watcher could serve it: visible folders and files, counted until one of
 * the limits is passed, so that a huge tree costs no more than a small one.
 */
import { opendir } from "node:fs/promises"
import { join, toBuffer } from "./byteStrings.ts"
import type { BaseRules } from "./ignoreFiles.ts"
import { LazyRules } from "./LazyRules.ts"

export interface TreeSize {
  readonly folders: number
  readonly files: number
  /** All was counted and all is plain; else counting stopped where that was clear. */
  readonly fits: boolean
}

/** A name that a watcher over plain strings cannot tell: not UTF-8, or with a backslash. */
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
  const size = (fits: boolean): TreeSize => ({ folders: folders + waiting.length, files, fits })
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    folders++
    try {
      for await (const entry of await opendir(toBuffer(`${root}/${folder}`), { encoding: "latin1" })) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) {
          if (!rules.folderIsVisible(path)) continue
          waiting.push(path)
        } else if (rules.entryIsVisible(path, false)) files++
        else continue
        if (isOddName(entry.name) || files > limit.files) return size(false)
      }
    } catch {
      // Not to be read, or gone since: for the watcher that can tell.
      return size(false)
    }
    if (folders + waiting.length > limit.folders) return size(false)
  }
  return size(true)
}
