/** claw reflex: list, check, test. Without the daemon, but for how each stands; rule files of the user and of this folder count as they stand. */
import { Console, Effect, Schema, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { resolve } from "node:path"
import { ExampleData } from "../../config/correctionRules.ts"
import { ReflexExample, type SituationName, situationNames } from "../../config/reflexRules.ts"
import type { RuleStanding } from "../../rpc/attention.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { counted, json, safe, table } from "../output.ts"
import { stdinLines } from "../stdinLines.ts"
import { Session } from "../Session.ts"

const offline = Effect.promise(() => import("../../daemon/reflexesOffline.ts"))

/** By reflex; none where no daemon runs. */
const standingsNow = Effect.gen(function* () {
  const session = yield* Session
  if (!(yield* session.isRunning)) return new Map<string, RuleStanding>()
  const client = yield* session.attach
  const rows = yield* orExit(client.Standings())
  return new Map(rows.map((row) => [row.rule, row]))
})

const list = Command.make(
  "list",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const { directories, cwd } = yield* Invocation
    const listed = yield* (yield* offline).listReflexes(directories, cwd)
    const stands = yield* standingsNow
    const rows = listed.map((row) => ({ ...row, standing: stands.get(row.reflex) ?? null }))
    if (asJson) return yield* Effect.forEach(rows, json, { discard: true })
    yield* Console.log(
      table(
        rows.map(({ rule, reflex, tier, file, data, reason, standing, when }) => [
          safe(rule),
          safe(reflex),
          tier,
          data ? "data" : "code",
          when.join(", "),
          standing === null ? "" : `${standing.state}, ${standing.shown} shown, ${standing.kept} kept`,
          safe(reason ?? file ?? ""),
        ]),
      ),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "every rule with the reflex that speaks for it, what it waits for and how it stands: shipped, your own, this folder's",
  ),
  Command.withExamples([{ command: "claw reflex list", description: "your own first, then what ships" }]),
)

const files = Argument.String("file").pipe(Argument.variadic())

const check = Command.make(
  "check",
  { file: files },
  Effect.fn(function* ({ file }) {
    const { directories, cwd } = yield* Invocation
    const paths = file.map((path) => resolve(cwd, path))
    const { rules, examples, problems } = yield* (yield* offline).checkReflexes(directories, cwd, paths)
    yield* Effect.forEach(problems, (problem) => Console.error(safe(problem)), { discard: true })
    if (problems.length > 0) return yield* fail(counted(problems.length, "problem"))
    yield* Console.log(`no problem found: ${counted(rules, "rule")}, ${counted(examples, "example")}`)
  }),
).pipe(
  Command.withDescription("load rule files and run their examples; without one: your own and this folder's"),
  Command.withExamples([
    { command: "claw reflex check .claw/reflexes/team.toml", description: "before you commit it" },
  ]),
)

const strict = { onExcessProperty: "error" } as const
const decodeJson = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Unknown))
const decodeFailed = Schema.decodeUnknownEffect(ExampleData, strict)
const decodeSituation = Schema.decodeUnknownEffect(
  Schema.Struct({ when: Schema.Literals(situationNames), ...ReflexExample.fields }),
  strict,
)

type Case =
  | { readonly failed: ExampleData }
  | { readonly when: SituationName; readonly example: ReflexExample }

/** A situation where it says which, else a failed command. */
const decodeLine = Effect.fnUntraced(function* (text: string) {
  const value = yield* decodeJson(text)
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "when")) {
    const only: Case = { failed: yield* decodeFailed(value) }
    return only
  }
  const { when, ...example } = yield* decodeSituation(value)
  const made: Case = { when, example }
  return made
})

const proposals = stdinLines(decodeLine, "failed command and no situation").pipe(
  Stream.runForEach((cases) =>
    Effect.gen(function* () {
      const { directories, cwd } = yield* Invocation
      const { tryReflexes, trySituations } = yield* offline
      const failed = cases.flatMap((each) => ("failed" in each ? [each.failed] : []))
      const situations = cases.flatMap((each) => ("failed" in each ? [] : [each]))
      const proposed = (yield* tryReflexes(directories, cwd, failed)).values()
      const said = (yield* trySituations(directories, cwd, situations)).values()
      for (const each of cases) yield* json(("failed" in each ? proposed : said).next().value)
    }),
  ),
)

const test = Command.make(
  "test",
  { file: files },
  Effect.fn(function* ({ file }) {
    if (file.length === 0) return yield* proposals
    const { directories, cwd } = yield* Invocation
    const paths = file.map((path) => resolve(cwd, path))
    const { rules, examples, problems } = yield* (yield* offline).checkReflexes(directories, cwd, paths)
    yield* Effect.forEach(problems, (problem) => Console.log(safe(problem)), { discard: true })
    yield* Console.log(
      `${counted(rules, "rule")}, ${counted(examples, "example")}, ${counted(problems.length, "problem")}`,
    )
    if (problems.length > 0) return yield* fail(counted(problems.length, "problem"))
  }),
).pipe(
  Command.withDescription(
    "run the examples of rule files; without one: read failed commands and situations as JSON lines on stdin, print what would be said",
  ),
  Command.withExamples([
    { command: "claw reflex test .claw/reflexes/team.toml", description: "its examples" },
    {
      command: `echo '{"command":"gti status","exit":127,"programs":["git"]}' | claw reflex test`,
      description: "one command",
    },
    {
      command: `echo '{"when":"head.moved","how":"pull","files":["migrations/1.sql"]}' | claw reflex test`,
      description: "one situation",
    },
  ]),
)

export const reflex = Command.make("reflex").pipe(
  Command.withDescription("the rules that answer without a model: list, check, test"),
  Command.withSubcommands([list, check, test]),
)
