/**
 * The exact state of one path: kind, mode, modification time to the nanosecond, content or link target; and how one
 * file is replaced. Both reach it through its opened folder, so no link can lead them away.
 * Invariant: a content is put in place whole (temporary file, fsync, rename) or not at all.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from "node:fs"
import { open, rename, unlink, type FileHandle } from "node:fs/promises"
import { basename } from "node:path"
import type { PathState } from "../domain/events/acted.ts"
import { codeOf, refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import { isYoung, statKey, type ContentCache } from "./ContentCache.ts"
import { nativeName } from "./pathNames.ts"
import { inFolderSync } from "./paths.ts"

export interface Captured {
  readonly state: PathState
  /** Content of a file or target of a link. */
  readonly bytes: Uint8Array | null
}

/** The content is beyond the bound; its state is known but for the hash. */
export class TooLarge extends Error {
  readonly state: PathState
  constructor(state: PathState) {
    super(`${state.path} is too large to be kept`)
    this.state = state
  }
}

export const absentState = (path: string): PathState => ({
  path,
  kind: "absent",
  mode: 0,
  mtimeNs: "0",
  bytes: 0,
  hash: null,
})

/** Opens without following a link and without waiting on a pipe. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
export const openFile = (entry: string): Promise<FileHandle> => open(entry, readOnly)

/** The content, and the state of exactly what was read: the file may have grown since it was looked at. */
const readContent = (
  path: string,
  entry: string | Buffer,
  check: Check | undefined,
): Captured & { readonly found: BigIntStats } => {
  const fd = openSync(entry, readOnly)
  try {
    const opened = fstatSync(fd, { bigint: true })
    if (!opened.isFile()) throw refused(`${path} is neither a file, a folder nor a link`)
    check?.(opened, entry)
    const bytes = readFileSync(fd)
    const found = fstatSync(fd, { bigint: true })
    const state: PathState = {
      path,
      kind: "file",
      mode: Number(found.mode & 0o7777n),
      mtimeNs: String(found.mtimeNs),
      bytes: bytes.length,
      hash: sha256(bytes),
    }
    return { state, bytes, found }
  } finally {
    closeSync(fd)
  }
}

export interface Look {
  /** Larger files throw `TooLarge`. */
  readonly maxBytes: number
  /** With it a file whose hash is known is not read, unless its content is wanted. */
  readonly cache?: ContentCache
  readonly nowMs?: number
  readonly wanted?: (hash: string) => boolean
  /** Asked of the open file before it is read; throws where it must not be. */
  readonly check?: Check
}
/** `opened` is what the open file says, `entry` its name in the opened folder. */
export type Check = (opened: BigIntStats, entry: string | Buffer) => void

/** `entry` names the path in its opened folder; `found` is what `lstat` said of it. */
export const captureFound = (
  path: string,
  entry: string | Buffer,
  found: BigIntStats,
  { cache, check, maxBytes, nowMs = 0, wanted }: Look,
): Captured => {
  const common = { path, mode: Number(found.mode & 0o7777n), mtimeNs: String(found.mtimeNs) }
  if (found.isDirectory()) return { state: { ...common, kind: "dir", bytes: 0, hash: null }, bytes: null }
  if (found.isSymbolicLink()) {
    const target = readlinkSync(entry, { encoding: "buffer" })
    return { state: { ...common, kind: "link", bytes: target.length, hash: sha256(target) }, bytes: target }
  }
  if (!found.isFile()) throw refused(`${path} is neither a file, a folder nor a link`)
  const size = Number(found.size)
  if (size > maxBytes) throw new TooLarge({ ...common, kind: "file", bytes: size, hash: null })
  const known = cache?.hashOf(statKey(found))
  if (known !== undefined && wanted?.(known) !== true) {
    return { state: { ...common, kind: "file", bytes: size, hash: known }, bytes: null }
  }
  const read = readContent(path, entry, check)
  if (cache !== undefined && !isYoung(read.found, nowMs)) cache.learn(statKey(read.found), read.state.hash!)
  return { state: read.state, bytes: read.bytes }
}

const captureEntry = (path: string, entry: string, look: Look): Captured => {
  const native = nativeName(entry)
  const found = lstatSync(native, { bigint: true, throwIfNoEntry: false })
  return found === undefined
    ? { state: absentState(path), bytes: null }
    : captureFound(path, native, found, look)
}

/** `roots`: the real folders in one of which the path must lie when it is reached. */
export const captureSync = (
  path: string,
  roots: ReadonlyArray<string>,
  maxBytes: number,
  check?: Check,
): Captured => {
  const look = check === undefined ? { maxBytes } : { maxBytes, check }
  try {
    return inFolderSync(path, roots, (entry) => captureEntry(path, entry, look))
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR")
      return { state: absentState(path), bytes: null }
    throw error
  }
}
export const capture = async (
  path: string,
  roots: ReadonlyArray<string>,
  maxBytes: number,
  check?: Check,
): Promise<Captured> => captureSync(path, roots, maxBytes, check)

/** Same content, kind and mode; `times` also to the nanosecond. */
export const sameState = (a: PathState, b: PathState, times: boolean): boolean =>
  a.kind === b.kind &&
  a.hash === b.hash &&
  (a.kind === "absent" || a.kind === "link" || a.mode === b.mode) &&
  (!times || a.kind === "absent" || a.kind === "dir" || a.mtimeNs === b.mtimeNs)

/** A name beside the target that nothing else uses. */
const temporaryName = (entry: string): string => `.${basename(entry).slice(0, 150)}.claw-${process.pid}~`

export interface FileToWrite {
  readonly bytes: Uint8Array
  /** null: as a new file gets it from the umask. */
  readonly mode: number | null
  readonly owner: { readonly uid: number; readonly gid: number } | null
}

/** Writes a file beside `entry` and renames it over; `check` runs last, when only the rename is left. */
export const replaceFile = async (
  entry: string,
  folder: string,
  file: FileToWrite,
  check: () => Promise<void>,
): Promise<void> => {
  const temporary = `${folder}/${temporaryName(entry)}`
  await unlink(temporary).catch(() => {})
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW
  const handle = await open(temporary, flags, file.mode === null ? 0o666 : 0o600)
  try {
    try {
      await handle.writeFile(file.bytes)
      if (file.owner !== null) await handle.chown(file.owner.uid, file.owner.gid).catch(() => {})
      if (file.mode !== null) await handle.chmod(file.mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await check()
    await rename(temporary, entry)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}

/** Makes renames in a folder durable. */
export const syncFolder = async (folder: string): Promise<void> => {
  const opened = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  await opened
    .sync()
    .catch(() => {})
    .finally(() => opened.close())
}
