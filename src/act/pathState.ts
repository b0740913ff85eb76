/**
 * The exact state of one path: kind, mode, modification time to the nanosecond, content or link target; and how to
 * bring a path back to such a state. Both reach it through its opened folder, so no link can lead them away.
 * Invariant: a content is put in place whole (temporary file, fsync, rename) or not at all.
 */
import { spawn } from "node:child_process"
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync } from "node:fs"
import { lstat, mkdir, open, rename, rmdir, symlink, unlink, type FileHandle } from "node:fs/promises"
import { basename } from "node:path"
import type { PathState } from "../domain/events/acted.ts"
import { codeOf, refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import { inFolder, inFolderSync } from "./paths.ts"

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

const absent = (path: string): Captured => ({
  state: { path, kind: "absent", mode: 0, mtimeNs: "0", bytes: 0, hash: null },
  bytes: null,
})

/** Opens without following a link and without waiting on a pipe. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
export const openFile = (entry: string): Promise<FileHandle> => open(entry, readOnly)

const captureEntry = (path: string, entry: string, maxBytes: number): Captured => {
  const found = lstatSync(entry, { bigint: true, throwIfNoEntry: false })
  if (found === undefined) return absent(path)
  const common = { path, mode: Number(found.mode & 0o7777n), mtimeNs: String(found.mtimeNs) }
  if (found.isDirectory()) return { state: { ...common, kind: "dir", bytes: 0, hash: null }, bytes: null }
  if (found.isSymbolicLink()) {
    const target = readlinkSync(entry, { encoding: "buffer" })
    return { state: { ...common, kind: "link", bytes: target.length, hash: sha256(target) }, bytes: target }
  }
  if (!found.isFile()) throw refused(`${path} is neither a file, a folder nor a link`)
  if (found.size > BigInt(maxBytes)) {
    throw new TooLarge({ ...common, kind: "file", bytes: Number(found.size), hash: null })
  }
  const fd = openSync(entry, readOnly)
  try {
    const bytes = readFileSync(fd)
    // what was read, not what was looked at before: the file may have grown in between
    const now = fstatSync(fd, { bigint: true })
    return {
      state: {
        path,
        kind: "file",
        mode: Number(now.mode & 0o7777n),
        mtimeNs: String(now.mtimeNs),
        bytes: bytes.length,
        hash: sha256(bytes),
      },
      bytes,
    }
  } finally {
    closeSync(fd)
  }
}

/** `roots`: the real folders in one of which the path must lie when it is reached. */
export const captureSync = (path: string, roots: ReadonlyArray<string>, maxBytes: number): Captured => {
  try {
    return inFolderSync(path, roots, (entry) => captureEntry(path, entry, maxBytes))
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return absent(path)
    throw error
  }
}
export const capture = async (
  path: string,
  roots: ReadonlyArray<string>,
  maxBytes: number,
): Promise<Captured> => captureSync(path, roots, maxBytes)

/** Same content, kind and mode; `times` also to the nanosecond. */
export const sameState = (a: PathState, b: PathState, times: boolean): boolean =>
  a.kind === b.kind &&
  a.hash === b.hash &&
  (a.kind === "absent" || a.kind === "link" || a.mode === b.mode) &&
  (!times || a.kind === "absent" || a.kind === "dir" || a.mtimeNs === b.mtimeNs)

/** One program call for the one thing Node cannot do: its times are doubles, exact to about 240 ns only. */
const touch = (
  mtimeNs: string,
  rest: ReadonlyArray<string>,
  where: { readonly fd?: number; readonly cwd?: string },
): Promise<void> => {
  const digits = mtimeNs.padStart(10, "0")
  return new Promise((done) => {
    spawn("touch", ["-m", "-d", `@${digits.slice(0, -9)}.${digits.slice(-9)}`, ...rest], {
      stdio: ["ignore", "ignore", "ignore", where.fd ?? "ignore"],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin" },
      cwd: where.cwd ?? "/",
    })
      .on("error", () => done())
      .on("close", () => done())
  })
}
/** The file is handed over open, as descriptor 3: no path that could be swapped. */
const setTime = async (handle: FileHandle, mtimeNs: string): Promise<void> => {
  const seconds = Number(mtimeNs) / 1e9
  await handle.utimes(seconds, seconds)
  if ((await handle.stat({ bigint: true })).mtimeNs === BigInt(mtimeNs)) return
  await touch(mtimeNs, ["-c", "--", "/proc/self/fd/3"], { fd: handle.fd })
}

/** A name beside the target that nothing else uses. */
const temporaryName = (entry: string): string => `.${basename(entry).slice(0, 150)}.claw-${process.pid}~`

export interface FileToWrite {
  readonly bytes: Uint8Array
  /** null: as a new file gets it from the umask. */
  readonly mode: number | null
  readonly mtimeNs: string | null
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
      if (file.mtimeNs !== null) await setTime(handle, file.mtimeNs)
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

const removeEntry = async (entry: string): Promise<void> => {
  const found = await lstat(entry).catch(() => null)
  if (found === null) return
  await (found.isDirectory() ? rmdir(entry) : unlink(entry))
}

/** Brings the path to `target`; folders it needs must stand. A folder that is not empty is never removed. */
export const restore = (target: Captured, roots: ReadonlyArray<string>): Promise<void> =>
  inFolder(target.state.path, roots, async (entry, folder) => {
    const { state, bytes } = target
    const found = await lstat(entry).catch(() => null)
    switch (state.kind) {
      case "absent":
        return removeEntry(entry)
      case "dir": {
        if (found !== null && !found.isDirectory()) await unlink(entry)
        if (found?.isDirectory() !== true) await mkdir(entry)
        const handle = await open(entry, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
        return await handle.chmod(state.mode).finally(() => handle.close())
      }
      case "link": {
        if (found?.isDirectory() === true) await rmdir(entry)
        const name = temporaryName(entry)
        await unlink(`${folder}/${name}`).catch(() => {})
        await symlink(Buffer.from(bytes!), `${folder}/${name}`)
        await touch(state.mtimeNs, ["-h", "--", `./${name}`], { cwd: folder })
        return await rename(`${folder}/${name}`, entry)
      }
      case "file": {
        if (found?.isDirectory() === true) await rmdir(entry)
        const owner = found === null ? null : { uid: found.uid, gid: found.gid }
        const file = { bytes: bytes!, mode: state.mode, mtimeNs: state.mtimeNs, owner }
        return await replaceFile(entry, folder, file, async () => {})
      }
    }
  })
