/** The queue panel: one row an item, urgent first; what was answered of late below, quieter. Pure. */
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { isOpen, type Model, queueRows } from "../model.ts"
import { exactly, type Line, line, over, span, type Style } from "../spans.ts"
import { fit, harmless, padEnd, padStart, width } from "../text.ts"
import { theme } from "../theme.ts"
import { age } from "./time.ts"

const states: Readonly<Record<Suggestion["state"], readonly [string, Style]>> = {
  pending: ["•", theme.accent],
  snoozed: ["z", theme.dim],
  approved: ["▸", theme.accent],
  done: ["✓", theme.good],
  failed: ["✗", theme.bad],
  rejected: ["−", theme.dim],
  expired: ["·", theme.dim],
  undone: ["↶", theme.dim],
}
const modes: Readonly<Record<Suggestion["mode"], string>> = {
  notify: "•",
  question: "?",
  draft: "+",
  digest: "=",
}

const mark = (row: Suggestion): readonly [string, Style] =>
  row.state !== "pending"
    ? states[row.state]
    : row.urgent
      ? ["!", theme.alarm]
      : [modes[row.mode], theme.accent]

/** What is worth a column: another risk than low, an end. */
const remark = (row: Suggestion): string => (isOpen(row) ? risks[row.risk] : row.state)

const risks = { low: "", medium: "medium", high: "high" } as const

const queueRow = (
  row: Suggestion,
  columns: number,
  now: number,
  answering: boolean,
  remarkWidth: number,
): Line => {
  const open = isOpen(row)
  const [glyph, style] = answering ? (["…", theme.warn] as const) : mark(row)
  const ruleWidth = columns >= 64 ? 22 : 0
  const titleWidth = Math.max(1, columns - 2 - 5 - ruleWidth - remarkWidth - (ruleWidth > 0 ? 1 : 0))
  return exactly(
    [
      span(`${glyph} `, style),
      span(
        padEnd(harmless(row.title), titleWidth),
        open ? (row.urgent ? theme.bold : theme.plain) : theme.dim,
      ),
      ...(ruleWidth === 0 ? [] : [span(` ${padEnd(harmless(row.rule), ruleWidth)}`, theme.dim)]),
      ...(remarkWidth === 0 ? [] : [span(padStart(remark(row), remarkWidth), open ? theme.warn : theme.dim)]),
      span(padStart(age(row.createdAt, now), 5), theme.dim),
    ],
    columns,
  )
}

const centred = (text: string, columns: number, style: Style): Line => {
  const shown = fit(text, columns)
  return line(" ".repeat(Math.max(0, Math.floor((columns - width(shown)) / 2))) + shown, style)
}

/** An empty queue is the usual case: it says that all is well. */
const empty = (model: Model, columns: number, rows: number): ReadonlyArray<Line> => {
  const count = model.status?.workspaces.length ?? 0
  const lines =
    model.queueFilter !== ""
      ? [
          centred("nothing matches", columns, theme.bold),
          centred("esc clears the filter", columns, theme.dim),
        ]
      : model.visible === null
        ? [centred("asking the daemon …", columns, theme.dim)]
        : [
            centred("nothing to see", columns, theme.bold),
            centred(`Claw is watching ${count} workspace${count === 1 ? "" : "s"}`, columns, theme.dim),
            centred("it speaks up when a command, commit or switch ends", columns, theme.dim),
          ]
  const above = Math.max(0, Math.floor((rows - lines.length) / 2))
  return [...Array.from({ length: above }, (): Line => []), ...lines]
}

export const queueLines = (model: Model, columns: number, rows: number): ReadonlyArray<Line> => {
  const all = queueRows(model)
  if (all.length === 0) return empty(model, columns, rows)
  const style = model.panel === "queue" ? theme.selected : theme.faded
  const inSight = all.slice(model.queueTop, model.queueTop + rows)
  const longest = Math.max(...inSight.map((row) => remark(row).length))
  const remarkWidth = columns >= 44 && longest > 0 ? longest + 1 : 0
  return inSight.map((row) => {
    const shown = queueRow(row, columns, model.now, model.answering.has(row.id), remarkWidth)
    return row.id === model.selected ? over(shown, style) : shown
  })
}

export const queueTitle = (model: Model): string => {
  const open = (model.visible ?? []).length
  const filter = model.queueFilter === "" ? "" : ` /${harmless(model.queueFilter)}`
  return `queue${open === 0 ? "" : ` ${open}`}${filter}`
}
