/** claw policy suggest: the smallest rules that would have spared the most approvals. Writing them is a person's. */
import { Clock, Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { SuggestSummary } from "../../rpc/backtests.ts"
import { backtests, follow } from "../backtests.ts"
import { parsePoint } from "../durations.ts"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { counted, json, paint, type Paint, safe } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { Session } from "../Session.ts"
import { callText } from "../showBacktest.ts"

const fates: Readonly<Record<string, string>> = {
  rejected: "which you rejected",
  undone: "which you took back",
  denied: "which was denied",
}

const ending = ({ approvals, held, rules, spared }: SuggestSummary): ReadonlyArray<string> => [
  approvals === 0
    ? "Nothing was approved so far: there is nothing to learn from it yet."
    : rules.length === 0
      ? `No rule would have spared any of ${counted(approvals, "approval")} without being a coincidence, or allowing what you did not want.`
      : `${counted(rules.length, "rule")} would have spared ${spared} of ${counted(approvals, "approval")}, and allowed nothing that was rejected, taken back or denied.`,
  ...(held === 0
    ? []
    : [
        `${counted(held, "more approval")} rested on text an outsider could have written; --tainted proposes rules that speak of such by name.`,
      ]),
]

const show = (summary: SuggestSummary, colour: Paint): string =>
  [
    ...summary.rules.flatMap((rule) => [
      colour(
        "dim",
        `# spares ${rule.spared} of ${counted(summary.approvals, "approval")}, speaks of ${counted(rule.calls, "call")}`,
      ),
      colour(
        "dim",
        rule.nearest === null
          ? "# nothing like it was ever unwanted"
          : `# nearest unwanted: ${callText(rule.nearest)}, ${fates[rule.nearest.fate] ?? rule.nearest.fate}`,
      ),
      ...rule.text.split("\n").map((line) => safe(line)),
    ]),
    ...ending(summary).map((line) => colour("bold", line)),
  ].join("\n")

const write = Effect.fnUntraced(function* (summary: SuggestSummary) {
  const { directories } = yield* Invocation
  const { suggestedFile, writeRules } = yield* Effect.promise(() => import("../../daemon/writeRules.ts"))
  const question = `Add ${summary.rules.length === 1 ? "this rule" : `these ${summary.rules.length} rules`} to ${suggestedFile}?`
  if (!(yield* confirm(question))) return yield* Console.error("left as it was")
  const { file, problems } = yield* Effect.mapError(writeRules(directories, summary.text), (error) =>
    fail(error.message),
  )
  if (problems.length > 0)
    return yield* fail(`nothing was written, because there would be problems:\n${problems.join("\n")}`)
  const session = yield* Session
  const running = yield* session.isRunning
  const notes = running ? yield* Effect.flatMap(session.attach, (client) => orExit(client.ReloadRules())) : []
  yield* Console.log(
    `written to ${safe(file)}${running && notes.length === 0 ? " and in force" : ""}; claw policy list shows what is in force`,
  )
  yield* Effect.forEach(notes, (note) => Console.error(safe(note)), { discard: true })
})

export const suggest = Command.make(
  "suggest",
  {
    since: Flag.String("since").pipe(
      Flag.withMetavar("SEQ|TIME"),
      Flag.withDescription("only what was decided since then: a seq, 7d, an ISO time"),
      Flag.optional,
    ),
    tainted: Flag.Boolean("tainted").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also rules that name chains resting on text an outsider could have written"),
    ),
    least: Flag.Int("least").pipe(
      Flag.withMetavar("N"),
      Flag.withDefault(2),
      Flag.withDescription("approvals a rule must spare to be proposed"),
    ),
    write: Flag.Boolean("write").pipe(
      Flag.withDefault(false),
      Flag.withDescription("add them to your own rules, after a yes at a terminal"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ since, tainted, least, write: wanted, json: asJson }) {
    if (wanted && asJson)
      return yield* usage("--write asks a person, --json answers a program: give one of them")
    if (least < 1) return yield* usage("--least is at least 1")
    if (wanted) yield* needPerson("changing your rules")
    const text = Option.getOrNull(since)
    const point = text === null ? null : parsePoint(text, yield* Clock.currentTimeMillis)
    if (text !== null && point === null)
      return yield* usage(`--since ${JSON.stringify(text)}: give a seq, a duration such as 7d, or a time`)
    const client = yield* backtests
    const summary = yield* follow("rules", client.SuggestRules({ since: point, tainted, least }))
    if (asJson) return yield* json({ v: 1, ...summary })
    yield* Console.log(show(summary, yield* paint))
    if (wanted && summary.rules.length > 0) yield* write(summary)
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "the smallest rules that would have spared the most approvals, and nothing you refused",
  ),
  Command.withExamples([
    { command: "claw policy suggest --since 7d", description: "TOML, ready to paste" },
    { command: "claw policy suggest --write", description: "added to your own rules after a yes" },
  ]),
)
