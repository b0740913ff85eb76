/**
 * Text as a terminal shows it: harmless, and measured in cells.
 * Invariants: `harmless` leaves no control, bidi or zero-width character; a known emoji sequence is shown as its
 * base glyph (a flag as its two letters), because terminals disagree on the width of the rest; nothing else is
 * dropped, so nothing can hide in an approval. `width` and `cells` agree with what the screen paints.
 */
import { eastAsianWidth } from "get-east-asian-width"
import { neutralise } from "../src/domain/neutralise.ts"

const plain = /^[\x20-\x7e]*$/
/** The exact set takes 5 ms to make and 70 ms to compile, so only text that may hold one pays for it. */
const mayHoldEmoji = /[\p{Extended_Pictographic}\p{RI}\u20e3]/u
let emoji: RegExp | undefined
const emojis = (): RegExp => (emoji ??= new RegExp("\\p{RGI_Emoji}", "gv"))
const mark = /^[\p{Mn}\p{Me}]$/u
const regional = 0x1f1e6

const base = (cluster: string): string => {
  const points = [...cluster]
  const first = points[0]!.codePointAt(0)!
  return first >= regional && first < regional + 26
    ? points.map((c) => String.fromCharCode(c.codePointAt(0)! - regional + 65)).join("")
    : points[0]!
}

/** Outside text on one line of the screen. */
export const harmless = (text: string): string => {
  if (plain.test(text)) return text
  const composed = text.normalize("NFC")
  return neutralise(mayHoldEmoji.test(composed) ? composed.replace(emojis(), base) : composed)
}

/** Outside text on several lines; tabs become two spaces. */
export const harmlessLines = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).map((line) => harmless(line.replaceAll("\t", "  ")))

/** Cells of one code point: 0 for what joins the one before, 2 for wide ones. */
export const charWidth = (point: number): 0 | 1 | 2 => {
  if (point < 0x300) return 1
  if (point >= 0x1160 && point <= 0x11ff) return 0
  if (mark.test(String.fromCodePoint(point))) return 0
  return eastAsianWidth(point) === 2 ? 2 : 1
}

export const width = (text: string): number => {
  if (plain.test(text)) return text.length
  let cells = 0
  for (const char of text) cells += charWidth(char.codePointAt(0)!)
  return cells
}

/** The longest prefix of at most `cells` cells. */
const prefix = (text: string, cells: number): string => {
  if (plain.test(text)) return text.slice(0, cells)
  let used = 0
  let length = 0
  for (const char of text) {
    const wide = charWidth(char.codePointAt(0)!)
    if (used + wide > cells) break
    used += wide
    length += char.length
  }
  return text.slice(0, length)
}

/** Cut to `cells`, with an ellipsis where something was left out. */
export const fit = (text: string, cells: number): string => {
  if (cells <= 0) return ""
  if (width(text) <= cells) return text
  return `${prefix(text, cells - 1)}…`
}

export const padEnd = (text: string, cells: number): string => {
  const fitted = fit(text, cells)
  return fitted + " ".repeat(Math.max(0, cells - width(fitted)))
}

export const padStart = (text: string, cells: number): string => {
  const fitted = fit(text, cells)
  return " ".repeat(Math.max(0, cells - width(fitted))) + fitted
}

/** Broken at spaces where that is possible, anywhere where a word is too long; never empty. */
export const wrap = (text: string, cells: number): ReadonlyArray<string> => {
  const limit = Math.max(1, cells)
  const lines: Array<string> = []
  let rest = text
  while (width(rest) > limit) {
    const head = prefix(rest, limit) || [...rest][0]!
    const space = rest[head.length] === " " ? head.length : head.lastIndexOf(" ")
    const at = space > 0 && head.slice(0, space).trim() !== "" ? space : head.length
    lines.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).replace(/^ /, "")
  }
  lines.push(rest)
  return lines
}
