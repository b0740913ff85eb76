/** The lists of what can be allowed once for all, and of what was. Pure. */
import type { AlwaysChoice, AlwaysDialog, GrantsDialog } from "../grants.ts"
import { exactly, type Line, line, over, span } from "../spans.ts"
import { fit, harmless, padEnd, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import { left } from "./time.ts"

const howLong = ({ alsoTainted, hour, possible }: AlwaysChoice): string =>
  !possible ? "not" : hour ? "one hour" : alsoTainted ? "one day" : "always"

export const alwaysLines = (dialog: AlwaysDialog, columns: number): ReadonlyArray<Line> => [
  line(fit(`approve, and ask no more: ${harmless(dialog.title)}`, columns), theme.dim),
  ...dialog.notes.flatMap((note) => wrap(harmless(note), columns).map((text) => line(text, theme.warn))),
  [],
  ...dialog.choices.flatMap((choice, index): ReadonlyArray<Line> => {
    const [first = "", ...rest] = wrap(harmless(choice.title), Math.max(8, columns - 14))
    const style = choice.possible ? theme.plain : theme.dim
    const rows: ReadonlyArray<Line> = [
      exactly(
        [
          span(` ${index + 1}  `, choice.possible ? theme.key : theme.dim),
          span(padEnd(howLong(choice), 9), choice.possible ? theme.accent : theme.dim),
          span(first, style),
        ],
        columns,
      ),
      ...rest.map((text) => exactly([span(" ".repeat(13)), span(text, style)], columns)),
    ]
    return index === dialog.index ? rows.map((row) => over(row, theme.selected)) : rows
  }),
]

export const grantLines = (
  dialog: GrantsDialog,
  now: number,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const room = Math.max(1, rows - 2)
  const top = Math.max(0, Math.min(dialog.index - room + 1, dialog.grants.length - room))
  return [
    line("in force; enter takes the marked one back", theme.dim),
    [],
    ...dialog.grants.slice(top, top + room).map((grant, offset): Line => {
      const row = exactly(
        [
          span(` ${padEnd(grant.until === null ? "always" : left(grant.until, now), 16)} `, theme.accent),
          span(harmless(grant.title)),
          span(`  ${harmless(grant.workspace)}`, theme.dim),
        ],
        columns,
      )
      return top + offset === dialog.index ? over(row, theme.selected) : row
    }),
  ]
}
