/** claw queue, show, why: what waits, one item whole, and how it came to be. */
import { Clock, Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Suggestion } from "../../domain/suggestion.ts"
import type { Detail, PlannedCall, Why } from "../../rpc/shapes.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { orExit } from "../errors.ts"
import { idArgument, jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe } from "../output.ts"
import { Session } from "../Session.ts"

/** The contract's shape of one suggestion. */
const shown = (row: Suggestion) => ({
  v: 1,
  id: row.id,
  state: row.state,
  mode: row.mode,
  title: row.title,
  rule: row.rule,
  fingerprint: row.fingerprint,
  risk: row.risk,
  urgent: row.urgent,
  evidence: row.evidence,
  actions: row.actions.map(({ tool, input, verdict, rule, file }) => ({ tool, input, verdict, rule, file })),
  createdAt: row.createdAt,
  visibleAt: row.visibleAt,
  expiresAt: row.expiresAt,
  workspace: row.workspace,
  note: row.note,
})

const headline = (row: Suggestion, colour: Paint): string =>
  [
    colour("bold", row.id),
    row.urgent ? colour("red", "urgent") : row.mode,
    row.state === "pending" ? "" : row.state,
    safe(row.title),
  ]
    .filter((part) => part !== "")
    .join("  ")

export const queue = Command.make(
  "queue",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also what waits, and what ended in the last day"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const rows = yield* orExit(client.Queue({ all }))
    if (asJson) return yield* Effect.forEach(rows, (row) => json(shown(row)), { discard: true })
    const colour = yield* paint
    yield* Console.log(
      rows.length === 0
        ? "nothing to see"
        : rows
            .map(
              (row) =>
                `${headline(row, colour)}${row.note === null ? "" : colour("dim", `  (${safe(row.note)})`)}`,
            )
            .join("\n"),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("what waits for an answer"),
  Command.withExamples([{ command: "claw queue --json", description: "for other programs" }]),
)

const verdictColour = { allow: "green", audit: "green", ask: "yellow", deny: "red" } as const

export const showPlan = (plan: PlannedCall, colour: Paint): string =>
  [
    `  ${colour("bold", safe(plan.summary))}`,
    `    ${colour(verdictColour[plan.verdict.verdict], plan.verdict.verdict)} by ${safe(plan.verdict.rule)} (${safe(plan.verdict.file)}:${plan.verdict.line}): ${safe(plan.verdict.reason)}`,
    `    ${plan.sandbox === "bubblewrap" ? "in the sandbox" : plan.sandbox === "none" ? colour("yellow", "WITHOUT a sandbox") : "no process"}, ${plan.undoable ? "can be undone" : `cannot be undone${plan.undoReason === null ? "" : `: ${safe(plan.undoReason)}`}`}`,
    ...(plan.problem === null ? [] : [`    ${colour("red", safe(plan.problem))}`]),
    ...(plan.preview === null
      ? []
      : neutraliseLines(plan.preview)
          .split("\n")
          .map((text) => `    ${diffLine(text, colour)}`)),
  ].join("\n")

const diffLine = (text: string, colour: Paint): string =>
  text.startsWith("+") ? colour("green", text) : text.startsWith("-") ? colour("red", text) : text

export const showDetail = (detail: Detail, colour: Paint): string => {
  const { suggestion } = detail
  return [
    headline(suggestion, colour),
    `  rule ${suggestion.rule}, risk ${suggestion.risk}${suggestion.tainted ? ", rests on outside text" : ""}`,
    ...(suggestion.note === null ? [] : [`  ${safe(suggestion.note)}`]),
    "why",
    ...suggestion.why.map(
      (reason) => `  ${safe(reason.text)}${reason.seq === null ? "" : colour("dim", `  [${reason.seq}]`)}`,
    ),
    ...(detail.plans.length === 0 ? [] : ["what"]),
    ...detail.plans.map((plan) => showPlan(plan, colour)),
  ].join("\n")
}

export const show = Command.make(
  "show",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const detail = yield* orExit(client.Show({ id }))
    if (asJson)
      return yield* json({ ...shown(detail.suggestion), why: detail.suggestion.why, plans: detail.plans })
    yield* Console.log(showDetail(detail, yield* paint))
  }, Effect.scoped),
).pipe(
  Command.withDescription("one suggestion whole: why, what, verdict"),
  Command.withExamples([{ command: "claw show s_1f0c2b7d9e8a6543", description: "before you approve it" }]),
)

const showWhy = (chain: Why, colour: Paint, nowMs: number): string =>
  [
    ...chain.steps.map(
      (step) =>
        `${colour("dim", String(step.event.seq).padStart(7))}  ${clock(step.event.at, nowMs)}  ${step.role.padEnd(9)} ${colour("bold", step.event.type)}  ${safe(step.text)}`,
    ),
    `cost: $${chain.cost.usd.toFixed(4)}, ${chain.cost.modelCalls} model calls`,
  ].join("\n")

export const why = Command.make(
  "why",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const chain = yield* orExit(client.Why({ id }))
    if (asJson) return yield* json(chain)
    yield* Console.log(showWhy(chain, yield* paint, yield* Clock.currentTimeMillis))
  }, Effect.scoped),
).pipe(
  Command.withDescription("the causal chain of a suggestion, action or event"),
  Command.withExamples([
    { command: "claw why 1234", description: "why event 1234 was followed by what it was" },
  ]),
)
