/**
 * The detail panel of the past: what was known, decided, judged and done, and what it cost, step by step, with the
 * step one stands on marked and what came later set apart; or, from the queue, a suggestion as it was. Pure.
 */
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { callTitle } from "../choices.ts"
import { type Model, selectedRow } from "../model.ts"
import { type Line, line, lineWidth, span } from "../spans.ts"
import { harmless, harmlessLines, padStart, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import type { PastLines } from "../then.ts"
import { chainOf, eventHere, isCurrent, stepAt, type Steps, type Timeline } from "../timeline.ts"
import { eventLines, heading, metaLine, paragraphs, verdictStyle, whyOf } from "./detail.ts"
import { clock } from "./time.ts"

type Role = Steps[number]["role"]

const sections: ReadonlyArray<readonly [string, ReadonlyArray<Role>, string]> = [
  ["known", ["evidence", "situation", "facts", "event"], "nothing"],
  ["decided", ["thought", "decision", "attention"], "nothing"],
  ["judged", ["verdict", "approval"], "nothing to judge"],
  ["done", ["action", "outcome"], "nothing"],
]

/** Of one step; an event can say a lot, and the log panel says it too. */
const stepLines = 8

const stepOf = (
  { event, text }: Steps[number],
  columns: number,
  state: "past" | "here" | "later",
): ReadonlyArray<Line> => {
  const later = state === "later"
  const quiet = later || event.type === "decision.silent"
  const head: Line = [
    span(state === "here" ? "▸" : " ", theme.alarm),
    span(padStart(`#${event.seq}`, 7), later ? theme.dim : theme.accent),
    span(` ${clock(event.at)} ${later ? "later " : ""}`, theme.dim),
  ]
  // beside its seq and time where there is room for it, else below
  const beside = columns >= 44
  const indent = beside ? lineWidth(head) : 2
  const type = harmless(event.type)
  const body = harmlessLines(`${event.type} ${text}`).flatMap((one) => wrap(one, columns - indent))
  const told = body.map((one, index): Line => {
    const named = index === 0 && one.startsWith(type)
    return [
      ...(index === 0 && beside ? head : [span(" ".repeat(indent))]),
      ...(named ? [span(type, theme.dim)] : []),
      span(named ? one.slice(type.length) : one, quiet ? theme.dim : theme.plain),
    ]
  })
  return [
    ...(beside ? [] : [head]),
    ...told.slice(0, stepLines),
    ...(told.length > stepLines ? [line(`${" ".repeat(indent)}…`, theme.dim)] : []),
  ]
}

const costLine = (timeline: Timeline, then: Model): Line => {
  const { usd, modelCalls } = chainOf(timeline).cost
  const chain = modelCalls === 0 ? "no model was asked" : `$${usd.toFixed(4)}, ${modelCalls} model calls`
  const day = then.status === null ? "" : `; $${then.status.spentToday.toFixed(2)} that day until then`
  return line(`  ${chain}${day}`, theme.dim)
}

const chainLines = (timeline: Timeline, then: Model, columns: number): PastLines => {
  const { steps } = chainOf(timeline)
  const { seq } = timeline
  const here = steps[stepAt(steps, seq)]
  const lines: Array<Line> = []
  let at: number | null = null
  for (const [name, roles, none] of sections) {
    const own = steps.filter((step) => roles.includes(step.role))
    const until = own.filter((step) => step.event.seq <= seq).length
    lines.push([
      span(name, theme.title),
      span(own.length === 0 ? "" : `  ${until} of ${own.length}`, theme.dim),
    ])
    if (own.length === 0) lines.push(line(`  ${none}`, theme.dim))
    for (const step of own) {
      if (step === here) at = lines.length
      const state = step.event.seq === seq ? "here" : step.event.seq < seq ? "past" : "later"
      lines.push(...stepOf(step, columns, state))
    }
  }
  lines.push(heading("cost"), costLine(timeline, then))
  return { lines, at }
}

/** A suggestion as the queue knew it: its actions with the verdicts they had. */
const suggestionLines = (row: Suggestion, then: Model, columns: number): ReadonlyArray<Line> => [
  ...wrap(harmless(row.title), columns).map((part) => line(part, theme.bold)),
  metaLine(row, then.now),
  ...(row.tainted ? [line("it rests on text an outsider could have written", theme.warn)] : []),
  ...(row.note === null ? [] : paragraphs(row.note, columns, theme.warn)),
  [],
  ...whyOf(row, columns),
  heading(row.proposed.length === 0 ? "nothing to do: it only said so" : "what"),
  ...row.proposed.flatMap((call, index): ReadonlyArray<Line> => {
    const verdict = row.actions[index]
    return [
      ...wrap(harmless(callTitle(call)), columns - 4).map((part) => line(`    ${part}`, theme.bold)),
      verdict === undefined
        ? line("    not judged yet", theme.dim)
        : [
            span("    "),
            span(verdict.verdict, verdictStyle[verdict.verdict]),
            span(" by ", theme.dim),
            span(harmless(verdict.rule)),
            span(` ${harmless(verdict.file)}:${verdict.line}`, theme.dim),
          ],
      ...(verdict === undefined ? [] : paragraphs(verdict.reason, columns, theme.dim, "    ")),
    ]
  }),
  [],
  line(`decided at #${row.decidedSeq}: enter goes there`, theme.dim),
]

/** `then` is the model as it was, see `then.ts`. */
export const pastLines = (then: Model, timeline: Timeline, columns: number): PastLines => {
  const row = then.panel === "queue" ? selectedRow(then) : null
  if (row !== null) return { lines: suggestionLines(row, then, columns), at: null }
  if (chainOf(timeline).steps.length > 0) return chainLines(timeline, then, columns)
  const event = eventHere(timeline)
  return {
    at: null,
    lines:
      event !== null
        ? eventLines(event, columns)
        : [line(isCurrent(timeline) ? "before the first event" : "reading …", theme.dim)],
  }
}

export const pastTitle = (then: Model, timeline: Timeline): string =>
  then.panel === "queue" && selectedRow(then) !== null
    ? "detail"
    : chainOf(timeline).steps.length > 0
      ? "chain"
      : "event"
