/** The two first rows of the past: where one is, and the bar over the whole log. Pure. */
import { type BarCell, barCells, cellOf } from "../marks.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, lineWidth, over, span, type Span } from "../spans.ts"
import { harmless } from "../text.ts"
import { theme } from "../theme.ts"
import { isCurrent, type Timeline } from "../timeline.ts"
import { age, clock, date } from "./time.ts"

/** Says that this is the past, even where nothing else fits. */
export const pastLine = (model: Model, timeline: Timeline, columns: number): Line => {
  const { seq, log, moment, failed } = timeline
  const current = isCurrent(timeline)
  const at = current ? (moment?.at ?? null) : null
  const parts: ReadonlyArray<Span> = [
    span(" PAST ", theme.button),
    span(` #${seq}`, theme.bold),
    span(` of ${log.head}`, theme.dim),
    ...(at === null
      ? []
      : [span(` · ${date(at)} ${clock(at)}`, theme.plain), span(` · ${age(at, model.now)} ago`, theme.dim)]),
    ...(failed === null ? [] : [span(` · ${harmless(failed)}`, theme.bad)]),
    ...(model.connection === "connected" ? [] : [span(" · not connected", theme.bad)]),
    ...(current || failed !== null ? [] : [span(" · reading …", theme.warn)]),
    ...(current && seq === 0 ? [span(" · before the first event", theme.dim)] : []),
  ]
  return exactly(parts, columns)
}

/** Few, more, most of all cells; the kind is told by the glyph, so that it is told without colour too. */
const glyphs = {
  decision: ["·", "•", "●"],
  action: ["▵", "▴", "▲"],
  both: ["◇", "◈", "◆"],
} as const

const glyph = ({ decisions, actions, read }: BarCell, most: number): Span => {
  const count = decisions + actions
  if (count === 0) return read ? span("─", theme.border) : span(" ", theme.border)
  const level = Math.ceil((3 * count) / Math.max(2, most)) - 1
  if (actions === 0) return span(glyphs.decision[level]!, theme.thought)
  return span(glyphs[decisions === 0 ? "action" : "both"][level]!, theme.good)
}

const legend: ReadonlyArray<Span> = [
  span(" • ", theme.thought),
  span("decided", theme.dim),
  span(" ▴ ", theme.good),
  span("done", theme.dim),
  span(" ◆ ", theme.good),
  span("both ", theme.dim),
]

export const barLine = ({ marks, log, seq }: Timeline, columns: number): Line => {
  const right = columns >= 70 ? legend : []
  const cells = columns - 2 - lineWidth(right)
  if (cells < 3) return exactly([], columns)
  const at = cellOf(seq, log.head, cells)
  const counted = barCells(marks, log.head, cells)
  const most = counted.reduce((max, cell) => Math.max(max, cell.decisions + cell.actions), 0)
  const track = counted.map((cell) => glyph(cell, most))
  const here = over([track[at]!.text === " " ? span("─", theme.border) : track[at]!], theme.cursor)
  return exactly(
    [
      span("├", theme.border),
      ...joined(track.slice(0, at)),
      ...here,
      ...joined(track.slice(at + 1)),
      span("┤", theme.border),
      ...right,
    ],
    columns,
  )
}

/** Neighbours of one style as one span. */
const joined = (spans: Line): Line => {
  const out: Array<Span> = []
  for (const one of spans) {
    const last = out.at(-1)
    if (last?.style === one.style) out[out.length - 1] = { text: last.text + one.text, style: one.style }
    else out.push(one)
  }
  return out
}
