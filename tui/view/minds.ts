/** The list of conversations and agents, and the last words of one of them. Pure. */
import {
  type AgentsDialog,
  type MindRow,
  mindIndex,
  mindRows,
  type StopDialog,
  type TalkDialog,
} from "../minds.ts"
import { type MindDialog, mindOf } from "../minds.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, line, over, span } from "../spans.ts"
import { fit, harmless, harmlessLines, padEnd, padStart, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import type { Entry, Words } from "../words.ts"
import { fieldLine, windowed } from "./fields.ts"

const cost = ({ unpriced, usd }: MindRow["spent"]): string =>
  `$${usd.toFixed(usd >= 1 || usd === 0 ? 2 : 4)}${unpriced === 0 ? "" : "+"}`

const waitsFor = ({ waits }: MindRow): string => {
  const [first, ...more] = waits
  if (first === undefined) return ""
  return `  waits for you: ${harmless(first)}${more.length === 0 ? "" : ` (+${more.length})`}`
}

const rowLine = (row: MindRow, columns: number): Line => {
  const spent = span(` ${padStart(cost(row.spent), 9)}`, theme.dim)
  const mark = row.waits.length > 0 ? span("? ", theme.warn) : row.works ? span("● ", theme.good) : span("  ")
  const what = [
    span(" ".repeat(Math.min(10, 2 * row.depth))),
    mark,
    span(`${padEnd(harmless(row.state), 10)} `, row.works ? theme.accent : theme.dim),
    span(harmless(row.title), row.works ? theme.bold : theme.plain),
    span(waitsFor(row), theme.warn),
  ]
  return [...exactly(what, Math.max(1, columns - 10)), spent]
}

const listLines = (
  model: Model,
  dialog: AgentsDialog,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const all = mindRows(model)
  if (all.length === 0)
    return [line(model.minds === null ? "asking the daemon" : "no conversation and no agent yet", theme.dim)]
  const at = mindIndex(all, dialog)
  const [shown, top] = windowed(all, at, Math.max(1, rows))
  return shown.map((row, offset) => {
    const one = rowLine(row, columns)
    return top + offset === at ? over(one, theme.selected) : one
  })
}

const styles = {
  user: theme.accent,
  claw: theme.plain,
  call: theme.dim,
  note: theme.warn,
  bad: theme.bad,
} as const
const marks = { user: "> ", claw: "  ", call: "· ", note: "! ", bad: "! " } as const

const entryLines = ({ text, who }: Omit<Entry, "seq">, columns: number): ReadonlyArray<Line> =>
  harmlessLines(text)
    .flatMap((one) => wrap(one, Math.max(1, columns - 2)))
    .map((one, index) => line(`${index === 0 ? marks[who] : "  "}${one}`, styles[who]))

const wordsLines = (words: Words | null, columns: number): ReadonlyArray<Line> => {
  if (words === null) return [line("not connected to the daemon", theme.dim)]
  const all = [
    ...words.entries.flatMap((entry) => entryLines(entry, columns)),
    ...(words.coming === "" ? [] : entryLines({ who: "claw", text: words.coming }, columns)),
    ...(words.reason === null ? [] : [line(fit(harmless(words.reason), columns), theme.bad)]),
  ]
  return all.length > 0 ? all : [line(words.live ? "nothing was said" : "asking the daemon", theme.dim)]
}

/** Lines of what it asked for, and of what was said; `room`: how many of these are in sight. */
const talkParts = (model: Model, columns: number, rows: number) => {
  const requests = (model.words?.requests ?? []).map(({ question, state, suggestion, title }) =>
    exactly(
      [
        span(state === "runs" ? "● runs " : question ? "? asks " : "? waits ", theme.warn),
        span(harmless(title)),
        span(`  ${harmless(suggestion)}`, theme.dim),
      ],
      columns,
    ),
  )
  const open = requests.slice(0, Math.max(1, Math.floor(rows / 3)))
  const hidden = requests.length - open.length
  const foot: ReadonlyArray<Line> =
    requests.length === 0
      ? []
      : [[], ...open, ...(hidden > 0 ? [line(`… and ${hidden} more`, theme.dim)] : [])]
  return { foot, said: wordsLines(model.words, columns), room: Math.max(1, rows - 2 - foot.length) }
}

/** So many lines can be scrolled back. */
export const mostUp = (model: Model, columns: number, rows: number): number => {
  const { room, said } = talkParts(model, columns, rows)
  return Math.max(0, said.length - room)
}

const talkLines = (model: Model, dialog: TalkDialog, columns: number, rows: number): ReadonlyArray<Line> => {
  const row = mindOf(model) ?? dialog.row
  const { foot, room, said } = talkParts(model, columns, rows)
  const end = Math.max(Math.min(room, said.length), said.length - dialog.up)
  return [
    rowLine({ ...row, depth: 0, waits: [] }, columns),
    [],
    ...said.slice(Math.max(0, end - room), end),
    ...foot,
  ]
}

const stopLines = (model: Model, { row }: StopDialog, columns: number): ReadonlyArray<Line> => [
  ...wrap(harmless(row.title), columns).map((text) => line(text, theme.bold)),
  line(fit(mindOf(model)?.works === false ? "it ended meanwhile" : "it works now", columns), theme.dim),
  [],
  ...wrap(
    row.agent
      ? "It ends, and all agents below it; what they asked for is withdrawn, what runs is stopped."
      : "The work on the present word ends; what it asked for is withdrawn, what runs is stopped.",
    columns,
  ).map((text) => line(text)),
  [],
  [span("enter", theme.key), span(" stop it  "), span("esc", theme.key), span(" leave it")],
]

export const mindLines = (
  model: Model,
  dialog: MindDialog,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  switch (dialog._tag) {
    case "agents":
      return listLines(model, dialog, columns, rows)
    case "talk":
      return talkLines(model, dialog, columns, rows)
    case "stop":
      return stopLines(model, dialog, columns)
    case "word":
      return [
        line(fit(harmless(dialog.row.title), columns), theme.dim),
        [],
        fieldLine("> ", dialog.field, columns),
      ]
  }
}
