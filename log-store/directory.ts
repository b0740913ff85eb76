/**
 * The log's directory: makes it (0700), tells ours from others', and looks at the data file without mapping it.
 * Invariants: a directory that is not ours is left untouched; a file shorter than its own pages say is never mapped,
 * because touching the missing pages would kill the process.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { dataFile } from "./LmdbBackend.ts"
import { Damaged, Foreign, LogError, Unwritable } from "./LogStore.ts"
import { logFormat } from "./records.ts"

/** Says whose directory it is, in words a person can read. */
export const markerFile = "FORMAT"
const marker = `claw log, format ${logFormat}\n`
const markerPattern = /^claw log, format (\d+)\n$/
/**
 * LMDB's two first pages describe the database, each at 24 its magic number, 48 the page size, 88 and 136 the root
 * pages of the free list and of the tables, 152 the transaction that wrote it. The newer one counts.
 */
const magic = 0xbeefc0de

const foreign = (message: string) => new LogError({ reason: new Foreign({ message }) })
const damaged = (message: string) => new LogError({ reason: new Damaged({ seq: null, message }) })

/** The format that the directory says it has; null where it says nothing. Throws `Foreign` where it is not ours. */
const markedFormat = (dir: string): number | null => {
  const path = join(dir, markerFile)
  if (!existsSync(path)) return null
  const text = readFileSync(path, "utf8")
  // Made by a process that was killed, or met a full disk, before it could write.
  if (text === "") return null
  const found = markerPattern.exec(text)
  if (found === null)
    throw foreign(
      `${dir} is not a log of Claw: ${path} says something else. Choose another directory, or move it away.`,
    )
  return Number(found[1])
}

export const newerFormat = (dir: string, format: number): LogError =>
  foreign(
    `The log in ${dir} has format ${format}, and this version of Claw reads up to ${logFormat}. It was left as it is: use a newer Claw, or another data directory.`,
  )

/** Whole or not at all, and on the disk before anything else is. */
const mark = (dir: string): void => {
  const aside = join(dir, `${markerFile}.${process.pid}`)
  writeFileSync(aside, marker, { mode: 0o600, flush: true })
  renameSync(aside, join(dir, markerFile))
}

/** Checks the directory and makes it where it is missing. Throws `LogError`. */
export const prepareDirectory = (dir: string): void => {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    checkDirectory(dir)
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700)
    if (markedFormat(dir) === null) mark(dir)
  } catch (error) {
    if (error instanceof LogError) throw error
    const what = error instanceof Error ? error.message : String(error)
    throw new LogError({
      reason: new Unwritable({ message: `The log's directory ${dir} cannot be used: ${what}.` }),
    })
  }
}

/** Throws `LogError` where the directory is not ours, or its data file is visibly broken. Changes nothing. */
export const checkDirectory = (dir: string): void => {
  let format = markedFormat(dir)
  if (format === null) {
    const others = readdirSync(dir).filter((name) => !name.startsWith(markerFile))
    // Another process may have begun it since.
    if (others.length > 0) format = markedFormat(dir)
    if (others.length > 0 && format === null)
      throw foreign(
        `${dir} is not a log of Claw: it holds ${others.slice(0, 3).join(", ")} and no ${markerFile}. Choose an empty directory.`,
      )
  }
  if (format !== null && format > logFormat) throw newerFormat(dir, format)
  checkDataFile(join(dir, dataFile))
}

/** Looks at an LMDB file's two meta pages by plain reads. */
const checkDataFile = (path: string): void => {
  if (!existsSync(path)) return
  const { size } = statSync(path)
  if (size === 0) return
  const bytes = Buffer.alloc(2 * 65_536)
  const fd = openSync(path, "r")
  let length: number
  try {
    length = readSync(fd, bytes, 0, bytes.length, 0)
  } finally {
    closeSync(fd)
  }
  const readable = (at: number) => at + 160 <= length && bytes.readUInt32LE(at + 24) === magic
  if (!readable(0)) throw damaged(`${path} is no database any more: its first page was overwritten.`)
  const pageSize = bytes.readUInt32LE(48)
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
    throw damaged(`${path} is no database any more: its first page says pages of ${pageSize} bytes.`)
  const metas = [0, pageSize].filter(readable).map((at) => ({
    transaction: bytes.readBigUInt64LE(at + 152),
    roots: [bytes.readBigInt64LE(at + 88), bytes.readBigInt64LE(at + 136)],
  }))
  const newest = metas.reduce((a, b) => (b.transaction > a.transaction ? b : a))
  for (const root of newest.roots)
    if ((root + 1n) * BigInt(pageSize) > BigInt(size))
      throw damaged(`${path} was cut: it has ${size} bytes, and page ${root} with its root is missing.`)
}
