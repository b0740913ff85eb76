/**
 * The detail panel: why (with the evidence's seqs), what (each action with its verdict, sandbox, undo and preview),
 * the causal chain, or one event. Pure; the lines of a plan are remembered for as long as the plan is.
 */
import type { EventRecord } from "../../src/domain/event.ts"
import type { PlanDifference } from "../../src/domain/planned.ts"
import { answerText, type Question } from "../../src/domain/question.ts"
import { promptOf } from "../../src/domain/prompt.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import type { Detail, PlannedCall, Why } from "../../src/rpc/shapes.ts"
import { type Model, selectedRow } from "../model.ts"
import { type Line, line, span, type Style, textOf } from "../spans.ts"
import { harmless, harmlessLines, padStart, wrap } from "../text.ts"
import { theme } from "../theme.ts"
import { clock, left } from "./time.ts"
import { outputLines } from "./tools.ts"

const previewLimit = 2_000

export const paragraphs = (text: string, columns: number, style: Style, indent = ""): ReadonlyArray<Line> =>
  harmlessLines(text).flatMap((one) =>
    wrap(one, columns - indent.length).map((part) => line(indent + part, style)),
  )

export const verdictStyle: Readonly<Record<PlannedCall["verdict"]["verdict"], Style>> = {
  allow: theme.good,
  audit: theme.good,
  ask: theme.warn,
  deny: theme.alarm,
}

const previewStyle = (text: string): Style => {
  if (text.startsWith("+++") || text.startsWith("---") || text.startsWith("diff ")) return theme.bold
  if (text.startsWith("@@")) return theme.accent
  if (text.startsWith("+")) return theme.good
  if (text.startsWith("-")) return theme.bad
  return theme.plain
}

const previewLines = (preview: string, columns: number): ReadonlyArray<Line> => {
  const all = harmlessLines(preview.replace(/\n$/, ""))
  const shown = all.slice(0, previewLimit).flatMap((text) => {
    const style = previewStyle(text)
    return wrap(text, columns - 4).map((part) => [span("  │ ", theme.border), span(part, style)])
  })
  return all.length <= previewLimit
    ? shown
    : [...shown, line(`  │ … ${all.length - previewLimit} more lines: claw show has them all`, theme.warn)]
}

const planLines = (
  plan: PlannedCall,
  index: number,
  columns: number,
  workspace: string | null,
): ReadonlyArray<Line> => {
  const { verdict } = plan
  const { does, to, undo } = promptOf(plan, workspace)
  const [head = "", ...rest] = wrap(does, columns - 4)
  return [
    [span(`${padStart(String(index + 1), 2)}  `, theme.dim), span(head, theme.bold)],
    ...rest.map((part) => line(`    ${part}`, theme.bold)),
    ...paragraphs(to, columns, plan.sandbox === "none" ? theme.alarm : theme.plain, "    "),
    ...paragraphs(undo, columns, plan.undoable ? theme.good : theme.warn, "    "),
    [
      span("    "),
      span(verdict.verdict, verdictStyle[verdict.verdict]),
      span(" by ", theme.dim),
      span(harmless(verdict.rule)),
      span(` ${harmless(verdict.file)}:${verdict.line}`, theme.dim),
    ],
    ...paragraphs(verdict.reason, columns, theme.dim, "    "),
    ...(plan.problem === null ? [] : paragraphs(plan.problem, columns, theme.alarm, "    ")),
    ...(plan.preview === null || plan.preview === "" ? [] : previewLines(plan.preview, columns)),
    [],
  ]
}

export const heading = (text: string): Line => line(text, theme.title)

const riskStyle = { low: theme.dim, medium: theme.warn, high: theme.alarm } as const

