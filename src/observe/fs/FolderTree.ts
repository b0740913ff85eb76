/**
 * The catalogue of a folder tree: every visible folder with the names of its files, and the way to bring it up to
 * date with the disk, one folder or one name at a time. It says what it finds (`saw`) and asks for watches
 * (`attach`, `detach`); it knows no timers and no notices.
 * Invariants: a folder is attached before it is read, so nothing falls between; what is ignored, a nested
 * repository's or behind a symbolic link is neither attached nor read; a name that only became visible or
 * invisible is entered or struck out silently.
 */
import { lstatSync, type Stats } from "node:fs"
import { type IgnoreRules, isIgnored, withPatterns } from "../../domain/ignore.ts"
import { baseName, join, parentOf, toBuffer } from "./byteStrings.ts"
import { type BaseRules, readPatterns } from "./ignoreFiles.ts"
import { Listing } from "./Listing.ts"
import { type Entry, readFolder } from "./readFolder.ts"
import type { Kind } from "./Watcher.ts"

/** What to do with a folder and all below it. */
export interface Scan {
  /** Say what is new and what is gone; false: take note of what is there. */
  readonly loud: boolean
  /** Also say which files changed since this time (milliseconds), by their ctime; null: do not look. */
  readonly since: number | null
  /** The folders may be others under the same names: watch each anew. */
  readonly anew: boolean
}

export interface Folder {
  readonly path: string
  readonly parent: Folder | null
  files: Listing
  children: Map<string, Folder> | null
  /** What holds inside this folder, made of the parent's rules and this folder's own `.gitignore`. */
  rules: IgnoreRules
  /** Of what `rules` were made; null: of nothing yet. */
  rulesAbove: IgnoreRules | null
  patterns: string | null
  /** Wanted, not yet done. */
  scan: Scan | null
  unreadable: boolean
  gone: boolean
}

export interface TreePorts {
  readonly saw: (kind: Kind, path: string) => void
  /**
   * Put a watch on it, or keep the one it has; `anew`: it may be another folder under the same name.
   * False where there is no such folder.
   */
  readonly attach: (folder: Folder, anew: boolean) => boolean
  readonly detach: (folder: Folder) => void
}

export class FolderTree {
  readonly root: Folder
  folders = 1
  files = 0
  rootMissing = false
  /** There were more folders than it may hold; some were left out. */
  cut = false
  readonly unreadable = new Set<Folder>()
  readonly #rootPath: string
  readonly #mostFolders: number
  readonly #ports: TreePorts
  #base: BaseRules
  readonly #unscanned = new Set<Folder>()
  /** Folders whose listing is open; packed again when nothing is left to do. */
  readonly #open = new Set<Folder>()

  constructor(rootPath: string, base: BaseRules, mostFolders: number, ports: TreePorts) {
    this.#rootPath = rootPath
    this.#mostFolders = mostFolders
    this.#base = base
    this.#ports = ports
    this.root = makeFolder("", null, base.rules)
  }

