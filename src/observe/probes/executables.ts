/**
 * Programs on a search path. Names are read once and again only when a folder's modification time changed;
 * that a name can be run is asked of the file system each time, for the few names that matter.
 * Relative entries of the path are passed over: what they mean depends on where one stands.
 */
import { constants } from "node:fs"
import { access, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { distance } from "../../domain/nearest.ts"
import { typingCost } from "./keyboard.ts"

const maximumWord = 64
const maximumNames = 50_000

const isRunnable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

export class Executables {
  readonly #folders: ReadonlyArray<string>
  readonly #names = new Map<string, { readonly mtimeMs: number; readonly names: ReadonlyArray<string> }>()

  constructor(searchPath: string) {
    this.#folders = [...new Set(searchPath.split(":").filter((folder) => folder.startsWith("/")))]
  }

  async #namesIn(folder: string): Promise<ReadonlyArray<string>> {
    const found = await stat(folder).catch(() => null)
    if (found === null || !found.isDirectory()) return []
    const known = this.#names.get(folder)
    if (known !== undefined && known.mtimeMs === found.mtimeMs) return known.names
    const names = (await readdir(folder).catch(() => [])).slice(0, maximumNames)
    this.#names.set(folder, { mtimeMs: found.mtimeMs, names })
    return names
  }

  /** The file that runs under this name, or null. */
  async which(name: string): Promise<string | null> {
    if (name === "" || name.includes("/") || name.includes("\0")) return null
    for (const folder of this.#folders) {
      const file = join(folder, name)
      if (await isRunnable(file)) return file
    }
    return null
  }

  /** Names within a third of the word's length (at least 1), the likeliest slip first. */
  async near(word: string, limit: number): Promise<ReadonlyArray<string>> {
    if (word === "" || word.length > maximumWord || word.includes("/")) return []
    const allowed = Math.max(1, Math.floor(word.length / 3))
    const typed = word.toLowerCase()
    const costs = new Map<string, number>()
    for (const folder of this.#folders)
      for (const name of await this.#namesIn(folder))
        if (
          !costs.has(name) &&
          Math.abs(name.length - word.length) <= allowed &&
          distance(typed, name.toLowerCase(), allowed) <= allowed
        )
          costs.set(name, typingCost(word, name))
    const ordered = [...costs].toSorted(([a, x], [b, y]) => x - y || a.length - b.length || (a < b ? -1 : 1))
    const found: Array<string> = []
    for (const [name] of ordered) {
      if (found.length >= limit) break
      if ((await this.which(name)) !== null) found.push(name)
    }
    return found
  }
}
