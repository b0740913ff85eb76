/**
 * Lines of spans into the screen's cells. A cell is `[attribute, text]`; the second cell of a wide character holds a
 * filler that the drawing skips; a combining mark joins the cell before it.
 */
import type { Line, Style } from "./spans.ts"
import { charWidth } from "./text.ts"
import { withoutColour } from "./theme.ts"

export type Cell = [attribute: number, text: string]
export type ScreenLine = Array<Cell> & { dirty?: boolean }

const filler = "\u0003"
const defaultColour = 0x1ff
const marksPerCell = 4

const encode = (style: Style): number =>
  (((style.bold === true ? 1 : 0) | (style.underline === true ? 2 : 0) | (style.inverse === true ? 8 : 0)) <<
    18) |
  ((style.fg ?? defaultColour) << 9) |
  (style.bg ?? defaultColour)

/** Styles as the screen's attributes, remembered. */
export const attribute = (colour: boolean): ((style: Style) => number) => {
  const known = new WeakMap<Style, number>()
  return (style) => {
    const found = known.get(style)
    if (found !== undefined) return found
    const code = encode(colour ? style : withoutColour(style))
    known.set(style, code)
    return code
  }
}

const put = (line: ScreenLine, x: number, code: number, text: string): void => {
  const cell = line[x]!
  if (cell[0] === code && cell[1] === text) return
  cell[0] = code
  cell[1] = text
  line.dirty = true
}

export const paintLine = (line: ScreenLine, spans: Line, attributes: (style: Style) => number): void => {
  const columns = line.length
  let x = 0
  let marks = 0
  for (const { text, style } of spans) {
    const code = attributes(style)
    for (const char of text) {
      const wide = charWidth(char.codePointAt(0)!)
      if (wide === 0) {
        const before = line[x - 1]?.[1] === filler ? line[x - 2] : line[x - 1]
        if (before !== undefined && marks++ < marksPerCell) before[1] += char
        continue
      }
      marks = 0
      if (x + wide > columns) break
      put(line, x, code, char)
      if (wide === 2) put(line, x + 1, code, filler)
      x += wide
    }
  }
  const blank = attributes(none)
  for (; x < columns; x++) put(line, x, blank, " ")
}

const none: Style = {}
