/**
 * An anchor that is a file: signed notes, one after another. Best on another disk, or where only appending is allowed.
 * Invariants: only a regular file is written, and only behind notes; half a note, as a crash leaves it, is taken
 * off before the next one; a note is on the disk when `append` resolves.
 */
import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"
import { cutNotes, lastNote } from "../../log-store/checkpointNotes.ts"
import type { Anchor } from "./anchor.ts"

/** A hundred years of hourly checkpoints are 220 MB. */
const largest = 256 * 1024 * 1024
/** More than any two notes. */
const tailBytes = 16 * 1024
/** What every origin of a log begins with: by it half a note is told from another program's file. */
const beginning = "claw.local/"

const openRegular = async (path: string, flags: number): Promise<FileHandle> => {
  const file = await open(path, flags | constants.O_NONBLOCK | constants.O_NOCTTY, 0o600)
  const state = await file.stat()
  if (state.isFile() && state.size <= largest) return file
  await file.close()
  throw new Error(`${path} is no file that could hold checkpoints`)
}

const readRange = async (file: FileHandle, from: number, to: number): Promise<string> => {
  const bytes = Buffer.alloc(to - from)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, from + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.toString("utf8", 0, length)
}

/** The last whole notes, and where they end. */
const tailOf = async (path: string, file: FileHandle) => {
  const { size } = await file.stat()
  const text = await readRange(file, Math.max(size - tailBytes, 0), size)
  const { whole, isTorn } = cutNotes(text)
  const rest = text.slice(whole)
  if (isTorn && !beginning.startsWith(rest.slice(0, beginning.length)))
    throw new Error(`${path} holds something else than checkpoints of a log: give it a file of its own`)
  return { newest: lastNote(text.slice(0, whole)), end: size - Buffer.byteLength(rest), size }
}

export const fileAnchor = (path: string): Anchor => ({
  to: `file:${path}`,
  read: async () => {
    const file = await openRegular(path, constants.O_RDONLY)
    try {
      const text = await file.readFile("utf8")
      const { notes, whole, isTorn } = cutNotes(text)
      // half a note at the end is what a crash leaves: the log does not say that it was written
      const isOurs = !isTorn || beginning.startsWith(text.slice(whole, whole + beginning.length))
      const placed = notes.map((note) => ({ where: `${path}:${note.line}`, text: note.text }))
      return isOurs
        ? placed
        : [
            ...placed,
            { where: `${path}:${text.slice(0, whole).split("\n").length}`, text: text.slice(whole) },
          ]
    } finally {
      await file.close()
    }
  },
  newest: async () => {
    const file = await openRegular(path, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? null : Promise.reject(error),
    )
    if (file === null) return null
    try {
      return (await tailOf(path, file)).newest
    } finally {
      await file.close()
    }
  },
  append: async (note) => {
    const file = await openRegular(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT)
    try {
      const { end, size } = await tailOf(path, file)
      if (end < size) await file.truncate(end)
      await file.writeFile(note)
      await file.sync()
      if (end > 0) return
      const folder = await open(dirname(path), "r")
      await folder.sync().finally(() => folder.close())
    } finally {
      await file.close()
    }
  },
})
