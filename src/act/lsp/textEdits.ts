/**
 * Positions and edits of the protocol on real text. Pure. Lines end with LF or CR LF, characters count UTF-16 units.
 * Invariant: a position outside the text is null, never moved inside; edits that overlap are refused as a whole.
 */
import type { Position, Range, TextEdit } from "./answers.ts"

/** Offsets at which lines begin. */
export const lineStarts = (text: string): ReadonlyArray<number> => {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return starts
}

/** A line without its end. */
export const lineAt = (text: string, starts: ReadonlyArray<number>, line: number): string | null => {
  const start = starts[line]
  if (start === undefined) return null
  const next = starts[line + 1]
  const end = next === undefined ? text.length : next - 1
  return text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end)
}

export const offsetOf = (
  text: string,
  starts: ReadonlyArray<number>,
  { character, line }: Position,
): number | null => {
  const content = lineAt(text, starts, line)
  return content === null || character > content.length ? null : starts[line]! + character
}

const spanOf = (text: string, starts: ReadonlyArray<number>, range: Range) => {
  const from = offsetOf(text, starts, range.start)
  // the end of a whole-line edit is the start of the line behind the last one
  const to =
    range.end.character === 0 && range.end.line === starts.length
      ? text.length
      : offsetOf(text, starts, range.end)
  return from === null || to === null || to < from ? null : { from, to }
}

/** The text with all edits, or what is wrong with them. */
export const applyEdits = (
  text: string,
  edits: ReadonlyArray<TextEdit>,
): { readonly text: string } | { readonly problem: string } => {
  const starts = lineStarts(text)
  const spans: Array<{ readonly from: number; readonly to: number; readonly newText: string }> = []
  for (const { newText, range } of edits) {
    const span = spanOf(text, starts, range)
    if (span === null) return { problem: "an edit lies outside the file" }
    spans.push({ ...span, newText })
  }
  const ordered = spans.toSorted((a, b) => a.from - b.from || a.to - b.to)
  let result = ""
  let at = 0
  for (const { from, newText, to } of ordered) {
    if (from < at) return { problem: "its edits overlap" }
    result += text.slice(at, from) + newText
    at = to
  }
  return { text: result + text.slice(at) }
}
