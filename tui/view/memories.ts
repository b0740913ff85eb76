/** The list of memories that wait, and the marked one whole. Pure. */
import type { MemoryView } from "../../src/rpc/memories.ts"
import { type InboxDialog, inboxIndex } from "../memories.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, line, over, span } from "../spans.ts"
import { harmless, harmlessLines, padEnd, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import { windowed } from "./fields.ts"

const rowLine = ({ layer, text, trust }: MemoryView, columns: number): Line =>
  exactly(
    [
      span(` ${padEnd(layer, 6)}`, theme.accent),
      span(trust === "trusted" ? "  " : "! ", theme.warn),
      span(harmless(text.replaceAll("\n", " "))),
    ],
    columns,
  )

/** Its words, and where they come from. */
const wholeLines = (memory: MemoryView, columns: number): ReadonlyArray<Line> => {
  const { evidence, origin, replaces, scope, text, trust, workspace } = memory
  const rests = evidence.length === 0 ? "" : `, rests on ${evidence.join(", ")}`
  const notes = [
    `${scope === "user" ? "everywhere" : harmless(workspace ?? "")}; from ${origin}${rests}`,
    ...(replaces.length === 0 ? [] : [`it would take the place of ${replaces.join(", ")}`]),
  ]
  return [
    ...harmlessLines(text)
      .flatMap((one) => wrap(one, columns))
      .map((one) => line(one, theme.bold)),
    ...(trust === "trusted" ? [] : [line("not your words: read it before you let it in", theme.warn)]),
    ...notes.flatMap((note) => wrap(note, columns)).map((note) => line(note, theme.dim)),
  ]
}

/** List, an empty line, and the marked one. */
const parts = (model: Model, dialog: InboxDialog, columns: number, rows: number) => {
  const all = model.minds?.inbox ?? []
  const at = inboxIndex(all, dialog)
  const [shown, top] = windowed(all, at, Math.min(all.length, Math.max(1, Math.floor(rows / 3))))
  const whole = all[at] === undefined ? [] : wholeLines(all[at], columns)
  return { shown, marked: at - top, whole, room: rows - shown.length - 1 }
}

export const isWhole = (model: Model, dialog: InboxDialog, columns: number, rows: number): boolean => {
  const { room, whole } = parts(model, dialog, columns, rows)
  return whole.length <= room
}

export const inboxLines = (
  model: Model,
  dialog: InboxDialog,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const { marked, room, shown, whole } = parts(model, dialog, columns, rows)
  if (shown.length === 0)
    return [line(model.minds === null ? "asking the daemon" : "nothing waits to be remembered", theme.dim)]
  return [
    ...shown.map((memory, index) => {
      const one = rowLine(memory, columns)
      return index === marked ? over(one, theme.selected) : one
    }),
    [],
    ...whole.slice(0, Math.max(0, room)),
  ]
}