export const metaLine = (row: Suggestion, now: number): Line => [
  ...(row.urgent ? [span("urgent", theme.alarm), span(" · ", theme.dim)] : []),
  span(row.state === "pending" ? row.mode : row.state, theme.accent),
  span(" · ", theme.dim),
  span(`${row.risk} risk`, riskStyle[row.risk]),
  ...(row.expiresAt === null || row.state !== "pending"
    ? []
    : [span(` · ${left(row.expiresAt, now)}`, theme.dim)]),
  span(` · ${harmless(row.rule)}`, theme.dim),
]

const whyLines = (row: Suggestion, columns: number): ReadonlyArray<Line> => {
  const told = new Set(row.why.map((reason) => reason.seq))
  const further = row.evidence.filter((seq) => !told.has(seq))
  return [
    heading("why"),
    ...row.why.flatMap((reason) => {
      const tail = reason.seq === null ? "" : ` #${reason.seq}`
      const parts = wrap(harmless(reason.text) + tail, columns - 2)
      return parts.map((part, index): Line => {
        const at = tail !== "" && index === parts.length - 1 && part.endsWith(tail.trim()) ? tail.trim() : ""
        return [
          span(index === 0 ? "• " : "  ", theme.dim),
          span(at === "" ? part : part.slice(0, -at.length)),
          span(at, theme.accent),
        ]
      })
    }),
    ...(further.length === 0
      ? []
      : [line(`  further evidence: ${further.map((seq) => `#${seq}`).join(" ")}`, theme.dim)]),
    [],
  ]
}

const questionLines = (
  { answer, multiple, options, text }: Question,
  columns: number,
): ReadonlyArray<Line> => [
  [],
  heading("question"),
  ...paragraphs(text, columns, theme.bold),
  ...options.map((option, index) => [span(` ${index + 1}  `, theme.key), span(harmless(option))]),
  ...(multiple ? [line("more than one may be chosen", theme.dim)] : []),
  ...(answer === null ? [] : paragraphs(`answered: ${answerText(answer)}`, columns, theme.good)),
]

const whatLines = (detail: Detail, columns: number): ReadonlyArray<Line> =>
  detail.plans.length === 0
    ? [
        line(
          detail.suggestion.question === undefined ? "nothing to do: it only says so" : "w answers it",
          theme.dim,
        ),
      ]
    : [
        heading("what"),
        ...detail.plans.flatMap((plan, index) =>
          planLines(plan, index, columns, detail.suggestion.workspace),
        ),
      ]

interface Kept {
  readonly columns: number
  readonly lines: ReadonlyArray<Line>
}
const remembered = <K extends object>(make: (key: K, columns: number) => ReadonlyArray<Line>) => {
  const kept = new WeakMap<K, Kept>()
  return (key: K, columns: number): ReadonlyArray<Line> => {
    const found = kept.get(key)
    if (found?.columns === columns) return found.lines
    const lines = make(key, columns)
    kept.set(key, { columns, lines })
    return lines
  }
}

const whatOf = remembered(whatLines)
export const whyOf = remembered(whyLines)

const chainLines = remembered((why: Why, columns: number): ReadonlyArray<Line> => [
  ...why.steps.flatMap(({ role, event, text }): ReadonlyArray<Line> => {
    const first: Line = [
      span(padStart(`#${event.seq}`, 8), theme.accent),
      span(` ${clock(event.at)} `, theme.dim),
      span(role.padEnd(10), theme.bold),
      span(event.type, theme.dim),
    ]
    const style = event.type === "decision.silent" ? theme.dim : theme.plain
    return [first, ...paragraphs(text, columns, style, "         ")]
  }),
  ...(why.taint.length === 0
    ? []
    : [
        [],
        line("it rests on text an outsider could have written:", theme.warn),
        ...why.taint.flatMap(({ seq, text }) => paragraphs(`#${seq} ${text}`, columns, theme.warn, "  ")),
      ]),
  [],
  line(
    why.cost.modelCalls === 0
      ? "no model was asked"
      : `cost $${why.cost.usd.toFixed(4)}, ${why.cost.modelCalls} model calls`,
    theme.dim,
  ),
])

export const eventLines = remembered((event: EventRecord, columns: number): ReadonlyArray<Line> => [
  [span(event.type, theme.title), span(`  #${event.seq}`, theme.accent)],
  line(`${event.at} · ${harmless(event.actor)} · ${event.trust}`, theme.dim),
  ...(event.workspace === null ? [] : [line(harmless(event.workspace), theme.dim)]),
  ...(event.correlationId === null ? [] : [line(`belongs to ${harmless(event.correlationId)}`, theme.dim)]),
  [],
  ...(JSON.stringify(event.payload, null, 2) ?? "null")
    .split("\n")
    .slice(0, previewLimit)
    .flatMap((text) => wrap(harmless(text), columns).map((part) => line(part))),
  [],
  line(`hash ${event.hash.slice(0, 16)}… after ${event.prevHash.slice(0, 16)}…`, theme.dim),
])

/** Why a yes did not count: what is not as it was on the screen. */
const changedLines = remembered(
  (difference: ReadonlyArray<PlanDifference>, columns: number): ReadonlyArray<Line> => [
    line("changed since it was shown; nothing was done. This is what it is now:", theme.warn),
    ...difference.flatMap(({ changed, preview }) => [
      ...changed.flatMap((text) => paragraphs(`• ${text}`, columns, theme.warn, "  ")),
      ...(preview === null ? [] : previewLines(preview, columns)),
    ]),
    [],
  ],
)

const suggestionLines = (model: Model, columns: number): ReadonlyArray<Line> => {
  const row = selectedRow(model)
  if (row === null) return []
  const detail = model.detail?.id === row.id ? model.detail : null
  const plan = detail?.detail ?? null
  const what: ReadonlyArray<Line> =
    detail?.state === "failed"
      ? paragraphs(`its actions are not known: ${detail.reason ?? ""}`, columns, theme.bad)
      : plan === null
        ? [line("reading its actions …", theme.dim)]
        : [
            ...(detail?.state === "loading"
              ? [line("it changed; reading its actions again …", theme.warn)]
              : []),
            ...whatOf(plan, columns),
          ]
  return [
    ...wrap(harmless(row.title), columns).map((part) => line(part, theme.bold)),
    metaLine(row, model.now),
    ...(row.tainted ? [line("it rests on text an outsider could have written", theme.warn)] : []),
    ...(row.note === null ? [] : paragraphs(row.note, columns, theme.warn)),
    ...(row.question === undefined ? [] : questionLines(row.question, columns)),
    [],
    ...(model.changed?.id === row.id ? changedLines(model.changed.difference, columns) : []),
    ...whyOf(row, columns),
    ...what,
  ]
}

export const detailLines = (model: Model, columns: number): ReadonlyArray<Line> => {
  const { subject } = model
  switch (subject._tag) {
    case "suggestion":
      return suggestionLines(model, columns)
    case "event":
      return eventLines(subject.event, columns)
    case "output":
      return outputLines(model.run, columns)
    case "why":
      return [
        ...wrap(harmless(subject.of), columns).map((part) => line(part, theme.bold)),
        [],
        ...(subject.why === null
          ? [
              subject.reason === null
                ? line("reading the chain …", theme.dim)
                : line(harmless(subject.reason), theme.bad),
            ]
          : chainLines(subject.why, columns)),
      ]
  }
}

export const detailTitle = (model: Model): string =>
  model.subject._tag === "suggestion" ? "detail" : model.subject._tag

/** The next line that holds the text, or null. */
export const findInDetail = (
  lines: ReadonlyArray<Line>,
  text: string,
  from: number,
  by: 1 | -1,
): number | null => {
  if (text === "") return null
  const wanted = text.toLowerCase()
  for (let at = from + by; at >= 0 && at < lines.length; at += by) {
    if (textOf(lines[at]!).toLowerCase().includes(wanted)) return at
  }
  return null
}
