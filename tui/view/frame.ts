/** A bordered panel and what lies over it. Pure; every function returns lines of exactly the width asked for. */
import type { Rect } from "../layout.ts"
import { exactly, type Line, lineWidth, span, type Style } from "../spans.ts"
import { fit, width } from "../text.ts"
import { theme } from "../theme.ts"

export interface Scroll {
  readonly top: number
  readonly count: number
}

/** Which rows of the right border are the thumb of the scrollbar. */
const thumb = (scroll: Scroll, rows: number): readonly [number, number] => {
  if (scroll.count <= rows) return [-1, -1]
  const size = Math.max(1, Math.round((rows * rows) / scroll.count))
  const room = rows - size
  const start = Math.round((scroll.top / Math.max(1, scroll.count - rows)) * room)
  return [start, start + size - 1]
}

const rule = (
  left: string,
  title: string,
  right: string,
  columns: number,
  border: Style,
  titleStyle: Style,
): Line => {
  if (title === "" || columns < 6) return [span(left + "─".repeat(Math.max(0, columns - 2)) + right, border)]
  const shown = fit(title, columns - 6)
  return [
    span(`${left}─ `, border),
    span(shown, titleStyle),
    span(` ${"─".repeat(Math.max(0, columns - 5 - width(shown)))}${right}`, border),
  ]
}

export const panel = (
  rect: Rect,
  title: string,
  content: ReadonlyArray<Line>,
  focused: boolean,
  scroll: Scroll | null,
): ReadonlyArray<Line> => {
  const border = focused ? theme.focus : theme.border
  const rows = Math.max(0, rect.height - 2)
  const [from, to] = scroll === null ? [-1, -1] : thumb(scroll, rows)
  const body = Array.from({ length: rows }, (_, index): Line => [
    span("│ ", border),
    ...exactly(content[index] ?? [], Math.max(0, rect.width - 4)),
    span(" ", border),
    index >= from && index <= to ? span("┃", focused ? theme.focus : theme.dim) : span("│", border),
  ])
  return [
    rule("╭", title, "╮", rect.width, border, focused ? theme.title : theme.dim),
    ...body,
    rule("╰", "", "╯", rect.width, border, border),
  ]
    .slice(0, rect.height)
    .map((one) => exactly(one, rect.width))
}

/** Cells `from`..`to` of a line; a wide character that is cut becomes a space. */
const cut = (spans: Line, from: number, to: number): Line => {
  const out: Array<{ text: string; style: Style }> = []
  let at = 0
  for (const one of spans) {
    let text = ""
    for (const char of one.text) {
      const wide = width(char)
      if (at >= from && at + wide <= to) text += char
      else if (at < to && at + wide > from && wide === 2) text += " "
      at += wide
    }
    if (text !== "") out.push({ text, style: one.style })
  }
  return out
}

/** `above` laid over `below` at a column. */
export const overlaid = (below: Line, above: Line, x: number): Line => {
  const wide = lineWidth(above)
  return [...exactly(cut(below, 0, x), x), ...above, ...cut(below, x + wide, lineWidth(below))]
}
