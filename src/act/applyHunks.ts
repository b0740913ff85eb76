/**
 * Hunks of a patch against the text of a file. Pure. Line ends, a byte-order mark and everything no hunk names stay as they
 * are; lines that come take the line end most of the file has.
 * Invariants: a hunk fits exactly or not at all; where it would fit in more than one place, and nothing says which, it is
 * refused, so no patch lands where it was not meant.
 */
import type { Hunk } from "../domain/patch/patch.ts"

interface Line {
  readonly text: string
  /** `\n`, `\r\n`, or nothing at the end of the file. */
  readonly end: string
}

const linesOf = (text: string): ReadonlyArray<Line> =>
  (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => {
    const end = line.endsWith("\r\n") ? "\r\n" : line.endsWith("\n") ? "\n" : ""
    return { text: line.slice(0, line.length - end.length), end }
  })

export type Applied = { readonly text: string } | { readonly problem: string }

const fits = (lines: ReadonlyArray<Line>, at: number, old: ReadonlyArray<string>): boolean =>
  at + old.length <= lines.length && old.every((text, index) => lines[at + index]!.text === text)

/** How many lines of the hunk fit best somewhere, for the message. */
const nearest = (lines: ReadonlyArray<Line>, from: number, old: ReadonlyArray<string>): string => {
  let best = 0
  for (let at = from; at < lines.length; at++) {
    let count = 0
    while (count < old.length && lines[at + count]?.text === old[count]) count++
    best = Math.max(best, count)
  }
  return `no place in the file has its line ${best + 1}: ${JSON.stringify((old[best] ?? "").slice(0, 120))}`
}

const placeOf = (lines: ReadonlyArray<Line>, hunk: Hunk, from: number): number | string => {
  const { anchor, at, atEnd, old } = hunk
  let start = from
  if (anchor !== null) {
    const found = lines.findIndex((line, index) => index >= from && line.text.trim() === anchor)
    if (found < 0) return `there is no line ${JSON.stringify(anchor.slice(0, 120))}`
    start = found + 1
  }
  if (old.length === 0) {
    // only new lines: where they go must be said
    if (at !== null) return Math.min(at, lines.length)
    if (anchor !== null) return start
    return atEnd || lines.length === 0
      ? lines.length
      : "it does not say where its lines go: give a line of context"
  }
  const places: Array<number> = []
  for (let index = start; index + old.length <= lines.length; index++)
    if (fits(lines, index, old) && (!atEnd || index + old.length === lines.length)) places.push(index)
  if (places.length === 0) return nearest(lines, start, old)
  if (at !== null) {
    const [first, second] = places.toSorted((a, b) => Math.abs(a - at + 1) - Math.abs(b - at + 1))
    const alike = second !== undefined && Math.abs(first! - at + 1) === Math.abs(second - at + 1)
    if (!alike) return first!
  } else if (places.length === 1 || anchor !== null) return places[0]!
  return `it fits in ${places.length} places: give more lines of context`
}

export const applyHunks = (text: string, hunks: ReadonlyArray<Hunk>): Applied => {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : ""
  const lines = [...linesOf(text.slice(mark.length))]
  const crlf = lines.filter(({ end }) => end === "\r\n").length
  const usual = crlf > lines.filter(({ end }) => end === "\n").length ? "\r\n" : "\n"
  let from = 0
  for (const [index, hunk] of hunks.entries()) {
    const at = placeOf(lines, hunk, from)
    if (typeof at === "string") return { problem: `hunk ${index + 1}: ${at}` }
    const open = lines.at(-1)?.end === ""
    const old = lines.slice(at, at + hunk.old.length)
    // what stays keeps its own line end
    const kept = new Map<string, Array<Line>>()
    for (const line of old) kept.set(line.text, [...(kept.get(line.text) ?? []), line])
    const now = hunk.now.map((line) => kept.get(line)?.shift() ?? { text: line, end: usual })
    lines.splice(at, old.length, ...now)
    const last = lines.length - 1
    const reaches = at + now.length === lines.length
    for (let line = Math.max(0, at - 1); line < last; line++)
      if (lines[line]!.end === "") lines[line] = { ...lines[line]!, end: usual }
    if (reaches && last >= 0) {
      const ends = hunk.endsLine ?? (!open || (lines.length === now.length && old.length === 0))
      lines[last] = { ...lines[last]!, end: ends ? lines[last]!.end || usual : "" }
    }
    from = at + now.length
  }
  return { text: mark + lines.map((line) => line.text + line.end).join("") }
}
