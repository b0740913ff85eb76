/** claw reflex: list, check, test. Without the daemon; rule files of the user and of this folder count as they stand. */
import { Console, Effect, Schema, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { resolve } from "node:path"
import { ExampleData } from "../../config/correctionRules.ts"
import { linesOf } from "../../domain/lines.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, safe, table } from "../output.ts"

const offline = Effect.promise(() => import("../../daemon/reflexesOffline.ts"))

const list = Command.make(
  "list",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const { directories, cwd } = yield* Invocation
    const rows = yield* (yield* offline).listReflexes(directories, cwd)
    if (asJson) return yield* Effect.forEach(rows, json, { discard: true })
    yield* Console.log(
      table(
        rows.map(({ rule, reflex, tier, file, data, reason }) => [
          safe(rule),
          safe(reflex),
          tier,
          data ? "data" : "code",
          safe(reason ?? file ?? ""),
        ]),
      ),
    )
  }),
).pipe(
  Command.withDescription("every rule with the reflex that speaks for it: shipped, your own, this folder's"),
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
    if (problems.length > 0) return yield* fail(`${problems.length} problems`)
    yield* Console.log(`no problem found: ${rules} rules, ${examples} examples`)
  }),
).pipe(
  Command.withDescription("load rule files and run their examples; without one: your own and this folder's"),
  Command.withExamples([
    { command: "claw reflex check .claw/reflexes/team.toml", description: "before you commit it" },
  ]),
)

const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(ExampleData), {
  onExcessProperty: "error",
})

const stdinLines = Stream.suspend(() =>
  Stream.fromAsyncIterable(linesOf(process.stdin.setEncoding("utf8") as AsyncIterable<string>), (cause) =>
    fail(`stdin: ${String(cause)}`),
  ),
)

const proposals = stdinLines.pipe(
  Stream.zipWithIndex,
  Stream.filter(([text]) => text.trim() !== ""),
  Stream.mapEffect(([text, index]) =>
    decodeLine(text).pipe(
      Effect.mapError((error) => usage(`stdin:${index + 1}: this is no failed command: ${error.message}`)),
    ),
  ),
  Stream.grouped(256),
  Stream.runForEach((cases) =>
    Effect.gen(function* () {
      const { directories, cwd } = yield* Invocation
      const rows = yield* (yield* offline).tryReflexes(directories, cwd, cases)
      yield* Effect.forEach(rows, json, { discard: true })
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
    yield* Console.log(`${rules} rules hold, ${examples} examples`)
    if (problems.length > 0) return yield* fail(`${problems.length} problems`)
  }),
).pipe(
  Command.withDescription(
    "run the examples of rule files; without one: read failed commands as JSON lines on stdin, print what would be proposed",
  ),
  Command.withExamples([
    { command: "claw reflex test .claw/reflexes/team.toml", description: "its examples" },
    {
      command: `echo '{"command":"gti status","exit":127,"programs":["git"]}' | claw reflex test`,
      description: "one command",
    },
  ]),
)

export const reflex = Command.make("reflex").pipe(
  Command.withDescription("the rules that answer without a model: list, check, test"),
  Command.withSubcommands([list, check, test]),
)
