/** The dialog of an undo's conflicts: what changed since, what taking back would change, and both together. Pure. */
import type { ConflictsDialog } from "../conflicts.ts"
import { type Line, line, span } from "../spans.ts"
import { fit, harmless, harmlessLines, wrap } from "../text.ts"
import { theme } from "../theme.ts"

const side = (title: string, text: string | null): ReadonlyArray<readonly [string, "title" | "text"]> =>
  text === null
    ? []
    : [
        [title, "title"],
        ...harmlessLines(text.replace(/\n$/, ""))
          // the first lines only name the file
          .filter((one) => !/^(?:=+$|--- |\+\+\+ )/.test(one))
          .map((one) => [one, "text"] as const),
      ]

const styled = ([text, kind]: readonly [string, "title" | "text"], columns: number): Line =>
  kind === "title"
    ? line(fit(text, columns), theme.bold)
    : line(
        `│ ${fit(text, columns - 2)}`,
        text.startsWith("+") ? theme.good : text.startsWith("-") ? theme.bad : theme.plain,
      )

export const conflictLines = (
  dialog: ConflictsDialog,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const conflict = dialog.conflicts[dialog.index]
  if (conflict === undefined) return []
  const head = [
    line(`${dialog.index + 1} of ${dialog.conflicts.length}, nothing was taken back yet`, theme.dim),
    ...wrap(harmless(conflict.message), columns).map((text) => line(text, theme.warn)),
  ]
  const sides = [
    ...side("mine: what changed since", conflict.mine),
    ...side("its own: what taking back would change", conflict.back),
    ...side("merged: mine stays, its change goes", conflict.merged),
  ]
  const room = Math.max(1, rows - head.length - 3)
  const top = Math.min(dialog.top, Math.max(0, sides.length - room))
  const shown = sides.slice(top, top + room).map((one) => styled(one, columns))
  const rest = sides.length - top - shown.length
  return [
    ...head,
    [],
    ...(sides.length === 0 ? [line("it cannot be shown: binary, too large, or not kept", theme.dim)] : shown),
    ...(rest > 0 ? [line(`… ${rest} more lines (↓)`, theme.dim)] : []),
    [
      span(" k", theme.key),
      span(" keep mine  "),
      span("m", conflict.mergeable ? theme.key : theme.dim),
      span(
        conflict.mergeable ? " merge  " : " no clean merge  ",
        conflict.mergeable ? theme.plain : theme.dim,
      ),
      span("esc", theme.key),
      span(" leave everything"),
    ],
  ]
}