  pathOf(folder: Folder): Buffer {
    return toBuffer(folder.path === "" ? this.#rootPath : `${this.#rootPath}/${folder.path}`)
  }

  /** Takes over what is known of the tree from elsewhere; the next scan says what differs. */
  adopt(known: ReadonlyMap<string, ReadonlyArray<string>>): void {
    const made = new Map<string, Folder>([["", this.root]])
    const make = (path: string): Folder => {
      const there = made.get(path)
      if (there !== undefined) return there
      const parent = make(parentOf(path))
      const folder = makeFolder(path, parent, parent.rules)
      parent.children ??= new Map()
      parent.children.set(baseName(path), folder)
      made.set(path, folder)
      this.folders++
      return folder
    }
    for (const [path, names] of known) {
      make(path).files = Listing.of(names)
      this.files += names.length
    }
  }

  /** The rules above the workspace's own changed. */
  rebase(base: BaseRules): void {
    this.#base = base
    this.want(this.root, news)
  }

  /** Asks for a scan of a folder and all below; what was asked before stays asked. */
  want(folder: Folder, scan: Scan): void {
    const asked = folder.scan
    folder.scan =
      asked === null
        ? scan
        : {
            loud: asked.loud && scan.loud,
            since: earlier(asked.since, scan.since),
            anew: asked.anew || scan.anew,
          }
    this.#unscanned.add(folder)
  }

  /** Does one of the scans that were asked for; false where none was. */
  step(): boolean {
    for (const folder of this.#unscanned) {
      this.#scan(folder)
      return true
    }
    for (const folder of this.#open) folder.files.pack()
    this.#open.clear()
    return false
  }

  *all(top: Folder = this.root): Generator<Folder> {
    yield top
    for (const child of top.children?.values() ?? []) yield* this.all(child)
  }

  /** What a notice about `name` in `folder` means. `moved`: the name came, went or was replaced. */
  inspect(folder: Folder, name: string, moved: boolean): void {
    if (folder.scan !== null) this.#scan(folder)
    if (folder.gone) return
    if (name === ".git") return this.#dotGit(folder)
    const path = join(folder.path, name)
    const look = this.#look(path)
    const child = folder.children?.get(name)
    if (look?.isDirectory() === true) {
      if (this.#strike(folder, name)) this.#ports.saw("unlink", path)
      if (child === undefined) this.#enter(folder, name, news)
      else if (moved || child.unreadable) this.again(child)
      return
    }
    if (child !== undefined) this.drop(child, true)
    if (look !== undefined && (look.isFile() || look.isSymbolicLink())) {
      if (folder.files.has(name)) this.#ports.saw("change", path)
      else if (this.#visible(folder.rules, path, false) && this.#note(folder, name))
        this.#ports.saw("add", path)
    } else if (this.#strike(folder, name)) this.#ports.saw("unlink", path)
    if (name === ".gitignore") this.want(folder, news)
  }

  /** A notice about the folder itself, which may be gone, replaced or readable again. */
  inspectSelf(folder: Folder): void {
    if (folder.gone) return
    if (folder.parent === null) this.again(folder)
    else this.inspect(folder.parent, baseName(folder.path), true)
  }

  /** Watches and reads a known folder anew. */
  again(folder: Folder): void {
    this.want(folder, { ...news, anew: true })
  }

  /** Takes a folder and all below it out; the root itself stays, empty. */
  drop(folder: Folder, loud: boolean): void {
    for (const child of folder.children?.values() ?? []) this.drop(child, loud)
    for (const name of folder.files.names()) {
      this.files--
      if (loud) this.#ports.saw("unlink", join(folder.path, name))
    }
    folder.files = Listing.of([])
    folder.scan = null
    this.#unscanned.delete(folder)
    this.#open.delete(folder)
    this.#setUnreadable(folder, false)
    this.#ports.detach(folder)
    if (folder.parent === null) return
    folder.gone = true
    folder.parent.children?.delete(baseName(folder.path))
    this.folders--
  }

  #look(path: string): Stats | undefined {
    try {
      return lstatSync(toBuffer(`${this.#rootPath}/${path}`), { throwIfNoEntry: false })
    } catch {
      // Not to be reached (no permission, too long, a file where a folder was): as good as not there.
      return undefined
    }
  }

  #visible(rules: IgnoreRules, path: string, isFolder: boolean): boolean {
    return !isIgnored(rules, join(this.#base.prefix, path), isFolder)
  }

  #note(folder: Folder, name: string): boolean {
    if (!folder.files.add(name)) return false
    this.#open.add(folder)
    this.files++
    return true
  }

  #strike(folder: Folder, name: string): boolean {
    if (!folder.files.delete(name)) return false
    this.#open.add(folder)
    this.files--
    return true
  }

  #enter(folder: Folder, name: string, scan: Scan): void {
    const path = join(folder.path, name)
    if (!this.#visible(folder.rules, path, true)) return
    if (this.folders >= this.#mostFolders) {
      this.cut = true
      return
    }
    const child = makeFolder(path, folder, folder.rules)
    folder.children ??= new Map()
    folder.children.set(name, child)
    this.folders++
    this.want(child, scan)
  }

  /** A `.git` came: what holds it is a repository of its own from now on. */
  #dotGit(folder: Folder): void {
    if (folder.parent !== null && this.#look(join(folder.path, ".git")) !== undefined)
      this.drop(folder, false)
  }

  #setUnreadable(folder: Folder, unreadable: boolean): void {
    folder.unreadable = unreadable
    if (unreadable) this.unreadable.add(folder)
    else this.unreadable.delete(folder)
  }

  #scan(folder: Folder): void {
    const scan = folder.scan
    folder.scan = null
    this.#unscanned.delete(folder)
    if (scan === null || folder.gone) return
    const stood = this.#ports.attach(folder, scan.anew)
    const entries = readFolder(this.pathOf(folder))
    if (folder.parent === null) this.rootMissing = entries === "gone"
    if (entries === "gone") return this.drop(folder, scan.loud)
    // It came into being between the two: what came into it after the reading was not watched.
    if (!stood && this.#ports.attach(folder, false)) this.want(folder, { ...scan, anew: false })
    this.#setUnreadable(folder, entries === "unreadable")
    if (entries === "unreadable") return
    if (folder.parent !== null && entries.some((entry) => entry.name === ".git"))
      return this.drop(folder, false)
    const before = this.#makeRules(folder, entries)
    this.#compare(folder, entries, scan, before)
  }

  /** Brings the folder's rules up to date; answers those that held before. */
  #makeRules(folder: Folder, entries: ReadonlyArray<Entry>): IgnoreRules | null {
    const before = folder.rulesAbove === null ? null : folder.rules
    const above = folder.parent?.rules ?? this.#base.rules
    const own = entries.some((entry) => entry.name === ".gitignore")
      ? readPatterns(Buffer.concat([this.pathOf(folder), Buffer.from("/.gitignore")]))
      : null
    if (folder.rulesAbove === above && folder.patterns === own) return before
    folder.rulesAbove = above
    folder.patterns = own
    folder.rules = own === null ? above : withPatterns(above, join(this.#base.prefix, folder.path), own)
    return before
  }

  /** `before`: the rules until now, null where the folder was never read. */
  #compare(folder: Folder, entries: ReadonlyArray<Entry>, scan: Scan, before: IgnoreRules | null): void {
    const known = folder.files
    const same = before === folder.rules
    const wasVisible = (path: string, isFolder: boolean): boolean =>
      before === null || same || this.#visible(before, path, isFolder)
    const files: Array<string> = []
    // What is there, whether visible or not; and the visible folders.
    const filesThere = new Set<string>()
    const foldersThere = new Set<string>()
    const foldersBelow = new Set<string>()
    for (const entry of entries) {
      const { name } = entry
      if (name === ".git") continue
      const path = join(folder.path, name)
      if (entry.isDirectory()) {
        foldersThere.add(name)
        if (!this.#visible(folder.rules, path, true)) continue
        foldersBelow.add(name)
        const child = folder.children?.get(name)
        if (child === undefined) {
          const loud = scan.loud && wasVisible(path, true)
          this.#enter(folder, name, { loud, since: scan.loud ? null : scan.since, anew: false })
        } else {
          this.want(child, scan)
        }
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        filesThere.add(name)
        const isKnown = known.has(name)
        if (!(isKnown && same) && !this.#visible(folder.rules, path, false)) continue
        files.push(name)
        const kind = isKnown || !scan.loud ? this.#sinceThen(path, scan.since, isKnown) : "add"
        if (kind !== null && (isKnown || wasVisible(path, false))) this.#ports.saw(kind, path)
      }
    }
    for (const name of known.names())
      if (scan.loud && !filesThere.has(name)) this.#ports.saw("unlink", join(folder.path, name))
    this.files += files.length - known.names().length
    folder.files = Listing.of(files)
    for (const [name, child] of folder.children ?? [])
      if (!foldersBelow.has(name)) this.drop(child, scan.loud && !foldersThere.has(name))
  }

  /** What became of a file since then, by its times; null: nothing, or nobody asked. */
  #sinceThen(path: string, since: number | null, isKnown: boolean): Kind | null {
    if (since === null) return null
    const look = this.#look(path)
    if (look === undefined || look.ctimeMs < since) return null
    return !isKnown && look.birthtimeMs >= since ? "add" : "change"
  }
}

/** Say what is new and gone. */
export const news: Scan = { loud: true, since: null, anew: false }

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

const makeFolder = (path: string, parent: Folder | null, rules: IgnoreRules): Folder => ({
  path,
  parent,
  files: Listing.of([]),
  children: null,
  rules,
  rulesAbove: null,
  patterns: null,
  scan: null,
  unreadable: false,
  gone: false,
})
