/** The dialogs of running a tool, and the pane with what it printed. Pure. */
import type { CallResult } from "../../src/domain/callResult.ts"
import { resultText } from "../../src/domain/resultText.ts"
import { type Field, kindTitle, onlyReads } from "../../src/domain/toolFields.ts"
import type { Model } from "../model.ts"
import { exactly, type Line, line, over, span, type Style } from "../spans.ts"
import { fit, harmless, harmlessLines, padEnd, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import {
  type Entry,
  type FormDialog,
  type Said,
  toolEntries,
  type ToolRun,
  type ToolsDialog,
} from "../toolDialogs.ts"
import { fieldLine, windowed } from "./fields.ts"

const reads = ({ form, tool }: Pick<Entry, "form" | "tool">): boolean =>
  tool.hints.readOnly || onlyReads(form, tool.readOnlyForms)

const hintWord = (entry: Entry): string =>
  entry.tool.off !== null ? "off" : reads(entry) ? "reads" : entry.tool.hints.destructive ? "writes" : "acts"

export const toolsLines = (
  model: Model,
  dialog: ToolsDialog,
  columns: number,
  rows: number,
): ReadonlyArray<Line> => {
  const entries = toolEntries(model.tools ?? [], dialog.field.text)
  const [shown, top] = windowed(entries, dialog.index, Math.max(1, rows - 2))
  const width = Math.min(
    Math.floor(columns / 2),
    shown.reduce((most, { name }) => Math.max(most, name.length), 0),
  )
  return [
    fieldLine("tool: ", dialog.field, columns),
    [],
    ...shown.map((entry, offset): Line => {
      const row = exactly(
        [
          span(` ${padEnd(harmless(entry.name), width)}  `, theme.bold),
          span(padEnd(hintWord(entry), 7), reads(entry) && entry.tool.off === null ? theme.good : theme.warn),
          span(harmless(entry.tool.off ?? entry.tool.description.split("\n")[0]!), theme.dim),
        ],
        columns,
      )
      return top + offset === dialog.index ? over(row, theme.selected) : row
    }),
    ...(entries.length > 0
      ? []
      : [line(model.tools === null ? "asking the daemon …" : "no such tool", theme.dim)]),
  ]
}

const verdictStyles = { allow: theme.good, audit: theme.good, ask: theme.warn, deny: theme.alarm } as const
const nextWords = {
  allow: "enter runs it",
  audit: "enter runs it, and it is noted",
  ask: "enter puts it into the queue, where you look at it and approve",
  deny: "it cannot be run",
} as const

const saidLines = (said: Said | null, columns: number): ReadonlyArray<Line> => {
  switch (said?._tag) {
    case undefined:
      return [line("enter asks the gate what it says of this", theme.dim)]
    case "asking":
      return [line("asking the gate …", theme.dim)]
    case "sent":
      return [line("asking the daemon …", theme.dim)]
    case "wrong":
      return wrap(harmless(said.text), columns).map((part) => line(part, theme.bad))
    case "verdict": {
      const { verdict, rule, file, line: at, reason } = said.verdict
      return [
        [
          span(verdict, verdictStyles[verdict]),
          span(" by ", theme.dim),
          span(harmless(rule)),
          span(` ${harmless(file)}:${at}`, theme.dim),
        ],
        ...wrap(harmless(reason), columns).map((part) => line(part, theme.dim)),
        line(nextWords[verdict], verdictStyles[verdict]),
      ]
    }
  }
}

const typedAs = (field: Field): string =>
  field.kind === "texts" ? 'list of text: one as it is, several as ["a","b"]' : kindTitle(field)

const aboutField = (field: Field): string =>
  [field.description, typedAs(field), field.limits, field.required ? "" : "may be left out"]
    .filter((part) => part !== "")
    .join("; ")

const inputLines = (dialog: FormDialog, columns: number): ReadonlyArray<Line> => {
  if (dialog.raw !== null) return [fieldLine("JSON: ", dialog.raw, columns)]
  const width = Math.min(
    Math.floor(columns / 3),
    dialog.form.fields.reduce((most, { name }) => Math.max(most, name.length + 1), 0),
  )
  return dialog.form.fields.flatMap((field, index): ReadonlyArray<Line> => {
    const name = padEnd(`${field.name}${field.required ? "*" : ""}`, width)
    const typed = dialog.fields[index]!
    return index === dialog.at
      ? [
          fieldLine(`▸ ${name} `, typed, columns),
          ...wrap(harmless(aboutField(field)), columns - width - 3).map((part) =>
            line(`${" ".repeat(width + 3)}${part}`, theme.dim),
          ),
        ]
      : [[span(`  ${name} `, theme.dim), span(fit(harmless(typed.text), columns - width - 3))]]
  })
}

/** Of a long form what stands around the cursor, so that the gate's word stays in sight. */
export const formLines = (dialog: FormDialog, columns: number, rows: number): ReadonlyArray<Line> => {
  const { tool, form } = dialog
  const about = harmlessLines(tool.description).flatMap((one) => wrap(one, columns))
  const undo = reads(dialog) ? "it changes nothing" : tool.undo
  const head = [
    ...(form.name === null ? [] : [line(harmless(form.name), theme.bold)]),
    ...about.slice(0, Math.max(1, Math.min(4, rows - 10))).map((part) => line(part, theme.dim)),
    ...(tool.off === null
      ? []
      : wrap(`off: ${harmless(tool.off)}`, columns).map((part) => line(part, theme.warn))),
    ...(undo === null ? [] : wrap(`undo: ${harmless(undo)}`, columns).map((part) => line(part, theme.dim))),
    [],
  ]
  const said = [[], ...saidLines(dialog.said, columns)]
  const fields = inputLines(dialog, columns)
  const room = Math.max(1, rows - head.length - said.length)
  const [shown] = windowed(fields, dialog.at + 2, room)
  return [...head, ...shown, ...said]
}

const outcomeStyle = ({ ok, outcome }: CallResult): Style =>
  ok ? theme.good : outcome === "denied" ? theme.alarm : theme.bad

/** Lines of one output that are shown; the log has all of it. */
const mostLines = 5_000

/** Records are for programs; of what did not end well, also why. */
const personText = (result: CallResult): string =>
  result.ok ? (resultText(result) ?? result.text) : result.text

const resultLines = (result: CallResult, columns: number): ReadonlyArray<Line> => {
  const all = harmlessLines(personText(result).replace(/\n$/, ""))
  const exit = result.exit === null || result.exit === 0 ? "" : `, exit ${result.exit}`
  const took = result.durationMs === null ? "" : ` · ${result.durationMs} ms`
  return [
    [
      span(`${result.outcome}${exit}`, outcomeStyle(result)),
      span(
        result.verdict === null ? "" : ` · ${result.verdict.verdict} by ${harmless(result.verdict.rule)}`,
        theme.dim,
      ),
      span(took, theme.dim),
      span(result.undoable ? " · u takes it back" : "", theme.dim),
    ],
    [],
    ...all
      .slice(0, mostLines)
      .flatMap((text) => wrap(text, columns))
      .map((text) => line(text, result.ok ? theme.plain : theme.bad)),
    ...(all.length > mostLines ? [line(`… ${all.length - mostLines} more lines`, theme.warn)] : []),
    [],
  ]
}

const stateWords = {
  running: "running …",
  asking: "it waits for an answer in the queue",
  ended: "",
} as const

const headOf = (run: ToolRun, columns: number): ReadonlyArray<Line> => [
  line(harmless(run.call.tool), theme.bold),
  ...wrap(harmless(JSON.stringify(run.call.input)).slice(0, 400), columns).map((part) =>
    line(part, theme.dim),
  ),
]

const kept = new WeakMap<ToolRun, { readonly columns: number; readonly lines: ReadonlyArray<Line> }>()

/** What the last tool that was run from here printed. */
export const outputLines = (run: ToolRun | null, columns: number): ReadonlyArray<Line> => {
  if (run === null) return [line("no tool was run from here yet", theme.dim)]
  const known = kept.get(run)
  if (known?.columns === columns) return known.lines
  const lines = [
    ...headOf(run, columns),
    ...(run.state === "ended" ? [] : [line(stateWords[run.state], theme.warn)]),
    ...run.results.flatMap((result) => resultLines(result, columns)),
  ]
  kept.set(run, { columns, lines })
  return lines
}
