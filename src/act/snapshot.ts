/**
 * The state of a part of the workspace before a command, bounded, and what differs afterwards.
 * Invariants: never more than the bounds is kept; what is left out is said; a content that holds a secret is not
 * kept (the log may hold none), its change is still seen by its hash; what the log has already is not read again.
 */
import type { BigIntStats } from "node:fs"
import { dirname, relative } from "node:path"
import type { PathState } from "../domain/events/acted.ts"
import { codeOf, refused } from "./attempt.ts"
import { isYoung, statKey, type ContentCache } from "./ContentCache.ts"
import { absentState, captureFound, captureSync, sameState, TooLarge } from "./pathState.ts"
import { inside, shown } from "./paths.ts"
import { mergeBase } from "./threeWay.ts"
import { isLeftOut, walkRoot } from "./walkStates.ts"

export interface SnapshotBounds {
  readonly files: number
  /** Of contents that are not in the log yet. */
  readonly bytes: number
  /** A larger file is left out; 16 MiB if absent. */
  readonly fileBytes?: number
}
export const defaultBounds: SnapshotBounds = { files: 20_000, bytes: 64 * 1024 * 1024 }
const defaultFileBytes = 16 * 1024 * 1024
/** A history of moves longer than this is not kept: it is a convenience, and grows without end. */
const trailBytes = 256 * 1024

export interface SnapshotOptions {
  /** Real folders in which all roots lie; the first is the workspace. */
  readonly within: ReadonlyArray<string>
  /** Files or folders, existing or not. */
  readonly roots: ReadonlyArray<string>
  /** Folders above them, of which only the own state counts: git takes away one that it emptied. */
  readonly above: ReadonlyArray<string>
  readonly bounds: SnapshotBounds
  readonly holdsSecret: (bytes: Uint8Array) => boolean
  readonly contents: ContentCache
  readonly nowMs: number
}

export interface Snapshot {
  readonly before: ReadonlyArray<PathState>
  /** By path: what tells that a file is untouched without reading it. */
  readonly keys: ReadonlyMap<string, string>
  /** Contents the log does not have yet. */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** What can not be taken back although the rest can; shown before the approval. */
  readonly limits: ReadonlyArray<string>
}

/** Roots that no other root leads to. */
const outermost = (roots: ReadonlyArray<string>): ReadonlyArray<string> => {
  const leadsTo = (root: string, path: string): boolean =>
    path !== root && inside(root, path) && !relative(root, path).split("/").some(isLeftOut)
  return [...new Set(roots)].filter((root) => !roots.some((other) => leadsTo(other, root)))
}

const some = (workspace: string, paths: ReadonlyArray<string>): string =>
  paths
    .slice(0, 3)
    .map((path) => shown(workspace, path))
    .join(", ") + (paths.length > 3 ? ` and ${paths.length - 3} more` : "")

const isTrail = (path: string): boolean => /\/logs\//.test(path) && path.includes("/.git/")

/** What `lstat` alone says of a file. */
const unreadable = (path: string, found: BigIntStats): PathState => ({
  path,
  kind: "file",
  mode: Number(found.mode & 0o7777n),
  mtimeNs: String(found.mtimeNs),
  bytes: Number(found.size),
  hash: null,
})

export const takeSnapshot = async (options: SnapshotOptions): Promise<Snapshot> => {
  const { bounds, contents, nowMs, within } = options
  const workspace = within[0] ?? "/"
  const before: Array<PathState> = []
  const keys = new Map<string, string>()
  const blobs = new Map<string, Uint8Array>()
  const left: Array<string> = []
  const large: Array<string> = []
  const secret: Array<string> = []
  const unread: Array<string> = []
  const fileBytes = bounds.fileBytes ?? defaultFileBytes
  let room = bounds.bytes

  const isWanted = (hash: string): boolean =>
    contents.isSecret(hash) !== true && !contents.isStored(hash, nowMs) && !blobs.has(hash)

  const keep = (path: string, entry: string | Buffer, found: BigIntStats): void => {
    const trail = isTrail(path)
    try {
      const { state, bytes } = captureFound(path, entry, found, {
        maxBytes: trail ? trailBytes : Math.max(fileBytes, bounds.bytes),
        cache: contents,
        nowMs,
        wanted: isWanted,
      })
      before.push(state)
      if (state.kind === "file" && !isYoung(found, nowMs)) keys.set(path, statKey(found))
      if (state.hash === null) return
      if (state.kind === "file" && bytes !== null && contents.isSecret(state.hash) === undefined) {
        contents.judged(state.hash, options.holdsSecret(bytes))
      }
      if (contents.isSecret(state.hash) === true) return void secret.push(path)
      if (bytes === null || !isWanted(state.hash)) return
      if (bytes.length > fileBytes) return void large.push(path)
      room -= bytes.length
      if (room < 0) {
        throw refused(`it may change more than ${Math.round(bounds.bytes / 1024 / 1024)} MiB of files`)
      }
      blobs.set(state.hash, bytes)
    } catch (error) {
      if (codeOf(error) === "ENOENT") return
      if (codeOf(error) === "EACCES") {
        before.push(unreadable(path, found))
        unread.push(path)
        return
      }
      if (!(error instanceof TooLarge)) throw error
      before.push(error.state)
      if (!trail) large.push(path)
    }
  }

  for (const folder of options.above) {
    const { state } = captureSync(folder, within, 0)
    if (state.kind === "dir") before.push(state)
  }
  for (const root of outermost(options.roots)) {
    const whole = await walkRoot(root, within, {
      top: workspace,
      left: (path) => left.push(path),
      met: (path, entry, found) => {
        if (before.length >= bounds.files) return false
        keep(path, entry, found)
        return true
      },
    })
    if (!whole) throw refused(`it may change more than ${bounds.files} files`)
  }
  const notKept = (paths: ReadonlyArray<string>, why: string): ReadonlyArray<string> =>
    paths.length === 0 ? [] : [`not ${some(workspace, paths)}: ${why}`]
  return {
    before,
    keys,
    blobs,
    limits: [
      ...(left.length === 0 ? [] : [`not in ${some(workspace, left)}`]),
      ...notKept(secret, "it holds a secret, which the log must not keep"),
      ...notKept(unread, "it cannot be read"),
      ...notKept(large, `it is larger than ${Math.round(fileBytes / 1024 / 1024)} MiB`),
    ],
  }
}

