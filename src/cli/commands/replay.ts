/**
 * claw replay: the decider over the past, to see that every decision and every prompt is the same; or other rules, reflexes or attention
 * over it, to see what they would have done. Nothing is acted on.
 */
import { Console, Effect, Option, Result } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { Problem } from "../../config/problems.ts"
import { backtests, follow } from "../backtests.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { ReplayReport } from "../../rpc/shapes.ts"
import { counted, json, paint, safe } from "../output.ts"
import { showAttention, showPolicy, showReflexes } from "../showBacktest.ts"

const settingsPart = Effect.promise(() => import("../../config/settingsPart.ts"))

interface Wanted {
  readonly from: number | null
  readonly to: number | null
  readonly json: boolean
}

const read = Effect.fnUntraced(function* (path: string) {
  const { cwd } = yield* Invocation
  const file = resolve(cwd, path)
  const text = yield* Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) => fail(`${file} cannot be read: ${(error as Error).message}`),
  })
  return { file, text, named: path }
})

const orProblems = Effect.fnUntraced(function* <A>(result: Result.Result<A, ReadonlyArray<Problem>>) {
  if (Result.isSuccess(result)) return result.success
  const { showProblem } = yield* Effect.promise(() => import("../../config/problems.ts"))
  yield* Effect.forEach(result.failure, (problem) => Console.error(safe(showProblem(problem))), {
    discard: true,
  })
  return yield* fail(counted(result.failure.length, "problem"))
})

const showPrompts = ({ calls, changed, erased, otherVersion, same }: ReplayReport["prompts"]): string =>
  [
    `${calls} calls of models, ${same} prompts made again byte for byte`,
    ...(changed === 0 ? [] : [`${changed} changed`]),
    ...(otherVersion === 0 ? [] : [`${otherVersion} made by another version of Claw and otherwise today`]),
    ...(erased === 0 ? [] : [`${erased} erased in part`]),
  ].join(", ")

const showReplay = ({ decisions, erased, events, otherRules, prompts, same }: ReplayReport): string =>
  [
    `${events} events folded, ${decisions} decisions${same ? ": every one the same" : ""}${same && otherRules.length > 0 ? ", but for those of other rules" : ""}`,
    ...otherRules.map(
      (other) =>
        `events ${other.from} to ${other.to}: decided by other rules (claw ${other.version}, registry ${other.rules}); ${other.differing} of ${other.decisions} decisions would be otherwise today`,
    ),
    ...(prompts.calls === 0 ? [] : [showPrompts(prompts)]),
    ...(erased === 0 ? [] : [`${erased} payloads are erased: what rested on them is not decided again`]),
  ].join("\n")

const decisions = Effect.fnUntraced(function* ({ from, to, json: asJson }: Wanted) {
  const client = yield* backtests
  const report = yield* follow("replay", client.ReplayPast({ from, to }))
  if (asJson) yield* json(report)
  else yield* Console.log(neutraliseLines(showReplay(report)))
  if (report.difference !== null) {
    const { seq, expected, found } = report.difference
    const { erasedFrom } = report
    const erasure =
      erasedFrom !== null && erasedFrom < seq
        ? `\n  payloads from event ${erasedFrom} on are erased, which alone may be why`
        : ""
    return yield* fail(`seq ${seq} differs\n  replayed: ${expected}\n  in the log: ${found}${erasure}`)
  }
  if (report.prompts.firstChanged !== null) {
    const { call, changes, seq } = report.prompts.firstChanged
    return yield* fail(
      `seq ${seq}: the prompt is not the one that was asked in ${call}: ${changes.join("; ")}\n  what builds prompts changed since, or the log did`,
    )
  }
})

/** These files in the place of the user's own rules; without any, the rules in force. */
export const backtestPolicy = Effect.fnUntraced(function* (paths: ReadonlyArray<string>, wanted: Wanted) {
  const { directories } = yield* Invocation
  const files = yield* Effect.forEach(paths, read)
  if (files.length > 0) {
    const { checkPolicies } = yield* Effect.promise(() => import("../../daemon/offline.ts"))
    const problems = yield* checkPolicies(
      directories,
      files.map(({ file }) => file),
    )
    yield* Effect.forEach(problems, (problem) => Console.error(safe(problem)), { discard: true })
    if (problems.length > 0) return yield* fail(counted(problems.length, "problem"))
  }
  const client = yield* backtests
  const { from, to } = wanted
  // rules are named as the file was
  const named = files.map((file) => ({ file: file.named, text: file.text }))
  const ask = { from, to, rows: wanted.json, files: files.length === 0 ? null : named }
  const summary = yield* follow("backtest", client.BacktestPolicy(ask))
  yield* wanted.json
    ? json({ v: 1, kind: "summary", ...summary })
    : Console.log(showPolicy(summary, yield* paint))
})

