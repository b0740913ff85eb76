/** The envelope form of a patch. */
import type { Hunk, Lines, PatchPart } from "./patch.ts"

const begin = "*** Begin Patch"
const end = "*** End Patch"
const endOfFile = "*** End of File"
const markers = {
  add: "*** Add File: ",
  delete: "*** Delete File: ",
  update: "*** Update File: ",
  move: "*** Move to: ",
}

export const isEnvelope = (lines: Lines): boolean => lines.peek()?.trimEnd() === begin

const after = (lines: Lines, marker: string): string => {
  const path = lines.peek()!.slice(marker.length).trim()
  if (path === "") throw lines.wrong(`${marker.trim()} names no file`)
  lines.take()
  return path
}

const starts = (lines: Lines, marker: string): boolean => lines.peek()?.startsWith(marker) === true

const added = (lines: Lines): string => {
  const text: Array<string> = []
  while (starts(lines, "+")) text.push(lines.take().slice(1))
  return text.map((line) => `${line}\n`).join("")
}

const hunk = (lines: Lines): Hunk => {
  const anchors: Array<string> = []
  while (starts(lines, "@@")) {
    const anchor = lines.take().slice(2).trim()
    if (anchor !== "") anchors.push(anchor)
  }
  const old: Array<string> = []
  const now: Array<string> = []
  for (;;) {
    const line = lines.peek()
    if (line === null || line.startsWith("***") || line.startsWith("@@")) break
    const text = line.slice(1)
    if (line === "" || line.startsWith(" ")) {
      old.push(text)
      now.push(text)
    } else if (line.startsWith("-")) old.push(text)
    else if (line.startsWith("+")) now.push(text)
    else throw lines.wrong("a line of a hunk begins with a space, + or -")
    lines.take()
  }
  if (old.length === 0 && now.length === 0) throw lines.wrong("a hunk is empty")
  const atEnd = lines.peek()?.trimEnd() === endOfFile
  if (atEnd) lines.take()
  return { anchor: anchors.at(-1) ?? null, at: null, old, now, atEnd, endsLine: null }
}

const updated = (lines: Lines): PatchPart => {
  const path = after(lines, markers.update)
  const moveTo = starts(lines, markers.move) ? after(lines, markers.move) : null
  const hunks: Array<Hunk> = []
  while (lines.peek() !== null && !lines.peek()!.startsWith("*** ")) hunks.push(hunk(lines))
  if (hunks.length === 0 && moveTo === null) throw lines.wrong(`nothing is changed in ${path}`)
  return { _tag: "update", path, moveTo, hunks }
}

export const envelopeParts = (lines: Lines): ReadonlyArray<PatchPart> => {
  lines.take()
  const parts: Array<PatchPart> = []
  for (;;) {
    if (starts(lines, markers.add)) {
      const path = after(lines, markers.add)
      parts.push({ _tag: "add", path, text: added(lines) })
    } else if (starts(lines, markers.delete)) {
      parts.push({ _tag: "delete", path: after(lines, markers.delete), content: null })
    } else if (starts(lines, markers.update)) parts.push(updated(lines))
    else if (lines.peek()?.trimEnd() === end) break
    else
      throw lines.wrong(
        lines.peek() === null
          ? `the patch does not end with "${end}"`
          : `expected "${markers.add}", "${markers.update}", "${markers.delete}" or "${end}"`,
      )
  }
  lines.take()
  while (lines.peek()?.trim() === "") lines.take()
  if (lines.peek() !== null) throw lines.wrong(`something comes behind "${end}"`)
  return parts
}
