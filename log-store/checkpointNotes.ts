/**
 * Several signed notes one after another in a text, as an anchor's file holds them, each with the line it begins at. Pure.
 * Invariant: every line belongs to a note or to a fault; only a text that breaks off inside its last note is `torn`,
 * which is what a crash in the middle of a write leaves behind.
 */
import { type Note, NoteError, parseNote } from "./checkpointNote.ts"

export interface PlacedNote {
  /** Where it stands, for people: `/path:12`, `refs/claw/log at 1f2e3d4c`. */
  readonly where: string
  readonly text: string
}

export interface ReadNotes {
  readonly notes: ReadonlyArray<{ readonly line: number; readonly text: string }>
  /** Length of the text up to the end of the last whole note. */
  readonly whole: number
  /** It breaks off inside a note. */
  readonly isTorn: boolean
}

const isSignature = (line: string | undefined): boolean => line?.startsWith("\u2014") === true

/** Cuts a text into notes by their signature lines; nothing is said about what is in them. */
export const cutNotes = (text: string): ReadNotes => {
  const lines = text.split("\n")
  // behind the last newline: nothing, or the begin of a line
  const rest = lines.pop()!
  const notes: Array<{ readonly line: number; readonly text: string }> = []
  let begin = 0
  let whole = 0
  let length = 0
  for (let n = 0; n < lines.length; n++) {
    length += lines[n]!.length + 1
    if (!isSignature(lines[n]) || isSignature(lines[n + 1])) continue
    notes.push({ line: begin + 1, text: `${lines.slice(begin, n + 1).join("\n")}\n` })
    begin = n + 1
    whole = length
  }
  return { notes, whole, isTorn: begin < lines.length || rest !== "" }
}

/** The newest whole note of a text; null where there is none. Throws `NoteError` where it cannot be read. */
export const lastNote = (text: string): Note | null => {
  const found = cutNotes(text).notes.at(-1)
  if (found === undefined) return null
  try {
    return parseNote(found.text)
  } catch (error) {
    throw new NoteError(`line ${found.line}: ${(error as Error).message}`)
  }
}
