/**
 * Watches a folder tree with one `fs.watch` a folder, or by rounds of polling where watches are not to be had;
 * runs in the worker. Notices are only collected while they come in; names are looked up between.
 * The kernel drops notices when its queue is full and Node does not say so. But then at least a full queue is
 * read in one go: a drain that large makes it doubt, and it compares the whole tree with the disk (`reconcile`),
 * by listing and by what changed since the last drain before.
 * At rest it has no timer unless it polls or the workspace is missing.
 */
import { type FSWatcher, watch } from "node:fs"
import { baseName, toBuffer } from "./byteStrings.ts"
import { type Folder, FolderTree, news } from "./FolderTree.ts"
import { readBaseRules, watchRuleFiles } from "./ignoreFiles.ts"
import {
  type Cause,
  clockSlackMs,
  type Kind,
  letterOf,
  type WatchOptions,
  type WatchReport,
  type WatchState,
} from "./Watcher.ts"

/** How long it works before it lets notices in, and how much it says at once. */
const sliceMs = 8
const mostSightings = 8192
/** A missing workspace is looked for this often. */
const missingMs = 1000
/** A round of polling may cost one part in this many of the time. */
const restPerWork = 20
const longestPollMs = 120_000
/** After the system refused a watch, it is asked again this much later. */
const refusedMs = 300_000

export class FolderWatcher {
  readonly #options: WatchOptions
  readonly #report: (report: WatchReport) => void
  readonly #tree: FolderTree
  readonly #workspace: string
  readonly #handles = new Map<Folder, FSWatcher>()
  #closeRules: () => void
  #mode: "watch" | "poll"
  #limit: WatchState["limit"] = null
  #limitedAt = 0
  /** Folder -> name -> did the name itself come or go. */
  readonly #notices = new Map<Folder, Map<string, boolean>>()
  #drained = 0
  #drainedAt = Date.now()
  /** Everything that happened before this was looked at. */
  #cleanAt = Date.now()
  #turn: NodeJS.Immediate | null = null
  #timer: NodeJS.Timeout | null = null
  #cause: Cause = "watch"
  #roundCost = 0
  #kinds = ""
  #paths: Array<string> = []
  #said = ""
  #ready = false
  #closed = false

