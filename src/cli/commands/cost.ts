/** claw cost: what models cost, added up from the log, and what it bought. */
import { Clock, Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { CostReport, CostRow } from "../../domain/costReport.ts"
import { parsePoint } from "../durations.ts"
import { orExit } from "../errors.ts"
import { usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

/** Small sums are told as exactly as they are paid. */
const dollars = (usd: number): string =>
  usd === 0 ? "$0" : usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(3))}`

const tokens = (count: number): string =>
  count >= 1e6 ? `${(count / 1e6).toFixed(1)}M` : count >= 1e4 ? `${Math.round(count / 1e3)}k` : String(count)

const boughtText = ({ kept, keptPerUsd }: Pick<CostRow, "kept" | "keptPerUsd">): string =>
  kept === null
    ? ""
    : keptPerUsd === null
      ? `${kept} kept`
      : `${kept} kept (${Number(keptPerUsd.toPrecision(3))} a dollar)`

const cells = (name: string, row: Omit<CostRow, "key">): ReadonlyArray<string> => [
  name,
  `${dollars(row.usd)}${row.unpriced === 0 ? "" : ` + ${row.unpriced} unpriced`}`,
  `${row.answered} calls${row.failed === 0 ? "" : `, ${row.failed} failed`}`,
  `in ${tokens(row.input)}`,
  `out ${tokens(row.output)}`,
  `cache read ${tokens(row.cacheRead)}`,
  `written ${tokens(row.cacheWrite)}`,
  boughtText(row),
]

const showCosts = ({ open, rows, total }: CostReport, colour: Paint): string => {
  const lines = table([
    ...rows.map(({ key, ...row }) => cells(safe(key === "-" ? "(none)" : key), row)),
    cells("total", total),
  ])
  const under =
    open.calls === 0 ? [] : [colour("dim", `${open.calls} under way, ${dollars(open.worstUsd)} at worst`)]
  return [lines, ...under].join("\n")
}

export const cost = Command.make(
  "cost",
  {
    by: Flag.Literals("by", ["day", "rule", "session", "model", "purpose"]).pipe(
      Flag.withDefault("day" as const),
      Flag.withDescription("what to add up by"),
    ),
    since: Flag.String("since").pipe(
      Flag.withMetavar("TIME"),
      Flag.withDescription("an ISO time, or a duration such as 7d"),
      Flag.optional,
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ by, json: asJson, since }) {
    const nowMs = yield* Clock.currentTimeMillis
    const point = Option.isNone(since) ? null : parsePoint(since.value, nowMs)
    if (Option.isSome(since) && (point === null || "seq" in point)) {
      return yield* usage(
        `--since ${JSON.stringify(since.value)}: give an ISO time, or a duration such as 7d`,
      )
    }
    const client = yield* (yield* Session).attach
    const atMs = point !== null && "atMs" in point ? point.atMs : null
    const report = yield* orExit(client.Costs({ by, since: atMs }))
    if (asJson) return yield* json(report)
    if (report.rows.length === 0 && report.open.calls === 0)
      return yield* Console.log("no model was asked anything")
    yield* Console.log(showCosts(report, yield* paint))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what models cost, and what it bought"),
  Command.withExamples([
    { command: "claw cost --by rule --since 7d", description: "which rules are worth their money" },
    { command: "claw cost --by model --json", description: "for a program" },
  ]),
)
