/**
 * Reading git's own files as a guest: every open is bounded and never blocks (a FIFO or device in the place of a
 * file is refused, not waited for), nothing is ever written, locked or executed.
 * Absent is `null`; anything else that keeps a file from being read is a `GitFileError` with a reason fit to be shown.
 */
import { Data } from "effect"
import * as fs from "node:fs"

export class GitFileError extends Data.TaggedError("GitFileError")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}

const absent = new Set(["ENOENT", "ENOTDIR"])
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "too many symbolic links",
  ENXIO: "not a regular file",
  EISDIR: "is a directory",
  ENAMETOOLONG: "name too long",
}

const failed = (file: string, error: unknown): null => {
  if (error instanceof GitFileError) throw error
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error"
  if (absent.has(code)) return null
  throw new GitFileError({ file, reason: reasons[code] ?? code })
}

/** What tells one state of a file from the next without reading it. */
export interface FileStat {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: bigint
  readonly kind: "file" | "dir" | "other"
  readonly signature: string
}

export const statFile = (file: string): FileStat | null => {
  try {
    const stat = fs.statSync(file, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return null
    return {
      size: Number(stat.size),
      mtimeMs: Number(stat.mtimeNs / 1000n) / 1000,
      ino: stat.ino,
      kind: stat.isFile() ? "file" : stat.isDirectory() ? "dir" : "other",
      signature: `${stat.ino}:${stat.size}:${stat.mtimeNs}`,
    }
  } catch (error) {
    return failed(file, error)
  }
}

const openFlags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY

/** Opens a regular file for reading; null if absent. The caller closes. */
export const openRegular = (file: string): { readonly fd: number; readonly size: number } | null => {
  let fd: number | null = null
  try {
    fd = fs.openSync(file, openFlags)
    const stat = fs.fstatSync(fd)
    if (!stat.isFile())
      throw new GitFileError({ file, reason: stat.isDirectory() ? "is a directory" : "not a regular file" })
    return { fd, size: stat.size }
  } catch (error) {
    if (fd !== null) fs.closeSync(fd)
    return failed(file, error)
  }
}

/** Up to `length` bytes from `position`; shorter where the file ends. */
export const readAt = (fd: number, position: number, length: number): Buffer => {
  const buffer = Buffer.allocUnsafe(Math.max(0, length))
  let filled = 0
  while (filled < buffer.length) {
    const read = fs.readSync(fd, buffer, filled, buffer.length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return buffer.subarray(0, filled)
}

/** The whole of a file that must not be larger than `max`. */
export const readWhole = (file: string, max: number): Buffer | null => {
  const open = openRegular(file)
  if (open === null) return null
  try {
    if (open.size > max) throw new GitFileError({ file, reason: `larger than ${max} bytes` })
    return readAt(open.fd, 0, open.size)
  } catch (error) {
    return failed(file, error)
  } finally {
    fs.closeSync(open.fd)
  }
}

/** At most the first `max` bytes. */
export const readStart = (file: string, max: number): Buffer | null => {
  const open = openRegular(file)
  if (open === null) return null
  try {
    return readAt(open.fd, 0, Math.min(open.size, max))
  } catch (error) {
    return failed(file, error)
  } finally {
    fs.closeSync(open.fd)
  }
}

/** Bytes `from` to the end, at most the last `max` of them. */
export const readFrom = (
  file: string,
  from: number,
  max: number,
): { readonly start: number; readonly bytes: Buffer } | null => {
  const open = openRegular(file)
  if (open === null) return null
  try {
    const start = Math.max(Math.min(from, open.size), open.size - max, 0)
    return { start, bytes: readAt(open.fd, start, open.size - start) }
  } catch (error) {
    return failed(file, error)
  } finally {
    fs.closeSync(open.fd)
  }
}

/** One short line of a state file, without its line end. */
export const readLine = (file: string): string | null => {
  const bytes = readWhole(file, 65_536)
  return bytes === null ? null : bytes.toString("utf8").replace(/\r?\n[\s\S]*$/, "")
}

/** Entries of a folder, at most `max`; null if there is no such folder. */
export const listFolder = (
  folder: string,
  max: number,
): ReadonlyArray<{ readonly name: string; readonly dir: boolean }> | null => {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true, encoding: "utf8" })
    return entries.slice(0, max).map((entry) => ({ name: entry.name, dir: entry.isDirectory() }))
  } catch (error) {
    return failed(folder, error)
  }
}
