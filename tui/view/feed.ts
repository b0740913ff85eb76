/** The log panel: one line an event, in aligned columns; what is not here yet is a dot. Pure. */
import type { Event, EventRecord } from "../../src/domain/event.ts"
import { isEventType } from "../../src/domain/event.ts"
import { describe } from "../../src/domain/describe.ts"
import { cursorIndex, rowAt, rowCount } from "../log.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, line, over, span, type Style } from "../spans.ts"
import { harmless, padEnd, padStart } from "../text.ts"
import { theme } from "../theme.ts"
import { clock } from "./time.ts"

const families: Readonly<Record<string, Style>> = {
  fs: theme.dim,
  git: theme.accent,
  terminal: theme.plain,
  situation: theme.dim,
  decision: theme.thought,
  policy: theme.warn,
  approval: theme.bold,
  tool: theme.good,
  daemon: theme.dim,
  log: theme.dim,
}

const bad = (event: EventRecord): boolean => {
  if (event.type === "tool.failed" || event.type === "terminal.lost") return true
  if (event.type !== "terminal.command" && event.type !== "tool.finished") return false
  const exit = (event.payload as { readonly exit?: number | null } | null)?.exit
  return exit !== undefined && exit !== null && exit !== 0
}

/** An event of a newer daemon may be of a type or form that is not known here: its payload then speaks for it. */
const told = (event: EventRecord): string => {
  if (isEventType(event.type)) {
    try {
      return describe(event as unknown as Event)
    } catch {
      return JSON.stringify(event.payload).slice(0, 400)
    }
  }
  return (JSON.stringify(event.payload) ?? "").slice(0, 400)
}

const lines = new WeakMap<EventRecord, string>()
const textOf = (event: EventRecord): string => {
  const kept = lines.get(event)
  if (kept !== undefined) return kept
  const text = harmless(told(event).slice(0, 1_000))
  lines.set(event, text)
  return text
}

const feedRow = (row: EventRecord | number, columns: number, seqWidth: number): Line => {
  const seq =
    columns >= 60
      ? span(`${padStart(String(typeof row === "number" ? row : row.seq), seqWidth)} `, theme.dim)
      : span("")
  if (typeof row === "number") return exactly([seq, span("·", theme.dim)], columns)
  const family = families[row.type.split(".")[0]!] ?? theme.plain
  return exactly(
    [
      seq,
      span(`${clock(row.at)} `, theme.dim),
      ...(columns >= 48 ? [span(`${padEnd(harmless(row.type), 17)} `, family)] : []),
      span(textOf(row), bad(row) ? theme.bad : theme.plain),
    ],
    columns,
  )
}

export const feedLines = (model: Model, columns: number, rows: number): ReadonlyArray<Line> => {
  const { log } = model
  const count = rowCount(log)
  if (count === 0) {
    return [
      line(
        log.matches === null
          ? "the log is empty"
          : log.matches.loading
            ? "looking …"
            : "nothing matches (esc clears the filter)",
        theme.dim,
      ),
    ]
  }
  const start = log.matches === null ? log.top - 1 : log.top
  const at = cursorIndex(log)
  const style = model.panel === "log" ? theme.selected : theme.faded
  const seqWidth = Math.max(4, String(log.head).length)
  return Array.from({ length: Math.min(rows, count - start) }, (_, offset) => {
    const shown = feedRow(rowAt(log, start + offset), columns, seqWidth)
    return start + offset === at && (model.panel === "log" || !log.follow) ? over(shown, style) : shown
  })
}

export const feedTitle = (model: Model): string => {
  const { log } = model
  const filter =
    log.matches === null
      ? ""
      : ` /${harmless(log.matches.text)} ${log.matches.events.length}${log.matches.complete ? "" : "+"}`
  if (model.timeline !== null) return `log until ${log.cursor}`
  return `log${filter}${log.follow ? " ⋯ live" : ` ${log.cursor} of ${log.head}`}`
}
