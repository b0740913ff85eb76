/**
 * claw eval: figures anyone can have again, of tables of cases, stories, a repository's past and made weeks. Runs without
 * the user's daemon. A flag that the named evaluation does not read is a usage error, never passed over.
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"

/** What each reads, as its usage error says it; null: it makes its own. */
const subjects = {
  policy: "a table of cases",
  corrections: "a table of cases",
  secrets: "a table of cases",
  lockfiles: "a table of cases",
  thoughts: "the folder of a log",
  scenarios: "a folder of stories",
  history: "a repository",
  soak: null,
  learning: null,
} as const
type Name = keyof typeof subjects
const names = Object.keys(subjects) as ReadonlyArray<Name>

const readBy = {
  mutate: ["policy"],
  fuzz: ["policy"],
  seed: ["policy", "scenarios", "soak", "learning"],
  users: ["soak", "learning"],
  days: ["soak", "learning"],
  commits: ["history"],
  only: ["scenarios"],
  jobs: ["scenarios"],
  runs: ["scenarios"],
} as const satisfies Readonly<Record<string, ReadonlyArray<Name>>>
type Choice = keyof typeof readBy

const described = <A>(flag: Flag.Flag<A>, name: Choice, text: string) =>
  flag.pipe(Flag.optional, Flag.withDescription(`${readBy[name].join(", ")}: ${text}`))
const count = (name: Choice, text: string) => described(Flag.Int(name), name, text)

const flags = {
  mutate: count("mutate", "write its rows in other words, so many times, and judge each"),
  fuzz: count("fuzz", "judge so many broken and spliced versions of its commands"),
  seed: count("seed", "what `--mutate`, `--fuzz`, other pauses and made weeks are drawn from (1)"),
  users: count("users", "so many made people, each with a taste of his own (10)"),
  days: count("days", "so many working days each (soak 5, learning 10)"),
  commits: count("commits", "the newest so many commits (20,000)"),
  only: described(
    Flag.String("only").pipe(Flag.withMetavar("name")),
    "only",
    "stories whose name or file holds this",
  ),
  jobs: count("jobs", "so many at once"),
  runs: count("runs", "play each so often, with other pauses; all must come to the same (1)"),
}

/** What is wrong with the flags that were given; null: nothing. */
const wrongFlag = (
  name: Name,
  given: Readonly<Record<Choice, Option.Option<number | string>>>,
): string | null => {
  for (const [flag, of] of Object.entries(readBy) as ReadonlyArray<[Choice, ReadonlyArray<Name>]>) {
    const value = Option.getOrNull(given[flag])
    if (value === null) continue
    if (!of.includes(name)) return `--${flag} is for claw eval ${of.join(" and ")}, not for ${name}`
    if (flag !== "seed" && typeof value === "number" && value < 1) return `--${flag} ${value}: give 1 or more`
  }
  return null
}

export const evaluate = Command.make(
  "eval",
  {
    name: Argument.Literals("name", names).pipe(Argument.withDescription("what is scored")),
    file: Argument.String("file").pipe(
      Argument.withDescription(
        "a table of cases; thoughts, learning: the folder of a log; scenarios: a folder of stories; history: a repository; soak: none",
      ),
      Argument.optional,
    ),
    ...flags,
    json: jsonFlag,
  },
  Effect.fn(function* ({ name, file, json: asJson, ...given }) {
    const { cwd, entry } = yield* Invocation
    const wrong = wrongFlag(name, given)
    if (wrong !== null) return yield* usage(wrong)
    const subject = subjects[name]
    const at = Option.getOrNull(Option.map(file, (path) => resolve(cwd, path)))
    if (name === "soak" && at !== null) return yield* usage("soak takes no file: its weeks are made")
    if (subject !== null && at === null) return yield* usage(`claw eval ${name} FILE: name ${subject}`)
    if (at !== null && !existsSync(at)) return yield* fail(`${at}: there is no such file or folder`)
    const numbers = {
      seed: Option.getOrElse(given.seed, () => 1),
      mutate: Option.getOrNull(given.mutate),
      fuzz: Option.getOrNull(given.fuzz),
      users: Option.getOrElse(given.users, () => 10),
      days: Option.getOrNull(given.days),
      commits: Option.getOrNull(given.commits),
      jobs: Option.getOrNull(given.jobs),
      runs: Option.getOrElse(given.runs, () => 1),
    }
    if (name === "scenarios") {
      const { runScenarios } = yield* Effect.promise(() => import("../scenarios/run.ts"))
      const only = Option.getOrNull(given.only)
      return yield* runScenarios({ ...numbers, only, dir: at!, json: asJson })
    }
    const scored =
      name === "history" || name === "soak" || name === "learning"
        ? Effect.promise(() => import("../../daemon/eval/measures.ts")).pipe(
            Effect.flatMap(({ runMeasure }) => runMeasure(name, { ...numbers, at }, entry)),
          )
        : Effect.promise(() => import("../../daemon/eval/run.ts")).pipe(
            Effect.flatMap(({ runEval }) => runEval(name, at!, numbers, entry)),
          )
    const { report, text } = yield* scored.pipe(Effect.mapError((error) => fail(error.message)))
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
