/**
 * The few folder watches whose signals wake the git source: the git folder, its logs, the folders of loose refs; the
 * workspace itself only while its `.git` is missing or a file. A signal is a hint: nothing is read from it.
 * Where a watch cannot be had (`lost`), the source looks by the clock instead, and says so.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { Place } from "./locate.ts"
import { statFile } from "./files.ts"

const maxWatches = 64

interface Wanted {
  readonly folder: string
  readonly matters: (name: string) => boolean
}

/** Lock files come and go around every change; the change itself is the renaming to the real name. */
const noLock = (name: string): boolean => !name.endsWith(".lock") || name === "index.lock"
const appears = (name: string): boolean =>
  name === ".git" || name === "HEAD" || name === "objects" || name === "refs"

const wanted = (
  workspace: string,
  place: Place | null,
  refFolders: ReadonlyArray<string>,
): ReadonlyArray<Wanted> => {
  const root = { folder: workspace, matters: appears }
  if (place === null) return [root, { folder: path.join(workspace, ".git"), matters: noLock }]
  const folders = new Set([
    place.gitDir,
    path.join(place.gitDir, "logs"),
    place.commonDir,
    path.join(place.commonDir, "logs", "refs"),
    ...refFolders,
  ])
  return [
    ...(place.linked ? [root] : []),
    ...[...folders].map((folder) => ({ folder, matters: noLock })),
  ].slice(0, maxWatches)
}

export class Watches {
  readonly #workspace: string
  readonly #signal: () => void
  readonly #open = new Map<string, { readonly watcher: fs.FSWatcher; readonly ino: bigint }>()
  #lost: string | null = null

  constructor(workspace: string, signal: () => void) {
    this.#workspace = workspace
    this.#signal = signal
  }

  /** Why there is a folder without a watch, where there is one. */
  get lost(): string | null {
    return this.#lost
  }

  get size(): number {
    return this.#open.size
  }

  /** Watches what should be watched now; true if a watch was added, so that a look is due. */
  follow(place: Place | null, refFolders: ReadonlyArray<string>): boolean {
    const all = wanted(this.#workspace, place, refFolders)
    const names = new Set(all.map(({ folder }) => folder))
    for (const folder of this.#open.keys()) if (!names.has(folder)) this.#close(folder)
    this.#lost = null
    let added = false
    for (const { folder, matters } of all) {
      const ino = inodeOf(folder)
      // A folder made anew under the same name needs a new watch.
      if (this.#open.has(folder) && this.#open.get(folder)!.ino !== ino) this.#close(folder)
      if (ino === null || this.#open.has(folder)) continue
      added = this.#add(folder, ino, matters) || added
    }
    return added
  }

  close(): void {
    for (const folder of this.#open.keys()) this.#close(folder)
  }

  #add(folder: string, ino: bigint, matters: (name: string) => boolean): boolean {
    try {
      const watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || matters(name) || name === path.basename(folder)) this.#signal()
      })
      watcher.on("error", () => {
        this.#close(folder)
        this.#signal()
      })
      this.#open.set(folder, { watcher, ino })
      return true
    } catch (error) {
      this.#lost = (error as NodeJS.ErrnoException).code ?? "unknown error"
      return false
    }
  }

  #close(folder: string): void {
    this.#open.get(folder)?.watcher.close()
    this.#open.delete(folder)
  }
}

const inodeOf = (folder: string): bigint | null => {
  try {
    const stat = statFile(folder)
    return stat?.kind === "dir" ? stat.ino : null
  } catch {
    return null
  }
}
