/** claw digest: what was kept back and why, what Claw was silent about, and how the rules stand. */
import { Clock, Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Digest, RuleStanding } from "../../rpc/attention.ts"
import { workspaceHere } from "../conversations.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const percent = (share: number | null): string => (share === null ? "" : `${Math.round(share * 100)} %`)

const stateText = ({ state, until }: RuleStanding, nowMs: number): string =>
  until === null ? state : `${state} until ${clock(until, nowMs)}`

const standingTable = (rules: ReadonlyArray<RuleStanding>, colour: Paint, nowMs: number): string =>
  table([
    ["rule", "", "made", "shown", "kept", "", "next"].map((name) => colour("dim", name)),
    ...rules.map((row) => [
      colour("bold", safe(row.rule)),
      row.state === "silent" ? colour("yellow", row.state) : stateText(row, nowMs),
      String(row.made),
      String(row.shown),
      String(row.kept),
      percent(row.precision),
      percent(row.keep),
    ]),
  ])

const showDigest = (digest: Digest, colour: Paint, nowMs: number): string => {
  const { calibrationError, rules, silences, visible, waiting } = digest
  const kept = waiting.flatMap((row) => [
    `  ${colour("bold", row.id)}  ${safe(row.title)}`,
    `    ${colour("dim", safe(row.note ?? "being judged"))}`,
  ])
  return [
    waiting.length === 0 ? "nothing was kept back" : `kept back (${waiting.length})`,
    ...kept,
    ...(visible === 0 ? [] : [`${visible} to see already: claw queue`]),
    ...(silences.length === 0
      ? []
      : [
          "",
          "silent in the last day",
          ...silences.map(
            ({ count, reason, rule, seq }) =>
              `  ${String(count).padStart(4)}  ${rule === "none" ? "" : `${safe(rule)}: `}${safe(reason)} ${colour("dim", `[claw why ${seq}]`)}`,
          ),
        ]),
    ...(rules.length === 0 ? [] : ["", standingTable(rules, colour, nowMs)]),
    ...(calibrationError === null ? [] : [`forecasts were off by ${percent(calibrationError)} on average`]),
  ].join("\n")
}

export const digest = Command.make(
  "digest",
  {
    peek: Flag.Boolean("peek").pipe(
      Flag.withDefault(false),
      Flag.withDescription("only look: what is kept back stays so"),
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("of all workspaces, not only of this one"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, json: asJson, peek }) {
    const session = yield* Session
    const client = yield* session.attach
    const workspace = all ? null : yield* workspaceHere(client)
    const token = yield* session.token
    const found = yield* orExit(client.Digest({ token, surface: "cli", workspace, peek }))
    if (asJson) return yield* json(found)
    yield* Console.log(showDigest(found, yield* paint, yield* Clock.currentTimeMillis))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what was kept back and why, and how the rules stand"),
  Command.withExamples([
    { command: "claw digest", description: "see now what waits for a better moment" },
    { command: "claw digest --peek --json", description: "for other programs; changes nothing" },
  ]),
)
