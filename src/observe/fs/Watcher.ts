/**
 * What a watcher is: it says which files of one folder tree were added, changed or removed, after it looked.
 * All watchers keep these (test/conformance/watcher.ts): ignored folders and nested repositories are neither
 * read nor watched; symbolic links are named, never followed; files that only became visible or invisible
 * (a `.gitignore` changed) are no change; nothing throws, trouble is reported.
 */

export type Kind = "add" | "change" | "unlink"
export type Cause = "watch" | "reconcile" | "poll"

/** Sightings in order, packed for the way between threads: `kinds[i]` is `a`, `c` or `u` for the i-th path. */
export interface Seen {
  readonly _tag: "seen"
  readonly cause: Cause
  readonly kinds: string
  /** Byte strings, joined with NUL. */
  readonly paths: string
}

export interface WatchState {
  readonly mode: "watch" | "poll"
  /** Why it polls: the budget is smaller than the tree, or the system refused a watch. */
  readonly limit: "budget" | "system" | null
  readonly folders: number
  readonly files: number
  /** Folders that could not be read: how many, and a few of them by name. */
  readonly unreadable: number
  readonly unreadableNames: ReadonlyArray<string>
  readonly rootMissing: boolean
  /** There are more folders than are kept; some are not observed. */
  readonly cut: boolean
}

export type WatchReport =
  | Seen
  /** The tree is known and watched; everything from here on is seen. */
  | { readonly _tag: "ready"; readonly state: WatchState }
  /** Something other than the counts changed. */
  | { readonly _tag: "state"; readonly state: WatchState }
  /** This watcher cannot go on with this tree as it is now; it keeps running until it is replaced. */
  | { readonly _tag: "unfit"; readonly reason: string; readonly handover: Handover }
  /** It died. Nothing is seen until another is started. */
  | { readonly _tag: "failed"; readonly reason: string }

/** What a successor must know to say what its predecessor missed. */
export interface Handover {
  /** Milliseconds since the epoch: what happened from then on may have been missed. */
  readonly since: number
  /** Folder -> names of its files, as last known; null: not known. */
  readonly known: ReadonlyMap<string, ReadonlyArray<string>> | null
  /** Try the small watcher again because its rules changed: nothing was missed. Or go to the worker for good. */
  readonly next: "choose" | "worker"
}

/** Plain data: it crosses to a worker. */
export interface WatchOptions {
  /** Absolute, as a byte string. */
  readonly root: string
  /** The user's own ignore file, or null. */
  readonly globalExcludes: string | null
  /** How many folders are kept in memory at most. */
  readonly mostFolders: number
  /** How many watches may be used. */
  readonly budget: number
  /** Start by polling, whatever the budget. */
  readonly poll: boolean
  /** Shortest time between two rounds of polling; it grows with what a round costs. */
  readonly pollMs: number
  /** A drain of this many notices at once may mean that the kernel dropped some. */
  readonly suspicious: number
  readonly handover: Handover | null
}

export interface Watcher {
  readonly backend: "chokidar" | "worker"
  readonly close: () => Promise<void>
}

export type StartWatcher = (options: WatchOptions, report: (report: WatchReport) => void) => Watcher

/** Times of files lag behind the clock by up to a tick of the kernel's. */
export const clockSlackMs = 20

const letters = { add: "a", change: "c", unlink: "u" } as const
const kinds: Readonly<Record<string, Kind>> = { a: "add", c: "change", u: "unlink" }

export const letterOf = (kind: Kind): string => letters[kind]

export const eachSighting = (seen: Seen, visit: (kind: Kind, path: string) => void): void => {
  seen.paths.split("\0").forEach((path, index) => visit(kinds[seen.kinds[index]!]!, path))
}
