/**
 * Everything below a folder, with what `lstat` says of it: each folder is opened once and its entries reached through
 * the descriptor, so that no link that is put there meanwhile leads the walk away.
 * Invariants: folders come before what they hold, names in byte order; what is not gone into is named in `left`; no
 * more than `limit` entries are met.
 */
import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync } from "node:fs"
import { basename } from "node:path"
import { setImmediate } from "node:timers/promises"
import { isPlaceholder } from "../domain/placeholder.ts"
import { codeOf } from "./attempt.ts"
import { nameOf, nativeName } from "./pathNames.ts"
import { inFolderSync } from "./paths.ts"

/** Trees that a package manager or a tool makes anew; git's own folder is kept by its state. */
const leftOut = new Set([
  ".git",
  "node_modules",
  "bower_components",
  ".pnpm-store",
  ".venv",
  "venv",
  "__pycache__",
  ".tox",
  ".nox",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  ".gradle",
  ".terraform",
  ".next",
  ".nuxt",
  ".svelte-kit",
  ".turbo",
  ".parcel-cache",
  ".dart_tool",
  ".stack-work",
  ".zig-cache",
  ".hg",
  ".svn",
  ".jj",
])
const cacheMark = "CACHEDIR.TAG"
/** Where undo puts what it takes away; see `exchange.ts`. */
export const stageName = ".claw-undo~"
const maxDepth = 200

export const isLeftOut = (name: string): boolean => leftOut.has(name)

export interface Walk {
  /** Folders and files as they are met. Return false to stop. */
  readonly met: (path: string, entry: string | Buffer, found: BigIntStats) => boolean
  readonly left: (path: string) => void
  /** Looked at before the workspace's own `.git`, which is nobody's surprise. */
  readonly top: string
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const lookAt = (entry: string | Buffer): BigIntStats | undefined => {
  try {
    return lstatSync(entry, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === "ENOTDIR" || codeOf(error) === "EACCES") return undefined
    throw error
  }
}

const isHolder = (found: BigIntStats): boolean =>
  isPlaceholder({
    size: Number(found.size),
    mode: Number(found.mode),
    mtimeMs: Number(found.mtimeNs) / 1e6,
    isFile: () => found.isFile(),
  })

/** Lets others run now and then: the reading is synchronous, because small files are read tenfold faster so. */
async function* breathing(): AsyncGenerator<void, never> {
  for (;;) {
    for (let entries = 0; entries < 64; entries++) yield
    await setImmediate()
  }
}

/** A name of the opened folder that cannot be led away; without /proc (not Linux) its path. */
const pinned = (fd: number, folder: string): string => {
  const name = `/proc/self/fd/${fd}`
  return lookAt(name) === undefined ? folder : name
}

const below = async (
  folder: string,
  entry: string | Buffer,
  walk: Walk,
  pauses: AsyncGenerator<void, never>,
  depth: number,
): Promise<boolean> => {
  let fd: number
  try {
    fd = openSync(entry, folderFlags)
  } catch (error) {
    if (codeOf(error) === "EACCES") walk.left(folder)
    return true
  }
  try {
    const opened = pinned(fd, folder)
    const names = readdirSync(nativeName(opened), { encoding: "buffer" })
    if (depth >= maxDepth || names.some((name) => name.toString("latin1") === cacheMark)) {
      walk.left(folder)
      return true
    }
    for (const raw of names.sort(Buffer.compare)) {
      await pauses.next()
      const name = nameOf(raw)
      const path = `${folder}/${name}`
      if (name === stageName) continue
      if (leftOut.has(name)) {
        if (name !== ".git" || folder !== walk.top) walk.left(path)
        continue
      }
      const inside = nativeName(`${opened}/${name}`)
      const found = lookAt(inside)
      if (found === undefined || isHolder(found)) continue
      if (!found.isFile() && !found.isDirectory() && !found.isSymbolicLink()) continue
      if (!walk.met(path, inside, found)) return false
      if (found.isDirectory() && !(await below(path, inside, walk, pauses, depth + 1))) return false
    }
    return true
  } finally {
    closeSync(fd)
  }
}

/** Walks one root, a file or a folder, existing or not; false where the walk was stopped. */
export const walkRoot = async (root: string, within: ReadonlyArray<string>, walk: Walk): Promise<boolean> => {
  const pauses = breathing()
  if (leftOut.has(basename(root))) {
    walk.left(root)
    return true
  }
  // the workspace itself is what everything is relative to; it has no state of its own
  if (within.includes(root)) return below(root, nativeName(root), walk, pauses, 0)
  try {
    let going: Promise<boolean> | true = true
    inFolderSync(root, within, (entry) => {
      const native = nativeName(entry)
      const found = lookAt(native)
      if (found === undefined || isHolder(found)) return
      if (!found.isFile() && !found.isDirectory() && !found.isSymbolicLink()) return
      if (!walk.met(root, native, found)) going = Promise.resolve(false)
      else if (found.isDirectory()) going = below(root, native, walk, pauses, 0)
    })
    return await going
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return true
    throw error
  }
}
