/** claw queue, show, why: what waits, one item whole, and how it came to be; the first two also at a past moment. */
import { Clock, Console, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Suggestion } from "../../domain/suggestion.ts"
import type { Detail, Moment, PlannedCall, Why } from "../../rpc/shapes.ts"
import { isVisible } from "../../daemon/statusOf.ts"
import { promptOf } from "../../domain/prompt.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { workspaceHere } from "../conversations.ts"
import { orExit } from "../errors.ts"
import { showQuestion } from "./answer.ts"
import { Exit } from "../Exit.ts"
import { idArgument, jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe } from "../output.ts"
import { asOf, atFlag, pastOf } from "../past.ts"
import { type Client, Session } from "../Session.ts"

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
  ...(row.question === undefined ? {} : { question: row.question }),
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

const visibleThen = ({ at, queue }: Moment, all: boolean): ReadonlyArray<Suggestion> =>
  all || at === null ? queue : queue.filter((row) => isVisible(row, Date.parse(at)))

export const queue = Command.make(
  "queue",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also what waits, and what ended in the last day"),
    ),
    at: atFlag,
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, at, json: asJson }) {
    const past = yield* pastOf(at)
    const rows =
      past === null
        ? yield* orExit((yield* (yield* Session).attach).Queue({ all }))
        : visibleThen(past.moment, all)
    if (asJson) return yield* Effect.forEach(rows, (row) => json(shown(row)), { discard: true })
    const colour = yield* paint
    if (past !== null) yield* Console.log(asOf(past.moment, colour, yield* Clock.currentTimeMillis))
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
  Command.withExamples([
    { command: "claw queue --json", description: "for other programs" },
    { command: "claw queue --at '2026-11-20 14:05'", description: "what waited then" },
  ]),
)

const verdictColour = { allow: "green", audit: "green", ask: "yellow", deny: "red" } as const

const showPlan = (plan: PlannedCall, colour: Paint, workspace: string | null = null): string => {
  const { does, to, undo } = promptOf(plan, workspace)
  return [
    `  ${colour("bold", does)}`,
    `    ${plan.sandbox === "none" ? colour("yellow", to) : to}`,
    `    ${plan.undoable ? undo : colour("yellow", undo)}`,
    `    ${colour(verdictColour[plan.verdict.verdict], plan.verdict.verdict)} by ${safe(plan.verdict.rule)} (${safe(plan.verdict.file)}:${plan.verdict.line}): ${safe(plan.verdict.reason)}`,
    ...(plan.problem === null ? [] : [`    ${colour("red", safe(plan.problem))}`]),
    ...(plan.preview === null
      ? []
      : neutraliseLines(plan.preview)
          .split("\n")
          .map((text) => `    ${diffLine(text, colour)}`)),
  ].join("\n")
}

export const diffLine = (text: string, colour: Paint): string =>
  text.startsWith("+") ? colour("green", text) : text.startsWith("-") ? colour("red", text) : text

const showSuggestion = (suggestion: Suggestion, what: ReadonlyArray<string>, colour: Paint): string =>
  [
    headline(suggestion, colour),
    `  rule ${suggestion.rule}, risk ${suggestion.risk}${suggestion.tainted ? ", rests on outside text" : ""}`,
    ...(suggestion.note === null ? [] : [`  ${safe(suggestion.note)}`]),
    ...(suggestion.question === undefined
      ? []
      : [
          "question",
          ...showQuestion(suggestion.question, colour)
            .split("\n")
            .map((text) => `  ${text}`),
        ]),
    "why",
    ...suggestion.why.map(
      (reason) => `  ${safe(reason.text)}${reason.seq === null ? "" : colour("dim", `  [${reason.seq}]`)}`,
    ),
    ...(what.length === 0 ? [] : ["what"]),
    ...what,
  ].join("\n")

export const showDetail = ({ plans, suggestion }: Detail, colour: Paint): string =>
  showSuggestion(
    suggestion,
    plans.map((plan) => showPlan(plan, colour, suggestion.workspace)),
    colour,
  )

