/**
 * The watcher for small trees: chokidar in the main thread. It gives up, and says what it knows, as soon as the
 * tree outgrows it: too many files, a burst that may have overrun the kernel's queue, a name it cannot tell, any
 * error (a folder that cannot be read, no watches left). When ignore rules change it asks to be replaced by one that read them anew.
 */
import { existsSync, lstatSync, type Stats } from "node:fs"
import { basename } from "node:path"
import type { FSWatcher } from "chokidar"
import { baseName, parentOf, toBuffer, toBytes } from "./byteStrings.ts"
import { readBaseRules, watchRuleFiles } from "./ignoreFiles.ts"
import { LazyRules } from "./LazyRules.ts"
import { isOddName, visibleEntries } from "./measure.ts"
import { readFolder } from "./readFolder.ts"
import type {
  Handover,
  Kind,
  StartWatcher,
  Watcher,
  WatchOptions,
  WatchReport,
  WatchState,
} from "./Watcher.ts"
import { clockSlackMs, letterOf } from "./Watcher.ts"

export interface SmallTree {
  readonly folders: number
  readonly files: number
}

/** So long after the last notice about a folder the tree is compared with the disk. */
const checkMs = 300

/** What was in work when it gave up is looked at again. */
const inWorkMs = 1000

const oddName = "a file name it cannot tell"

class ChokidarWatcher implements Watcher {
  readonly backend = "chokidar"
  readonly #options: WatchOptions
  readonly #limit: SmallTree
  readonly #report: (report: WatchReport) => void
  readonly #root: string
  readonly #rules: LazyRules
  readonly #closeRules: () => void
  #watcher: FSWatcher | null = null
  #closed = false
  /** It gave up, or waits to be replaced. */
  #spent: Handover["next"] | null = null
  /** Visible folders and their inodes. */
  readonly #folders = new Map<string, number>()
  /** Visible files: chokidar does not say what is gone where a file and a folder take each other's names. */
  readonly #files = new Set<string>()
  #rootMissing = false
  #ready = false
  #check: NodeJS.Timeout | null = null
  /** Notices so far: tells whether something happened during a comparison. */
  #notices = 0
  #drained = 0
  #drainedAt = Date.now()
  #kinds = ""
  #paths: Array<string> = []