/** When the snapshot was begun, and between which times the command ran, in milliseconds since the epoch. */
export interface Window {
  readonly snapshotMs: number
  readonly fromMs: number
  readonly toMs: number
}

export interface Changes {
  /** What is no longer as it was: changed, deleted, or new (no state before). */
  readonly after: ReadonlyArray<PathState>
  readonly complete: boolean
  /** Contents of changed text files, by which a later change can be told apart. */
  readonly kept: ReadonlyArray<Uint8Array>
}

/** The kernel's own clock, by which files are dated, runs up to a tick behind. */
const tickMs = 10
const keptBytes = 16 * 1024 * 1024

/**
 * `window`: with it, a file that was last changed between the snapshot and the command's start was changed by somebody
 * else and is left out; one changed after it ended is stated without a hash, so that it is asked about.
 */
export const changesSince = async (
  options: SnapshotOptions,
  snapshot: Pick<Snapshot, "before" | "keys">,
  window: Window | null,
  shut: ReadonlyArray<string>,
): Promise<Changes> => {
  const { bounds, contents, nowMs, within } = options
  const known = new Map(snapshot.before.map((state) => [state.path, state]))
  const left = new Set<string>()
  const seen = new Set<string>()
  const after: Array<PathState> = []
  const kept: Array<Uint8Array> = []
  let room = keptBytes
  const met = (path: string, entry: string | Buffer, found: BigIntStats): void => {
    seen.add(path)
    const old = known.get(path)
    if (old !== undefined && snapshot.keys.get(path) === statKey(found)) return
    if (shut.some((folder) => inside(folder, path))) return
    const now = stateNow(path, entry, found, contents, nowMs)
    if (now === null) return
    const { bytes, state } = now
    if (old !== undefined && sameState(old, state, true) && old.bytes === state.bytes) return
    if (window !== null) {
      const changedMs = Number(found.ctimeNs) / 1e6
      // an older one that is new here was moved here
      if (changedMs >= window.snapshotMs && changedMs < window.fromMs - tickMs) return
      if (state.kind === "file" && changedMs > window.toMs + 1)
        return void after.push({ ...state, hash: null })
    }
    after.push(state)
    if (bytes === null || bytes.length > room || state.hash === old?.hash) return
    if (!mergeBase(bytes, options.holdsSecret)) return
    room -= bytes.length
    kept.push(bytes)
  }
  let complete = true
  let count = 0
  for (const root of outermost(options.roots)) {
    // a command may make many more files than there were: these are looked at too, to a bound
    const whole = await walkRoot(root, within, {
      top: within[0] ?? "/",
      left: (path) => left.add(path),
      met: (path, entry, found) => {
        if (count++ >= bounds.files * 4) return false
        met(path, entry, found)
        return true
      },
    })
    complete = complete && whole
  }
  for (const folder of options.above) {
    const { state } = captureSync(folder, within, 0)
    const old = known.get(folder)
    seen.add(folder)
    if (old === undefined ? state.kind === "dir" : !sameState(old, state, false)) after.push(state)
  }
  // what is below a folder that was not looked into this time is not known to be gone
  const hidden = (path: string): boolean =>
    path !== "/" && (left.has(path) || (!within.includes(path) && hidden(dirname(path))))
  for (const path of known.keys()) {
    if (seen.has(path) || shut.some((folder) => inside(folder, path))) continue
    if (hidden(path)) complete = false
    else after.push(absentState(path))
  }
  return { after, complete, kept }
}

/** Null for what is gone again; a file that is unreadable or beyond the bound has a state without a hash. */
const stateNow = (
  path: string,
  entry: string | Buffer,
  found: BigIntStats,
  cache: ContentCache,
  nowMs: number,
) => {
  try {
    return captureFound(path, entry, found, { maxBytes: 256 * 1024 * 1024, cache, nowMs, wanted: () => true })
  } catch (error) {
    if (error instanceof TooLarge) return { state: error.state, bytes: null }
    if (codeOf(error) === "EACCES") return { state: unreadable(path, found), bytes: null }
    if (codeOf(error) === "ENOENT") return null
    throw error
  }
}