  constructor(options: WatchOptions, report: (report: WatchReport) => void) {
    this.#options = options
    this.#report = report
    this.#mode = options.poll ? "poll" : "watch"
    this.#workspace = toBuffer(options.root).toString("utf8")
    const base = readBaseRules(this.#workspace, options.globalExcludes)
    this.#tree = new FolderTree(options.root, base, options.mostFolders, {
      saw: (kind, path) => this.#saw(kind, path),
      attach: (folder, anew) => this.#attach(folder, anew),
      detach: (folder) => this.#detach(folder),
    })
    this.#closeRules = watchRuleFiles(base.files, () => this.#readRules())
    const { handover } = options
    if (handover !== null) this.#cause = "reconcile"
    if (handover?.known != null) this.#tree.adopt(handover.known)
    const since = handover === null ? null : handover.since - clockSlackMs
    this.#tree.want(this.#tree.root, { loud: handover?.known != null, since, anew: false })
    this.#wake()
  }

  close(): void {
    this.#closed = true
    if (this.#turn !== null) clearImmediate(this.#turn)
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#closeRules()
    for (const handle of this.#handles.values()) handle.close()
    this.#handles.clear()
  }

  #wake(): void {
    if (this.#turn === null && !this.#closed) this.#turn = setImmediate(() => this.#work())
  }

  #notice(folder: Folder, event: string, name: string | null): void {
    this.#drained++
    const moved = event === "rename"
    const names = this.#notices.get(folder) ?? new Map<string, boolean>()
    names.set(name ?? "", moved || names.get(name ?? "") === true)
    this.#notices.set(folder, names)
    this.#wake()
  }

  /** One turn of the loop: what was drained, then a slice of looking, then let notices in again. */
  #work(): void {
    this.#turn = null
    if (this.#drained >= this.#options.suspicious) this.#doubt()
    this.#drained = 0
    this.#drainedAt = Date.now()
    const started = performance.now()
    while (performance.now() - started < sliceMs) if (!this.#lookOnce()) break
    this.#roundCost += performance.now() - started
    this.#flush()
    if (this.#notices.size > 0 || this.#tree.step()) return this.#wake()
    this.#cleanAt = this.#drainedAt
    this.#rest()
  }

  /** Looks at one name, or reads one folder; false where nothing is left. */
  #lookOnce(): boolean {
    for (const [folder, names] of this.#notices) {
      for (const [name, moved] of names) {
        names.delete(name)
        if (names.size === 0) this.#notices.delete(folder)
        this.#look(folder, name, moved)
        return true
      }
    }
    return this.#tree.step()
  }

  #look(folder: Folder, name: string, moved: boolean): void {
    if (folder.gone) return
    if (name === "") return this.#tree.want(folder, news)
    if (name === ".git" && folder.parent === null && moved) this.#readRules()
    this.#tree.inspect(folder, name, moved)
    // The kernel tells of the folder itself under the folder's own name.
    const own = folder.path === "" ? baseName(this.#options.root) : baseName(folder.path)
    if (name === own && !folder.files.has(name) && folder.children?.has(name) !== true)
      this.#tree.inspectSelf(folder)
  }

  /** Notices may be lost: what is collected counts for nothing, the whole tree is compared. */
  #doubt(): void {
    this.#notices.clear()
    this.#compareAll("reconcile", this.#cleanAt - clockSlackMs)
  }

  #compareAll(cause: Cause, since: number): void {
    this.#flush()
    this.#cause = cause
    this.#tree.cut = false
    this.#tree.want(this.#tree.root, { ...news, since })
    this.#wake()
  }

  /** Nothing is left to do. */
  #rest(): void {
    this.#cause = "watch"
    this.#state()
    if (this.#timer !== null) return
    if (this.#tree.rootMissing) return this.#later(missingMs, () => this.#tree.again(this.#tree.root))
    if (this.#mode === "poll") {
      const wait = Math.min(Math.max(this.#options.pollMs, this.#roundCost * restPerWork), longestPollMs)
      this.#later(wait, () => this.#round())
    }
  }

  #later(ms: number, run: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      run()
      this.#wake()
    }, ms)
  }

  #round(): void {
    const room = this.#tree.folders <= this.#options.budget * 0.8
    const again = this.#limit === "budget" || Date.now() - this.#limitedAt > refusedMs
    if (!this.#options.poll && room && again) this.#recover()
    this.#roundCost = 0
    this.#compareAll("poll", this.#cleanAt - clockSlackMs)
  }

  /** Back to watching; the round that follows says what was missed until each watch stood. */
  #recover(): void {
    this.#mode = "watch"
    this.#limit = null
    for (const folder of this.#tree.all()) this.#attach(folder, false)
  }

  #degrade(limit: "budget" | "system"): true {
    this.#mode = "poll"
    this.#limit = limit
    this.#limitedAt = Date.now()
    for (const handle of this.#handles.values()) handle.close()
    this.#handles.clear()
    return true
  }

  #attach(folder: Folder, anew: boolean): boolean {
    if (this.#mode === "poll") return true
    if (anew) this.#detach(folder)
    else if (this.#handles.has(folder)) return true
    if (this.#handles.size >= this.#options.budget) return this.#degrade("budget")
    try {
      const handle = watch(this.#tree.pathOf(folder), { encoding: "latin1" }, (event, name) =>
        this.#notice(folder, event, name),
      )
      handle.on("error", () => {
        if (this.#handles.get(folder) !== handle) return
        this.#detach(folder)
        this.#notice(folder, "rename", null)
      })
      this.#handles.set(folder, handle)
      return true
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === "ENOSPC" || code === "EMFILE" || code === "ENFILE") return this.#degrade("system")
      // What may not be watched may not be read either, which the reading that follows finds out.
      return code !== "ENOENT" && code !== "ENOTDIR"
    }
  }

  #detach(folder: Folder): void {
    this.#handles.get(folder)?.close()
    this.#handles.delete(folder)
  }

  #readRules(): void {
    this.#closeRules()
    const base = readBaseRules(this.#workspace, this.#options.globalExcludes)
    this.#closeRules = watchRuleFiles(base.files, () => this.#readRules())
    this.#tree.rebase(base)
    this.#wake()
  }

  #saw(kind: Kind, path: string): void {
    this.#kinds += letterOf(kind)
    this.#paths.push(path)
    if (this.#paths.length >= mostSightings) this.#flush()
  }

  #flush(): void {
    if (this.#paths.length === 0) return
    const paths = this.#paths.join("\0")
    this.#report({ _tag: "seen", cause: this.#cause, kinds: this.#kinds, paths })
    this.#kinds = ""
    this.#paths = []
  }

  #state(): void {
    const { folders, files, unreadable, rootMissing, cut } = this.#tree
    const unreadableNames = [...unreadable].slice(0, 5).map((folder) => folder.path)
    const state: WatchState = {
      mode: this.#mode,
      limit: this.#limit,
      folders,
      files,
      unreadable: unreadable.size,
      unreadableNames,
      rootMissing,
      cut,
    }
    const said = JSON.stringify([this.#mode, this.#limit, rootMissing, cut, unreadable.size, unreadableNames])
    if (!this.#ready) this.#report({ _tag: "ready", state })
    else if (said !== this.#said) this.#report({ _tag: "state", state })
    this.#ready = true
    this.#said = said
  }
}
