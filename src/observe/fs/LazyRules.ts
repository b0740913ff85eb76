/**
 * The ignore rules of a small tree, read folder by folder when a path is asked for. Meant to be thrown away when
 * a pattern file changed.
 */
import { lstatSync } from "node:fs"
import { type IgnoreRules, isIgnored, withPatterns } from "../../domain/ignore.ts"
import { baseName, join, parentOf, toBuffer } from "./byteStrings.ts"
import { type BaseRules, readPatterns } from "./ignoreFiles.ts"

export class LazyRules {
  readonly #root: string
  readonly #base: BaseRules
  /** Folder -> rules inside it; null: a nested repository, where nothing is visible. */
  readonly #inside = new Map<string, IgnoreRules | null>()

  constructor(root: string, base: BaseRules) {
    this.#root = root
    this.#base = base
  }

  /** Of a path that is known to be a folder. */
  folderIsVisible(path: string): boolean {
    return this.entryIsVisible(path, true) && this.#rulesInside(path) !== null
  }

  /** Of a file; or of a folder, not looking whether it is a nested repository. */
  entryIsVisible(path: string, isFolder: boolean): boolean {
    if (path === "") return true
    if (baseName(path) === ".git") return false
    const rules = this.#rulesInside(parentOf(path))
    return rules !== null && !isIgnored(rules, join(this.#base.prefix, path), isFolder)
  }

  #rulesInside(folder: string): IgnoreRules | null {
    const known = this.#inside.get(folder)
    if (known !== undefined) return known
    const rules = this.#read(folder)
    this.#inside.set(folder, rules)
    return rules
  }

  #read(folder: string): IgnoreRules | null {
    const above = folder === "" ? this.#base.rules : this.#rulesInside(parentOf(folder))
    if (above === null || (folder !== "" && this.#isThere(join(folder, ".git")))) return null
    const own = readPatterns(toBuffer(`${this.#root}/${join(folder, ".gitignore")}`))
    return own === null ? above : withPatterns(above, join(this.#base.prefix, folder), own)
  }

  #isThere(path: string): boolean {
    try {
      return lstatSync(toBuffer(`${this.#root}/${path}`), { throwIfNoEntry: false }) !== undefined
    } catch {
      return false
    }
  }
}
