/**
 * Styled text of the conversation as plain data, broken into lines of a terminal. Pure.
 * Invariants: every span's text is harmless before it gets here; a line that was wrapped is at most `cells` wide, unless a
 * single glyph is wider; without colour nothing but text and emphasis is left.
 */
import { charWidth, width } from "../../../tui/text.ts"

export interface Style {
  /** Of the 256-colour palette. */
  readonly fg?: number
  readonly bold?: true
  readonly dim?: true
  readonly italic?: true
  readonly underline?: true
  readonly strike?: true
  readonly inverse?: true
}

export interface Span {
  readonly text: string
  readonly style: Style
}

export type Line = ReadonlyArray<Span>

export const plain: Style = {}
export const span = (text: string, style: Style = plain): Span => ({ text, style })
export const line = (text: string, style: Style = plain): Line => (text === "" ? [] : [span(text, style)])
export const textOf = (spans: Line): string => spans.map(({ text }) => text).join("")
export const lineWidth = (spans: Line): number => spans.reduce((cells, { text }) => cells + width(text), 0)
/** Every span with this style under its own. */
export const under = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...style, ...one.style } }))

const flags = [
  ["bold", 1],
  ["dim", 2],
  ["italic", 3],
  ["underline", 4],
  ["inverse", 7],
  ["strike", 9],
] as const

const codesOf = (style: Style): string =>
  [
    ...flags.flatMap(([name, code]) => (style[name] === true ? [code] : [])),
    ...(style.fg === undefined ? [] : [`38;5;${style.fg}`]),
  ].join(";")

/** As a terminal takes it; each span begins and ends in the plain style. */
export const sgr = (spans: Line, colour: boolean): string =>
  colour
    ? spans
        .map(({ style, text }) => {
          const codes = codesOf(style)
          return codes === "" ? text : `\u001b[${codes}m${text}\u001b[0m`
        })
        .join("")
    : textOf(spans)

interface Piece {
  readonly text: string
  readonly style: Style
  readonly cells: number
  readonly space: boolean
}

/** Words and the spaces between them, each of one style. */
const pieces = (spans: Line): ReadonlyArray<Piece> =>
  spans.flatMap(({ style, text }) =>
    (text.match(/ +|[^ ]+/g) ?? []).map((part) => ({
      text: part,
      style,
      cells: width(part),
      space: part.startsWith(" "),
    })),
  )

/** A word is what may not be broken: pieces without a space between them, whatever their styles. */
const words = (all: ReadonlyArray<Piece>): ReadonlyArray<ReadonlyArray<Piece>> => {
  const out: Array<Array<Piece>> = []
  for (const piece of all) {
    const last = out.at(-1)
    if (last !== undefined && !piece.space && !last[0]!.space) last.push(piece)
    else out.push([piece])
  }
  return out
}

const cellsOf = (word: ReadonlyArray<Piece>): number => word.reduce((sum, { cells }) => sum + cells, 0)

const isWide = (text: string): boolean => charWidth(text.codePointAt(0)!) === 2

/**
 * Broken at spaces, between wide glyphs, and anywhere where a word is longer than a line; never empty. `rest` stands before
 * the second line and those after it.
 */
export const wrapLine = (spans: Line, cells: number, rest: Line = []): ReadonlyArray<Line> => {
  const indent = lineWidth(rest)
  const limit = Math.max(1, cells)
  const fresh = (): Array<Span> => [...(indent < limit ? rest : [])]
  const lines: Array<Array<Span>> = []
  let current: Array<Span> = []
  let used = 0
  let begun = false
  const turn = () => {
    lines.push(current)
    current = fresh()
    used = indent < limit ? indent : 0
    begun = false
  }
  const put = (text: string, style: Style, wide: number) => {
    const last = current.at(-1)
    if (last !== undefined && begun && last.style === style)
      current[current.length - 1] = { text: last.text + text, style }
    else current.push({ text, style })
    used += wide
    begun = true
  }
  const spread = (word: ReadonlyArray<Piece>) => {
    for (const { style, text } of word) {
      for (const char of text) {
        const wide = charWidth(char.codePointAt(0)!)
        if (begun && used + wide > limit) turn()
        put(char, style, wide)
      }
    }
  }
  let spaces: ReadonlyArray<Piece> = []
  for (const word of words(pieces(spans))) {
    if (word[0]!.space) {
      spaces = word
      continue
    }
    const gap = cellsOf(spaces)
    const wide = cellsOf(word)
    const broken = begun && used + gap + wide > limit
    // text without spaces in it (Chinese, Japanese) is broken where the line ends
    const flows = broken && wide > 1 && isWide(word[0]!.text) && used + gap + 2 <= limit
    if (broken && !flows) turn()
    else if (begun || lines.length === 0) for (const one of spaces) put(one.text, one.style, one.cells)
    spaces = []
    if (flows || (broken ? indent : used) + wide > limit) spread(word)
    else for (const one of word) put(one.text, one.style, one.cells)
  }
  lines.push(current)
  return lines
}
