/** Parts that dialogs share: a line to type in, and the stretch of a list around its cursor. Pure. */
import type { TextField } from "../model.ts"
import { exactly, type Line, span } from "../spans.ts"
import { harmless } from "../text.ts"
import { theme } from "../theme.ts"

/** The text with its cursor, scrolled so that the cursor is in sight. */
export const fieldLine = (prompt: string, field: TextField, columns: number): Line => {
  const points = [...field.text]
  const room = Math.max(4, columns - prompt.length - 1)
  const from = Math.max(0, field.cursor - room + 2)
  const before = harmless(points.slice(from, field.cursor).join(""))
  const under = harmless(points[field.cursor] ?? " ")
  const after = harmless(points.slice(field.cursor + 1).join(""))
  return exactly([span(prompt, theme.accent), span(before), span(under, theme.cursor), span(after)], columns)
}

export const windowed = <A>(
  items: ReadonlyArray<A>,
  at: number,
  rows: number,
): readonly [ReadonlyArray<A>, number] => {
  const top = Math.max(0, Math.min(at - rows + 1, items.length - rows))
  return [items.slice(top, top + rows), top]
}