  constructor(options: WatchOptions, limit: SmallTree, report: (report: WatchReport) => void) {
    this.#options = options
    this.#limit = limit
    this.#report = report
    this.#root = toBuffer(options.root).toString("utf8")
    const base = readBaseRules(this.#root, options.globalExcludes)
    this.#rules = new LazyRules(options.root, base)
    this.#closeRules = watchRuleFiles(base.files, () => this.#rulesChanged())
    void this.#start()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#check !== null) clearTimeout(this.#check)
    this.#closeRules()
    await this.#watcher?.close()
  }

  async #start(): Promise<void> {
    const { watch } = await import("chokidar")
    if (this.#closed) return
    const watcher = watch(this.#root, {
      ignoreInitial: true,
      followSymlinks: false,
      // Atomic saves are folded by the coalescer, without chokidar's wait of 100 ms.
      atomic: false,
      ignored: (path, stats) => {
        const relative = this.#relative(path)
        if (relative === "") return false
        if (stats === undefined)
          return !this.#rules.entryIsVisible(relative, false) && !this.#rules.entryIsVisible(relative, true)
        if (stats.isDirectory()) return !this.#rules.folderIsVisible(relative)
        return !(stats.isFile() || stats.isSymbolicLink()) || !this.#rules.entryIsVisible(relative, false)
      },
    })
    this.#watcher = watcher
    watcher
      .on("raw", (event, name, details) =>
        this.#raw(event, name, (details as { readonly watchedPath?: string }).watchedPath ?? this.#root),
      )
      .on("add", (path) => this.#saw("add", this.#relative(path)))
      .on("change", (path) => this.#saw("change", this.#relative(path)))
      .on("unlink", (path) => this.#saw("unlink", this.#relative(path)))
      .on("addDir", (path) => this.#folder(path, 1))
      .on("unlinkDir", (path) => this.#folder(path, -1))
      .on("error", (error) => this.#giveUp(error instanceof Error ? error.message : String(error)))
      .on("ready", () => this.#becameReady())
  }

  #relative(path: string): string {
    return toBytes(path.slice(this.#root.length + 1))
  }

  #becameReady(): void {
    const watched = this.#watcher?.getWatched() ?? {}
    for (const [folder, names] of Object.entries(watched)) {
      if (folder !== this.#root && !folder.startsWith(`${this.#root}/`)) continue
      this.#folders.set(this.#relative(folder), inodeOf(folder))
      for (const name of names)
        if (watched[`${folder}/${name}`] === undefined) this.#files.add(this.#relative(`${folder}/${name}`))
    }
    this.#ready = true
    const { handover } = this.#options
    if (handover !== null) this.#catchUp(handover.since - clockSlackMs)
    this.#report({ _tag: "ready", state: this.#state() })
  }

  /** What changed before it was watched, by the times of what is there. */
  #catchUp(since: number): void {
    let kinds = ""
    const paths: Array<string> = []
    for (const path of this.#files) {
      const stat = statOf(toBuffer(`${this.#options.root}/${path}`))
      if (stat === null || stat.ctimeMs < since) continue
      kinds += letterOf(stat.birthtimeMs >= since ? "add" : "change")
      paths.push(path)
    }
    if (paths.length > 0) this.#report({ _tag: "seen", cause: "reconcile", kinds, paths: paths.join("\0") })
  }

  #saw(kind: Kind, path: string): void {
    if (this.#spent === "worker" || this.#closed) return
    const isKnown = this.#files.has(path)
    if (kind === "unlink") this.#files.delete(path)
    else {
      this.#files.add(path)
      // Until the tree is known, a change is one of a file that was there.
      if (kind === "change" && !isKnown && this.#ready) return this.#tookFolder(path)
      for (let above = parentOf(path); above !== ""; above = parentOf(above))
        if (this.#files.has(above)) this.#saw("unlink", above)
    }
    this.#say(kind, path)
    if (baseName(path) === ".gitignore") this.#rulesChanged()
    if (this.#files.size > this.#limit.files) this.#giveUp("the tree grew")
  }

  /** A file took the name of a folder, of which chokidar says only that it changed. */
  #tookFolder(path: string): void {
    this.#say("add", path)
    for (const known of this.#files) if (known.startsWith(`${path}/`)) this.#saw("unlink", known)
  }

  #say(kind: Kind, path: string): void {
    if (this.#paths.length === 0) queueMicrotask(() => this.#flush())
    this.#kinds += letterOf(kind)
    this.#paths.push(path)
  }

  #folder(path: string, more: number): void {
    if (!this.#ready) return
    if (path === this.#root) {
      this.#rootMissing = more < 0
      this.#report({ _tag: "state", state: this.#state() })
      return
    }
    const relative = this.#relative(path)
    if (more > 0) this.#folders.set(relative, inodeOf(path))
    else this.#folders.delete(relative)
    this.#checkSoon()
    if (this.#folders.size > this.#limit.folders) return this.#giveUp("the tree grew")
    const entries = more > 0 ? readFolder(toBuffer(`${this.#options.root}/${relative}`)) : "gone"
    if (typeof entries !== "string" && entries.some(({ name }) => isOddName(name))) this.#giveUp(oddName)
  }

  /** Every notice of the kernel, also those of ignored names. */
  #raw(event: string, name: string | null, folder: string): void {
    this.#notices++
    if (this.#drained++ === 0)
      setImmediate(() => {
        this.#drained = 0
        this.#drainedAt = Date.now()
      })
    if (this.#drained === this.#options.suspicious) this.#giveUp("a burst came close to the kernel's queue")
    if (name === null) return
    if (name === ".git") this.#rulesChanged()
    else if (isOddName(toBytes(name))) this.#giveUp(oddName)
    else if (event === "rename" && name === basename(this.#root) && !existsSync(`${this.#root}/${name}`))
      // The folder itself was moved or removed; chokidar would go on with the one that was there.
      this.#giveUp("the workspace was moved or removed")
    else if (event === "rename" && this.#folders.has(this.#relative(`${folder}/${name}`))) this.#checkSoon()
  }

  #checkSoon(): void {
    if (this.#check !== null) clearTimeout(this.#check)
    if (!this.#closed && this.#spent !== "worker")
      this.#check = setTimeout(() => void this.#compare(), checkMs)
  }

  /** Does chokidar know what is there, and watch the folders that are there? */
  async #compare(): Promise<void> {
    const notices = this.#notices
    const folders = new Set([""])
    const files = new Set<string>()
    try {
      for await (const { path, isFolder } of visibleEntries(this.#options.root, this.#rules))
        (isFolder ? folders : files).add(path)
    } catch {
      // A folder vanished or cannot be read: a difference, unless it was just said.
      files.clear()
      folders.clear()
    }
    if (this.#closed) return
    if (notices !== this.#notices) return this.#checkSoon()
    const inode = (path: string) => inodeOf(toBuffer(`${this.#options.root}/${path}`))
    const same =
      files.size === this.#files.size &&
      [...files].every((path) => this.#files.has(path)) &&
      folders.size === this.#folders.size &&
      [...folders].every((path) => this.#folders.get(path) === inode(path))
    if (!same) this.#giveUp("it lost track of the tree")
  }

  #rulesChanged(): void {
    if (this.#spent === null) this.#unfit("ignore rules changed", "choose", null, Date.now())
  }

  #giveUp(reason: string): void {
    if (this.#spent === "worker") return
    this.#flush()
    this.#unfit(reason, "worker", this.#ready ? this.#known() : null, this.#drainedAt - inWorkMs)
  }

  #unfit(reason: string, next: Handover["next"], known: Handover["known"], since: number): void {
    this.#spent = next
    this.#report({ _tag: "unfit", reason, handover: { since, known, next } })
  }

  #flush(): void {
    if (this.#paths.length === 0) return
    this.#report({ _tag: "seen", cause: "watch", kinds: this.#kinds, paths: this.#paths.join("\0") })
    this.#kinds = ""
    this.#paths = []
  }

  /** Folder -> its files, as last known. */
  #known(): ReadonlyMap<string, ReadonlyArray<string>> {
    const known = new Map<string, Array<string>>()
    for (const path of this.#files) {
      const names = known.get(parentOf(path)) ?? []
      names.push(baseName(path))
      known.set(parentOf(path), names)
    }
    return known
  }

  #state(): WatchState {
    return {
      mode: "watch",
      limit: null,
      folders: this.#folders.size,
      files: this.#files.size,
      unreadable: 0,
      unreadableNames: [],
      rootMissing: this.#rootMissing,
      cut: false,
    }
  }
}

const statOf = (path: string | Buffer): Stats | null => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}

const inodeOf = (folder: string | Buffer): number => statOf(folder)?.ino ?? 0

export const startChokidarWatcher =
  (limit: SmallTree): StartWatcher =>
  (options, report) =>
    new ChokidarWatcher(options, limit, report)
