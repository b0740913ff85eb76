/** Styled text as plain data: what `view` returns and the screen paints. Every text here is harmless already. */
import { fit, width } from "./text.ts"

/** Colours are numbers of the 256-colour palette. `selected` is the cursor of a list, `faded` one without focus. */
export interface Style {
  readonly fg?: number
  readonly bg?: number
  readonly bold?: true
  readonly underline?: true
  readonly inverse?: true
}

export interface Span {
  readonly text: string
  readonly style: Style
}

export type Line = ReadonlyArray<Span>

const none: Style = {}
export const span = (text: string, style: Style = none): Span => ({ text, style })
export const line = (text: string, style: Style = none): Line => [span(text, style)]

export const lineWidth = (spans: Line): number => {
  let cells = 0
  for (const { text } of spans) cells += width(text)
  return cells
}

/** Exactly `cells` wide: cut with an ellipsis, or filled with spaces of `style`. */
export const exactly = (spans: Line, cells: number, style: Style = none): Line => {
  const out: Array<Span> = []
  let left = cells
  for (const one of spans) {
    if (left <= 0) break
    const wide = width(one.text)
    if (wide <= left) {
      out.push(one)
      left -= wide
      continue
    }
    const cut = fit(one.text, left)
    out.push({ text: cut, style: one.style })
    left -= width(cut)
    break
  }
  if (left > 0) out.push(span(" ".repeat(left), style))
  return out
}

/** Every span with this style laid over its own. */
export const over = (spans: Line, style: Style): Line =>
  spans.map((one) => ({ text: one.text, style: { ...one.style, ...style } }))

export const textOf = (spans: Line): string => spans.map((one) => one.text).join("")
