/**
 * Says which spools may have grown. A signal is a hint: the reader looks for itself. Keeps the directory 0700 and
 * the user's own, makes it again when it vanishes, and says `degraded` where it cannot be watched or used; then
 * and now and then anyway everything counts as changed.
 */
import { chmodSync, type FSWatcher, mkdirSync, statSync, watch } from "node:fs"
import { parseSpoolName } from "./spoolFormat.ts"

export interface WatchHealth {
  readonly state: "running" | "degraded" | "failed"
  readonly backend: string | null
  readonly detail: string
}

const watching: WatchHealth = { state: "running", backend: "watch", detail: "" }

export class SpoolWatch {
  readonly #directory: string
  readonly #wake: () => void
  readonly #changed = new Set<string>()
  #everything = true
  #watcher: FSWatcher | null = null
  #inode = 0
  /** A signal named something else than a spool: the directory itself may be gone, and its inode used again. */
  #doubtful = false

  constructor(directory: string, wake: () => void) {
    this.#directory = directory
    this.#wake = wake
  }

  /** Everything must be looked at: start, sweep, or a signal that named nothing. */
  suspectAll(): void {
    this.#everything = true
  }

  /** Names since the last call; null: all. */
  take(): ReadonlyArray<string> | null {
    const names = this.#everything ? null : [...this.#changed]
    this.#everything = false
    this.#changed.clear()
    return names
  }

  /** Makes sure that the directory is there, private and watched. */
  ensure(): WatchHealth {
    if (this.#watcher !== null && !this.#doubtful && !this.#everything) return watching
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      const found = statSync(this.#directory)
      const own = process.getuid?.()
      if (!found.isDirectory() || (own !== undefined && found.uid !== own)) {
        this.close()
        return { state: "failed", backend: null, detail: "the spool directory belongs to someone else" }
      }
      if ((found.mode & 0o777) !== 0o700) chmodSync(this.#directory, 0o700)
      if (this.#watcher !== null && this.#inode === found.ino && !this.#doubtful) return watching
      this.close()
      this.#inode = found.ino
      return this.#open()
    } catch (error) {
      this.close()
      const detail = `the spool directory cannot be used: ${(error as Error).message}`
      return { state: "failed", backend: null, detail }
    }
  }

  #open(): WatchHealth {
    try {
      const watcher = watch(this.#directory, (_kind, name) => {
        if (name !== null && name.startsWith(".")) return
        if (name !== null && parseSpoolName(name) !== null) this.#changed.add(name)
        else {
          this.#doubtful = true
          this.#everything = true
        }
        this.#wake()
      })
      watcher.on("error", () => {
        this.close()
        this.#everything = true
        this.#wake()
      })
      this.#watcher = watcher
      this.#doubtful = false
      this.#everything = true
      return watching
    } catch (error) {
      const detail = `the spool directory cannot be watched: ${(error as Error).message}`
      return { state: "degraded", backend: "polling", detail }
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = null
  }
}
