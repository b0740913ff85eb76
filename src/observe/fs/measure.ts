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

export interface Visible {
  readonly path: string
  readonly name: string
  readonly isFolder: boolean
}

/** Every visible folder and file below the root; throws at a folder that cannot be read or is gone. */
export async function* visibleEntries(root: string, rules: LazyRules): AsyncGenerator<Visible> {
  const waiting = [""]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop())
    for await (const entry of await opendir(toBuffer(`${root}/${folder}`), { encoding: "latin1" })) {
      const { name } = entry
      const path = join(folder, name)
      const isFolder = entry.isDirectory()
      if (!isFolder && !entry.isFile() && !entry.isSymbolicLink()) continue
      if (isFolder ? !rules.folderIsVisible(path) : !rules.entryIsVisible(path, false)) continue
      if (isFolder) waiting.push(path)
      yield { path, name, isFolder }
    }
}

export const measure = async (
  root: string,
  base: BaseRules,
  limit: { readonly folders: number; readonly files: number },
): Promise<TreeSize> => {
  let folders = 1
  let files = 0
  try {
    for await (const { name, isFolder } of visibleEntries(root, new LazyRules(root, base))) {
      if (isFolder) folders++
      else files++
      if (isOddName(name) || folders > limit.folders || files > limit.files)
        return { folders, files, fits: false }
    }
    return { folders, files, fits: true }
  } catch {
    // Not to be read, or gone since: for the watcher that can tell.
    return { folders, files, fits: false }
  }
}
