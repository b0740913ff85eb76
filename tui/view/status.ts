/** The two last rows: how things are, and what can be done now. Pure. */
import { hints, keyTitle } from "../keymap.ts"
import { working } from "../minds.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, lineWidth, span, type Span } from "../spans.ts"
import { harmless } from "../text.ts"
import { theme } from "../theme.ts"

const tones = { good: theme.good, warn: theme.warn, bad: theme.bad, plain: theme.plain } as const

const connection = (model: Model): Span =>
  model.timeline !== null
    ? model.status?.paused === true
      ? span("‖ was paused", theme.warn)
      : span("○ as it was", theme.dim)
    : model.connection === "connected"
      ? model.status?.paused === true
        ? span("‖ paused", theme.alarm)
        : span("● watching", theme.good)
      : model.connection === "connecting"
        ? span("○ connecting", theme.warn)
        : span(`○ disconnected, retrying${model.lost === null ? "" : `: ${harmless(model.lost)}`}`, theme.bad)

const marks = { running: "✓", degraded: "~", failed: "✗", stopped: "−" } as const
const markStyles = {
  running: theme.good,
  degraded: theme.warn,
  failed: theme.bad,
  stopped: theme.dim,
} as const
const order = ["running", "stopped", "degraded", "failed"] as const

/** One mark a kind of source: the worst of its workspaces. */
const sources = (model: Model): ReadonlyArray<Span> => {
  const worst = new Map<string, (typeof order)[number]>()
  const rows = (model.status?.sources ?? []).toSorted((a, b) => (a.component < b.component ? -1 : 1))
  for (const row of rows) {
    const name = row.component.replace(/^source:/, "")
    const old = worst.get(name)
    if (old === undefined || order.indexOf(row.state) > order.indexOf(old)) worst.set(name, row.state)
  }
  return [...worst].flatMap(([name, state]) => [
    span(` ${harmless(name)}`, theme.dim),
    span(marks[state], markStyles[state]),
  ])
}

export const statusLine = (model: Model, columns: number): Line => {
  const { status } = model
  const bar = span(" │ ", theme.border)
  const parts: Array<Span> = [span(" "), connection(model)]
  if (status !== null) {
    const seen = sources(model)
    if (seen.length > 0) parts.push(span(" │", theme.border), ...seen)
    const { visible, waiting, urgent } = status.queue
    parts.push(bar, span(`${visible} to answer`, visible > 0 ? theme.bold : theme.dim))
    if (urgent > 0) parts.push(span(` (${urgent} urgent)`, theme.alarm))
    if (waiting > 0) parts.push(span(`, ${waiting} later`, theme.dim))
    if (model.minds !== null) {
      const busy = working(model.minds)
      const inbox = model.minds.inbox.length
      if (busy > 0) parts.push(bar, span(`${busy} at work`, theme.accent))
      if (inbox > 0) parts.push(bar, span(`${inbox} ${inbox === 1 ? "memory" : "memories"} in the inbox (m)`))
    }
    if (status.degraded.length > 0) {
      const more = status.degraded.length > 1 ? ` (+${status.degraded.length - 1})` : ""
      parts.push(bar, span(`! ${harmless(status.degraded[0]!)}${more}`, theme.warn))
    }
  }
  const spend = status === null ? [] : [span(`$${status.spentToday.toFixed(2)} today `, theme.dim)]
  const room = columns - lineWidth(spend)
  return room < 30 ? exactly(parts, columns) : [...exactly(parts, room - 1), span(" "), ...spend]
}

/** A notice takes the line for a while; otherwise only what is possible now. */
export const hintsLine = (model: Model, columns: number): Line => {
  if (model.notice !== null)
    return exactly([span(" "), span(harmless(model.notice.text), tones[model.notice.tone])], columns)
  const all = hints(model).map((binding) => {
    const word = binding.id === "pause" && model.status?.paused === true ? "resume" : (binding.hint ?? "")
    const pair = [span(keyTitle(binding.keys[0]!), theme.key), span(` ${word}  `, theme.dim)]
    return { pair, isHelp: binding.id === "help" }
  })
  const help = all.find(({ isHelp }) => isHelp)?.pair ?? []
  const parts: Array<Span> = [span(" ")]
  // what has no room here is told by the help, so that one is never left out
  let room = columns - 1 - lineWidth(help)
  for (const { pair } of all.filter(({ isHelp }) => !isHelp)) {
    room -= lineWidth(pair)
    if (room < 0) break
    parts.push(...pair)
  }
  return exactly([...parts, ...help], columns)
}