/** The calls as they were proposed, with the gate's word as far as it had spoken. */
const showThen = (suggestion: Suggestion, colour: Paint): string =>
  showSuggestion(
    suggestion,
    suggestion.proposed.map((call, index) => {
      const judged = suggestion.actions[index]
      const verdict =
        judged === undefined
          ? "not judged yet"
          : `${colour(verdictColour[judged.verdict], judged.verdict)} by ${safe(judged.rule)} (${safe(judged.file)}:${judged.line}): ${safe(judged.reason)}`
      return `  ${colour("bold", safe(call.tool))} ${safe(JSON.stringify(call.input))}\n    ${verdict}`
    }),
    colour,
  )

export const show = Command.make(
  "show",
  { id: idArgument, at: atFlag, json: jsonFlag },
  Effect.fn(function* ({ at, id, json: asJson }) {
    const past = yield* pastOf(at)
    if (past !== null) {
      const found = past.moment.queue.find((row) => row.id === id)
      if (found === undefined)
        return yield* new Exit({ reason: "noSuch", message: `no such suggestion then: ${id}` })
      if (asJson) return yield* json({ ...shown(found), why: found.why })
      const colour = yield* paint
      const when = asOf(past.moment, colour, yield* Clock.currentTimeMillis)
      return yield* Console.log(`${when}\n${showThen(found, colour)}`)
    }
    const session = yield* Session
    const client = yield* session.attach
    const detail = yield* orExit(client.Show({ id }))
    if (asJson)
      return yield* json({ ...shown(detail.suggestion), why: detail.suggestion.why, plans: detail.plans })
    yield* Console.log(showDetail(detail, yield* paint))
  }, Effect.scoped),
).pipe(
  Command.withDescription("one suggestion whole: why, what, verdict"),
  Command.withExamples([
    { command: "claw show s_1f0c2b7d9e8a6543", description: "before you approve it" },
    { command: "claw show s_1f0c2b7d9e8a6543 --at 1h", description: "as it was an hour ago" },
  ]),
)

const showWhy = (chain: Why, colour: Paint, nowMs: number): string =>
  [
    ...chain.steps.map(
      (step) =>
        `${colour("dim", String(step.event.seq).padStart(7))}  ${clock(step.event.at, nowMs)}  ${step.role.padEnd(9)} ${colour("bold", step.event.type)}  ${safe(step.text)}`,
    ),
    ...(chain.silence === null ? [] : [`nothing was said: ${safe(chain.silence)}`]),
    ...(chain.taint.length === 0
      ? []
      : [
          colour("yellow", "rests on text an outsider could have written:"),
          ...chain.taint.map(({ seq, text }) => `${colour("dim", String(seq).padStart(7))}  ${safe(text)}`),
        ]),
    `cost: $${chain.cost.usd.toFixed(4)}, ${chain.cost.modelCalls} model calls`,
  ].join("\n")

/** What one may wonder about: what the user last did that Claw could have spoken of. */
const wonderable = ["terminal.command", "git.commit", "git.checkout", "git.staged", "fs.changed"]

const newestOf = Effect.fnUntraced(function* (client: Client) {
  const workspace = yield* workspaceHere(client)
  const query = { workspace, types: wonderable, limit: 1, reverse: true }
  const [event] = (yield* orExit(client.Log({ query, follow: false }).pipe(Stream.runCollect))).flat()
  if (event === undefined)
    return yield* new Exit({ reason: "noSuch", message: "nothing was seen here yet: name an id or a seq" })
  return String(event.seq)
})

export const why = Command.make(
  "why",
  {
    id: Argument.String("id").pipe(
      Argument.withDescription("a suggestion, call, event or seq; left out: what was seen here last"),
      Argument.optional,
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ id, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const named = Option.isSome(id) ? id.value : yield* newestOf(client)
    const chain = yield* orExit(client.Why({ id: named }))
    if (asJson) return yield* json(chain)
    yield* Console.log(showWhy(chain, yield* paint, yield* Clock.currentTimeMillis))
  }, Effect.scoped),
).pipe(
  Command.withDescription("why something was suggested, done, or not said: the causal chain"),
  Command.withExamples([
    { command: "claw why", description: "why nothing was said of what you just did" },
    { command: "claw why 1234", description: "why event 1234 was followed by what it was" },
  ]),
)
