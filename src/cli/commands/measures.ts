/** claw eval, bench, demo: figures anyone can have again. All run without the user's daemon. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import type { BenchRow } from "../../domain/bench.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"

export const evaluate = Command.make(
  "eval",
  {
    name: Argument.Literals("name", [
      "policy",
      "corrections",
      "secrets",
      "lockfiles",
      "thoughts",
      "scenarios",
      "history",
      "soak",
      "learning",
    ]),
    file: Argument.String("file").pipe(
      Argument.withDescription(
        "a table of cases; thoughts, learning: the folder of a log; scenarios: a folder of stories; history: a repository; soak: none",
      ),
      Argument.optional,
    ),
    mutate: Flag.Int("mutate").pipe(
      Flag.optional,
      Flag.withDescription("policy: write its rows in other words, so many times, and judge each"),
    ),
    fuzz: Flag.Int("fuzz").pipe(
      Flag.optional,
      Flag.withDescription("policy: judge so many broken and spliced versions of its commands"),
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withDefault(1),
      Flag.withDescription("what `--mutate` and `--fuzz`, other pauses, and made weeks are drawn from"),
    ),
    users: Flag.Int("users").pipe(
      Flag.optional,
      Flag.withDescription("soak, learning: so many made people, each with a taste of his own (10)"),
    ),
    days: Flag.Int("days").pipe(
      Flag.optional,
      Flag.withDescription("soak (5), learning (10): so many working days each"),
    ),
    commits: Flag.Int("commits").pipe(
      Flag.optional,
      Flag.withDescription("history: the newest so many commits"),
    ),
    only: Flag.String("only").pipe(
      Flag.optional,
      Flag.withMetavar("name"),
      Flag.withDescription("scenarios: stories whose name or file holds this"),
    ),
    jobs: Flag.Int("jobs").pipe(Flag.optional, Flag.withDescription("scenarios: so many at once")),
    runs: Flag.Int("runs").pipe(
      Flag.withDefault(1),
      Flag.withDescription("scenarios: play each so often, with other pauses; all must come to the same"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ name, file: given, mutate, fuzz, seed, only, jobs, runs, json: asJson, ...made }) {
    const { cwd, entry } = yield* Invocation
    if (name === "history" || name === "soak" || name === "learning") {
      const { runMeasure } = yield* Effect.promise(() => import("../../daemon/eval/measures.ts"))
      const choice = {
        at: Option.getOrNull(Option.map(given, (path) => resolve(cwd, path))),
        seed,
        users: Option.getOrElse(made.users, () => 10),
        days: Option.getOrNull(made.days),
        commits: Option.getOrNull(made.commits),
      }
      if (name === "soak" && choice.at !== null) return yield* usage("soak takes no file: its weeks are made")
      if (name === "history" && choice.at === null) return yield* usage("which repository?")
      const { report, text } = yield* runMeasure(name, choice, entry).pipe(
        Effect.mapError((error) => fail(error.message)),
      )
      return yield* asJson ? json(report) : Console.log(neutraliseLines(text))
    }
    const file = yield* Option.match(given, {
      onNone: () => usage("which file?"),
      onSome: (path) => Effect.succeed(path),
    })
    if (name === "scenarios") {
      const { runScenarios } = yield* Effect.promise(() => import("../scenarios/run.ts"))
      const choice = { only: Option.getOrNull(only), jobs: Option.getOrNull(jobs), runs, seed }
      if (runs < 1 || (choice.jobs ?? 1) < 1) return yield* usage("--runs and --jobs are 1 or more")
      return yield* runScenarios({ ...choice, dir: resolve(cwd, file), json: asJson })
    }
    if (Option.isSome(only) || Option.isSome(jobs) || runs !== 1)
      return yield* usage("--only, --jobs and --runs are for scenarios")
    const { runEval } = yield* Effect.promise(() => import("../../daemon/eval/run.ts"))
    const run = { mutate: Option.getOrNull(mutate), fuzz: Option.getOrNull(fuzz), seed }
    if (name !== "policy" && (run.mutate !== null || run.fuzz !== null))
      return yield* usage("--mutate and --fuzz are for policy tables")
    const { report, text } = yield* runEval(name, resolve(cwd, file), run, entry).pipe(
      Effect.mapError((error) => fail(error.message)),
    )
    yield* asJson ? json(report) : Console.log(neutraliseLines(text))
  }),
).pipe(
  Command.withDescription("score a table of cases, a repository's past, made weeks, or what was learned"),
  Command.withExamples([
    { command: "claw eval policy cases.jsonl --json", description: "leaks, under-blocks, nuisances" },
    { command: "claw eval policy cases.jsonl --mutate 100000", description: "the same rows in other words" },
    { command: "claw eval scenarios scenarios", description: "timed stories, played by the real daemon" },
    { command: "claw eval thoughts ~/.local/share/claw/log", description: "what situations asked of models" },
    {
      command: "claw eval history .",
      description: "a repository's commits: would the next one have mended it?",
    },
    { command: "claw eval soak", description: "made weeks of bursts: what was shown, and how it was taken" },
    { command: "claw eval learning", description: "what was learned of the user, against not learning" },
  ]),
)

export const bench = Command.make(
  "bench",
  {
    name: Argument.String("name").pipe(
      Argument.withDescription(
        "log, fs, hooks, shell, loop, sandbox, gate, mind, start, tui, idle; all without one",
      ),
      Argument.optional,
    ),
    quick: Flag.Boolean("quick").pipe(
      Flag.withDefault(false),
      Flag.withDescription("smaller runs, coarser figures"),
    ),
    events: Flag.Int("events").pipe(
      Flag.optional,
      Flag.withDescription("events in the logs that `log` reads"),
    ),
    log: Flag.String("log").pipe(
      Flag.optional,
      Flag.withDescription("folder of a log: `tui` measures the timeline over a copy of it"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ name, quick, events, log, json: asJson }) {
    const { cwd } = yield* Invocation
    const { runBench } = yield* Effect.promise(() => import("../bench/run.ts"))
    const choice = {
      name: Option.getOrNull(name),
      quick,
      events: Option.getOrNull(events),
      log: Option.getOrNull(Option.map(log, (folder) => resolve(cwd, folder))),
    }
    yield* runBench(choice, (row) => (asJson ? json({ v: 1, ...row }) : Console.log(showRow(row))))
  }),
).pipe(
  Command.withDescription("the benchmarks, each beside its peer or limit in the same run"),
  Command.withExamples([
    { command: "claw bench log --json", description: "append and scan beside raw lmdb" },
  ]),
)

const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString()

const showRow = (row: BenchRow): string => {
  const beside =
    row.peer === null
      ? `limit ${figure(row.goal)}`
      : row.ratio === null
        ? `${row.peer}, goal ${figure(row.goal)}`
        : `${row.peer} ${figure(row.peerValue ?? 0)}, ratio ${figure(row.ratio)}, goal ${figure(row.goal)}`
  const note = row.note === undefined ? "" : ` (${row.note})`
  return `${row.met ? "met   " : "MISSED"} ${row.name}: ${figure(row.claw)} ${row.unit}, ${beside}${note}`
}

export const demo = Command.make(
  "demo",
  {
    script: Flag.Boolean("script").pipe(
      Flag.withDefault(false),
      Flag.withDescription("without a terminal: print what happens"),
    ),
    fast: Flag.Boolean("fast").pipe(
      Flag.withDefault(false),
      Flag.withDescription("do not pause between the steps for a reader"),
    ),
  },
  Effect.fn(function* ({ script, fast }) {
    const invocation = yield* Invocation
    const { runDemo } = yield* Effect.promise(() => import("../demo.ts"))
    yield* runDemo({ script: script || !invocation.interactive, fast })
  }),
).pipe(
  Command.withDescription(
    "a throw-away repository with a live story: real daemon, real events, real suggestions",
  ),
  Command.withExamples([{ command: "claw demo --script", description: "two minutes, printed" }]),
)