const backtestReflexes = Effect.fnUntraced(function* (
  file: string | null,
  off: ReadonlyArray<string>,
  wanted: Wanted,
) {
  const { readReflexes } = yield* settingsPart
  const given = file === null ? null : yield* read(file)
  const part = given === null ? null : yield* orProblems(readReflexes(given.file, given.text))
  const client = yield* backtests
  const { from, to } = wanted
  const disable = [...(part?.disabledReflexes ?? []), ...off]
  const ask = { from, to, rows: wanted.json, disable, only: part !== null }
  const summary = yield* follow("backtest", client.BacktestReflexes(ask))
  yield* wanted.json
    ? json({ v: 1, kind: "summary", ...summary })
    : Console.log(showReflexes(summary, yield* paint))
})

const backtestAttention = Effect.fnUntraced(function* (path: string, wanted: Wanted) {
  const { readAttention } = yield* settingsPart
  const { file, text } = yield* read(path)
  const settings = yield* orProblems(readAttention(file, text))
  const client = yield* backtests
  const { from, to } = wanted
  const summary = yield* follow(
    "backtest",
    client.BacktestAttention({ from, to, rows: wanted.json, settings }),
  )
  yield* wanted.json
    ? json({ v: 1, kind: "summary", ...summary })
    : Console.log(showAttention(summary, yield* paint))
})

export const replay = Command.make(
  "replay",
  {
    from: Flag.Int("from").pipe(
      Flag.withMetavar("SEQ"),
      Flag.withDescription("the first event that counts"),
      Flag.optional,
    ),
    to: Flag.Int("to").pipe(Flag.withMetavar("SEQ"), Flag.withDescription("the last one"), Flag.optional),
    policy: Flag.String("policy").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("rules in the place of your own: what they would have allowed, asked and denied"),
      Flag.optional,
    ),
    reflexes: Flag.Boolean("reflexes").pipe(
      Flag.withDefault(false),
      Flag.withDescription("today's reflexes; with FILE, only what its disabledReflexes names is off"),
    ),
    disable: Flag.String("disable").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("with --reflexes: this one off"),
      Flag.atLeast(0),
    ),
    attention: Flag.String("attention").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription(
        "other attention settings, TOML or JSON: perHour, burst, quietAfterEditMs, awayAfterMs, quietHours, bar, learn, costs",
      ),
      Flag.optional,
    ),
    file: Argument.String("file").pipe(
      Argument.withDescription("with --reflexes: settings with disabledReflexes"),
      Argument.optional,
    ),
    json: jsonFlag,
  },
  Effect.fn(function* (flags) {
    const wanted = {
      from: Option.getOrNull(flags.from),
      to: Option.getOrNull(flags.to),
      json: flags.json,
    }
    if (wanted.from !== null && wanted.to !== null && wanted.from > wanted.to)
      return yield* usage(`--from ${wanted.from} is behind --to ${wanted.to}: there is nothing between them`)
    const kinds = [Option.isSome(flags.policy), flags.reflexes, Option.isSome(flags.attention)]
    if (kinds.filter(Boolean).length > 1)
      return yield* usage("--policy, --reflexes and --attention are tried one at a time")
    if (!flags.reflexes && (flags.disable.length > 0 || Option.isSome(flags.file)))
      return yield* usage("--disable and FILE go with --reflexes")
    if (Option.isSome(flags.policy)) return yield* backtestPolicy([flags.policy.value], wanted)
    if (flags.reflexes) return yield* backtestReflexes(Option.getOrNull(flags.file), flags.disable, wanted)
    if (Option.isSome(flags.attention)) return yield* backtestAttention(flags.attention.value, wanted)
    return yield* decisions(wanted)
  }, Effect.scoped),
).pipe(
  Command.withDescription("run the decider, or other rules and settings, over the past, without acting"),
  Command.withExamples([
    { command: "claw replay --from 100", description: "compare the decisions from seq 100 on" },
    { command: "claw replay --policy stricter.toml", description: "what these rules would have done" },
    {
      command: "claw replay --reflexes --disable run-again",
      description: "what you would not have been told",
    },
    { command: "claw replay --attention calm.toml", description: "what would have been shown, and when" },
  ]),
)
