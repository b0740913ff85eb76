/**
 * Programs on a search path. Names are read once and again only when a folder's modification time changed;
 * that a name can be run is asked of the file system each time, for the few names that matter, where a folder has one.
 * Relative entries of the path are passed over: what they mean depends on where one stands.
 */
import { constants } from "node:fs"
import { access, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { distance } from "../../domain/nearest.ts"
import { typingCost } from "./keyboard.ts"

const maximumWord = 64
const maximumNames = 50_000
/** A folder that was changed so lately may change once more without its time telling. */
const settledMs = 2_000

const isRunnable = async (file: string): Promise<boolean> => {
  try {
    const [found] = await Promise.all([stat(file), access(file, constants.X_OK)])
    return found.isFile()
  } catch {
    return false
  }
}

interface Listing {
  readonly folder: string
  readonly mtimeMs: number
  readonly names: ReadonlyArray<string>
  /** In small letters, because file systems differ on them; null: it may hold more than could be read. */
  readonly all: ReadonlySet<string> | null
}

const nothing = (folder: string): Listing => ({ folder, mtimeMs: 0, names: [], all: new Set() })

const list = async (folder: string, mtimeMs: number): Promise<Listing> => {
  const names = await readdir(folder).catch(() => null)
  if (names === null) return { folder, mtimeMs, names: [], all: null }
  const all = names.length > maximumNames ? null : new Set(names.map((name) => name.toLowerCase()))
  return { folder, mtimeMs, names: names.slice(0, maximumNames), all }
}

export class Executables {
  readonly #folders: ReadonlyArray<string>
  readonly #settled = new Map<string, Listing>()

  constructor(searchPath: string) {
    this.#folders = [...new Set(searchPath.split(":").filter((folder) => folder.startsWith("/")))]
  }

  async #listing(folder: string): Promise<Listing> {
    const found = await stat(folder).catch(() => null)
    if (found === null || !found.isDirectory()) return nothing(folder)
    const { mtimeMs } = found
    const known = this.#settled.get(folder)
    if (known?.mtimeMs === mtimeMs) return known
    const listing = await list(folder, mtimeMs)
    if (Date.now() - mtimeMs > settledMs) this.#settled.set(folder, listing)
    return listing
  }

  /** For questions that belong together: the folders are looked at once, all of them, with the first. */
  now(): Programs {
    let listings: Promise<ReadonlyArray<Listing>> | null = null
    return new Programs(() => (listings ??= Promise.all(this.#folders.map((each) => this.#listing(each)))))
  }
}

/** What can be run at one moment. */
export class Programs {
  readonly #listings: () => Promise<ReadonlyArray<Listing>>

  constructor(listings: () => Promise<ReadonlyArray<Listing>>) {
    this.#listings = listings
  }

  async #runnable(name: string, listings: ReadonlyArray<Listing>): Promise<string | null> {
    const small = name.toLowerCase()
    for (const { all, folder } of listings) {
      if (all?.has(small) === false) continue
      const file = join(folder, name)
      if (await isRunnable(file)) return file
    }
    return null
  }

  /** The file that runs under this name, or null. */
  async which(name: string): Promise<string | null> {
    if (name === "" || name.includes("/") || name.includes("\0")) return null
    return this.#runnable(name, await this.#listings())
  }

  /** Names within a third of the word's length (at least 1), the likeliest slip first. */
  async near(word: string, limit: number): Promise<ReadonlyArray<string>> {
    if (word === "" || word.length > maximumWord || word.includes("/")) return []
    const allowed = Math.max(1, Math.floor(word.length / 3))
    const typed = word.toLowerCase()
    const costs = new Map<string, number>()
    const listings = await this.#listings()
    for (const { names } of listings)
      for (const name of names)
        if (
          !costs.has(name) &&
          Math.abs(name.length - word.length) <= allowed &&
          distance(typed, name.toLowerCase(), allowed) <= allowed
        )
          costs.set(name, typingCost(word, name))
    const ordered = [...costs].toSorted(([a, x], [b, y]) => x - y || a.length - b.length || (a < b ? -1 : 1))
    const found: Array<string> = []
    for (let at = 0; at < ordered.length && found.length < limit; at += limit) {
      const next = ordered.slice(at, at + limit).map(([name]) => name)
      const files = await Promise.all(next.map((name) => this.#runnable(name, listings)))
      found.push(...next.filter((_, index) => files[index] !== null))
    }
    return found.slice(0, limit)
  }
}
