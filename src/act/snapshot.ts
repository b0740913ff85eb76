/**
 * The state of a part of the workspace before a command, bounded, and what differs afterwards.
 * Invariants: never more than the bounds is read; what is left out is said; a content that holds a secret is not
 * kept (the log may hold none), its change is still seen by its hash.
 */
import { readdir } from "node:fs/promises"
import { basename, join, relative } from "node:path"
import { setImmediate } from "node:timers/promises"
import type { PathState } from "../domain/events/acted.ts"
import { refused } from "./attempt.ts"
import { captureSync, sameState, TooLarge, type Captured } from "./pathState.ts"
import { inside, shown } from "./paths.ts"
import { ToolError } from "./Tool.ts"

export interface SnapshotBounds {
  readonly files: number
  readonly bytes: number
}
export const defaultBounds: SnapshotBounds = { files: 5000, bytes: 64 * 1024 * 1024 }

/** Trees that a package manager or compiler makes anew; git's own folder is kept by refs and index. */
const leftOut = new Set([
  ".git",
  "node_modules",
  "bower_components",
  ".pnpm-store",
  ".venv",
  "venv",
  "__pycache__",
  ".tox",
  ".mypy_cache",
  ".pytest_cache",
  ".gradle",
  ".next",
  ".turbo",
])
const cacheMark = "CACHEDIR.TAG"

export interface Snapshot {
  readonly before: ReadonlyArray<PathState>
  readonly blobs: ReadonlyArray<Uint8Array>
  /** What can not be taken back although the rest can; shown before the approval. */
  readonly limits: ReadonlyArray<string>
}

interface Listing {
  readonly paths: ReadonlyArray<string>
  readonly left: ReadonlyArray<string>
  readonly complete: boolean
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** Is `path` met on the way through `root`? Not below a tree that is left out. */
const visited = (root: string, path: string): boolean =>
  path !== root &&
  inside(root, path) &&
  !relative(root, path)
    .split("/")
    .some((name) => leftOut.has(name))

/** Every path below the roots, in order: folders before what they hold. */
const list = async (
  within: ReadonlyArray<string>,
  roots: ReadonlyArray<string>,
  files: number,
): Promise<Listing> => {
  const paths: Array<string> = []
  const left: Array<string> = []
  const visit = async (folder: string): Promise<boolean> => {
    const entries = await readdir(folder, { withFileTypes: true, encoding: "buffer" }).catch(() => null)
    if (entries === null) return true
    const isCache = entries.some((entry) => entry.name.toString("latin1") === cacheMark)
    if (isCache) {
      left.push(folder)
      return true
    }
    for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
      let name: string
      try {
        name = decoder.decode(entry.name)
      } catch {
        left.push(join(folder, entry.name.toString("latin1")))
        continue
      }
      const path = join(folder, name)
      if (leftOut.has(name)) {
        if (name !== ".git") left.push(path)
        continue
      }
      if (!entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink()) continue
      if (paths.length >= files) return false
      paths.push(path)
      if (entry.isDirectory() && !(await visit(path))) return false
    }
    return true
  }
  const outermost = roots.filter((root) => !roots.some((other) => visited(other, root)))
  for (const root of new Set(outermost)) {
    if (leftOut.has(basename(root))) {
      left.push(root)
      continue
    }
    if (paths.length >= files) return { paths, left, complete: false }
    // the workspace itself is what everything is relative to; it has no state of its own
    if (!within.includes(root)) paths.push(root)
    if (!(await visit(root))) return { paths, left, complete: false }
  }
  return { paths, left, complete: true }
}

const some = (workspace: string, paths: ReadonlyArray<string>): string =>
  paths
    .slice(0, 3)
    .map((path) => shown(workspace, path))
    .join(", ") + (paths.length > 3 ? ` and ${paths.length - 3} more` : "")

/** Lets others run now and then: the reading is synchronous, because small files are read tenfold faster so. */
async function* breathing(): AsyncGenerator<void, never> {
  for (;;) {
    for (let files = 0; files < 32; files++) yield
    await setImmediate()
  }
}

/**
 * Captures the roots (files or folders, existing or not), all inside the `within` folders, the first of which is the
 * workspace. Fails with `refused` where the bounds are too small.
 */
export const takeSnapshot = async (
  within: ReadonlyArray<string>,
  roots: ReadonlyArray<string>,
  bounds: SnapshotBounds,
  holdsSecret: (bytes: Uint8Array) => boolean,
): Promise<Snapshot> => {
  const listing = await list(within, roots, bounds.files)
  const workspace = within[0] ?? "/"
  if (!listing.complete) throw refused(`it may change more than ${bounds.files} files`)
  const before: Array<PathState> = []
  const blobs = new Map<string, Uint8Array>()
  const secret: Array<string> = []
  let room = bounds.bytes
  const pauses = breathing()
  const captureWithin = (path: string): Captured => {
    try {
      return captureSync(path, within, room)
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error
      throw refused(`it may change more than ${Math.round(bounds.bytes / 1024 / 1024)} MiB of files`)
    }
  }
  for (const path of listing.paths) {
    await pauses.next()
    const { state, bytes } = captureWithin(path)
    before.push(state)
    if (bytes === null || state.hash === null || blobs.has(state.hash)) continue
    room -= bytes.length
    if (state.kind === "file" && holdsSecret(bytes)) secret.push(path)
    else blobs.set(state.hash, bytes)
  }
  return {
    before,
    blobs: [...blobs.values()],
    limits: [
      ...(listing.left.length === 0 ? [] : [`not in ${some(workspace, listing.left)}`]),
      ...(secret.length === 0
        ? []
        : [`not ${some(workspace, secret)}: it holds a secret, which the log must not keep`]),
    ],
  }
}

/** What is no longer as it was: changed, deleted, or new (no state before). Contents are hashed, not kept. */
export const changesSince = async (
  within: ReadonlyArray<string>,
  roots: ReadonlyArray<string>,
  before: ReadonlyArray<PathState>,
  bounds: SnapshotBounds,
): Promise<{ readonly after: ReadonlyArray<PathState>; readonly complete: boolean }> => {
  const known = new Map(before.map((state) => [state.path, state]))
  // a command may make many more files than there were: these are looked at too, to a bound
  const listing = await list(within, roots, bounds.files * 4)
  const after: Array<PathState> = []
  const pauses = breathing()
  for (const path of new Set([...known.keys(), ...listing.paths])) {
    const old = known.get(path)
    await pauses.next()
    const now = stateNow(path, within)
    if (now === null) continue
    if (old === undefined ? now.kind !== "absent" : !sameState(old, now, true)) after.push(now)
  }
  return { after, complete: listing.complete }
}

/** Null for what can have no state (a pipe, a device); a file beyond the bound has one without a hash. */
const stateNow = (path: string, within: ReadonlyArray<string>): PathState | null => {
  try {
    return captureSync(path, within, 256 * 1024 * 1024).state
  } catch (error) {
    if (error instanceof TooLarge) return error.state
    if (error instanceof ToolError) return null
    throw error
  }
}
