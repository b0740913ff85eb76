/** claw policy: list, check, test, explain, backtest, and what stands in its own files. The daemon's rules where one runs, else the shipped and the user's own. */
import { Console, Effect, Option, Schema, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import type { Verdict } from "../../domain/action.ts"
import { Trust } from "../../domain/action.ts"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { counted, json, paint, safe, table } from "../output.ts"
import { stdinLines } from "../stdinLines.ts"
import { showExplain } from "../showExplain.ts"
import { Session } from "../Session.ts"
import { ruleCounts } from "../showBacktest.ts"
import { grants, revoke } from "./grants.ts"
import { backtestPolicy } from "./replay.ts"
import { suggest } from "./suggest.ts"

const offline = Effect.promise(() => import("../../daemon/offline.ts"))

const list = Command.make(
  "list",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const { directories, cwd } = yield* Invocation
    const rows = (yield* session.isRunning)
      ? yield* Effect.flatMap(session.attach, (client) => orExit(client.PolicyRules({ workspace: cwd })))
      : yield* (yield* offline).offlineRules(directories)
    if (asJson) return yield* Effect.forEach(rows, json, { discard: true })
    yield* Console.log(
      table(
        rows.map((row) => [
          row.verdict,
          row.tier,
          safe(row.rule),
          `${safe(row.file)}:${row.line}`,
          safe(ruleCounts(row.counts)),
          safe(row.reason),
        ]),
      ),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("every rule in force, with file and line, and how often it decided"),
  Command.withExamples([
    { command: "claw policy list", description: "strictest verdict wins over all of them" },
  ]),
)

const check = Command.make(
  "check",
  { file: Argument.String("file").pipe(Argument.variadic()) },
  Effect.fn(function* ({ file }) {
    const { directories, cwd } = yield* Invocation
    const problems = yield* (yield* offline).checkPolicies(
      directories,
      file.map((path) => resolve(cwd, path)),
    )
    yield* Effect.forEach(problems, (problem) => Console.error(safe(problem)), { discard: true })
    if (problems.length > 0) return yield* fail(counted(problems.length, "problem"))
    yield* Console.log("no problem found")
  }),
).pipe(
  Command.withDescription("load rule files and run their examples, without using them"),
  Command.withExamples([
    { command: "claw policy check .claw/policies/team.toml", description: "before you commit it" },
  ]),
)

const Line = Schema.fromJsonString(
  Schema.Struct({
    tool: Schema.String,
    input: Schema.Record(Schema.String, Schema.Unknown),
    cwd: Schema.optionalKey(Schema.String),
    actor: Schema.optionalKey(Schema.String),
    trust: Schema.optionalKey(Trust),
  }),
)
const decodeLine = Schema.decodeUnknownEffect(Line, { onExcessProperty: "error" })
type Line = typeof Line.Type

const judge = Effect.fnUntraced(function* (lines: ReadonlyArray<Line>) {
  const session = yield* Session
  const { directories, cwd } = yield* Invocation
  const calls = lines.map((line) => ({
    call: { tool: line.tool, input: line.input, cwd: line.cwd ?? cwd },
    cwd: line.cwd ?? cwd,
    actor: line.actor ?? "user",
    trust: line.trust ?? ("trusted" as const),
  }))
  return (yield* session.isRunning)
    ? yield* Effect.flatMap(session.attach, (client) => orExit(client.JudgeCalls({ calls })))
    : yield* (yield* offline).judgeOffline(directories, calls)
}, Effect.scoped)

const verdictLine = (verdict: Verdict) => ({
  v: 1,
  verdict: verdict.verdict,
  rule: verdict.rule,
  file: verdict.file,
  reason: verdict.reason,
  commands: verdict.commands,
})

const test = Command.make("test", {}, () =>
  stdinLines(decodeLine, "tool call").pipe(
    Stream.runForEach((lines) =>
      Effect.flatMap(
        judge(lines),
        Effect.forEach((verdict) => json(verdictLine(verdict)), { discard: true }),
      ),
    ),
  ),
).pipe(
  Command.withDescription("read tool calls as JSON lines on stdin, print verdicts as JSON lines"),
  Command.withExamples([
    {
      command: `echo '{"tool":"bash","input":{"command":"git status"}}' | claw policy test`,
      description: "one call",
    },
  ]),
)

/** A command line, a path for a file tool, or a whole call as JSON. */
const callOf = Effect.fnUntraced(function* (text: string, tool: string, tainted: boolean) {
  const { cwd } = yield* Invocation
  const given: Line = text.trimStart().startsWith("{")
    ? yield* Effect.mapError(decodeLine(text), (error) => usage(`this is no tool call: ${error.message}`))
    : { tool, input: tool === "bash" ? { command: text } : { path: text } }
  return {
    call: { tool: given.tool, input: given.input, cwd: given.cwd ?? cwd },
    cwd: given.cwd ?? cwd,
    actor: given.actor ?? "user",
    trust: tainted ? ("untrusted" as const) : (given.trust ?? ("trusted" as const)),
  }
})

const explain = Command.make(
  "explain",
  {
    command: Argument.String("call").pipe(
      Argument.withDescription('a command line, or a call as JSON: {"tool":...,"input":{...}}'),
    ),
    tool: Flag.String("tool").pipe(
      Flag.withDefault("bash"),
      Flag.withDescription("bash, or a file tool whose path is given"),
    ),
    tainted: Flag.Boolean("tainted").pipe(
      Flag.withDefault(false),
      Flag.withDescription("as if it rested on text an outsider could have written"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ command, tool, tainted, json: asJson }) {
    const asked = yield* callOf(command, tool, tainted)
    const session = yield* Session
    const { directories } = yield* Invocation
    const view = (yield* session.isRunning)
      ? yield* Effect.flatMap(session.attach, (client) => orExit(client.ExplainCall(asked)))
      : yield* (yield* offline).explainOffline(directories, asked)
    if (!asJson) return yield* Console.log(showExplain(view, yield* paint))
    const { verdict, v, whole, nearMisses, wouldAllow, grants: grantsTried, ...parse } = view
    yield* json({ v, ...verdict, parse, whole, grantsTried, nearMisses, wouldAllow })
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "how a call is parsed, each rule and grant tried, the winner, near misses, what would make it allowed",
  ),
  Command.withExamples([
    { command: "claw policy explain 'git log -p | head'", description: "nothing is run" },
    {
      command: `claw policy explain '{"tool":"write_file","input":{"path":"a.md","content":""}}'`,
      description: "any tool",
    },
  ]),
)

const backtest = Command.make(
  "backtest",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("rule files in the place of your own; without any, the rules in force"),
      Argument.variadic(),
    ),
    from: Flag.Int("from").pipe(
      Flag.withMetavar("SEQ"),
      Flag.withDescription("the first event that counts"),
      Flag.optional,
    ),
    to: Flag.Int("to").pipe(Flag.withMetavar("SEQ"), Flag.withDescription("the last one"), Flag.optional),
    json: jsonFlag,
  },
  Effect.fn(function* ({ file, from, to, json: asJson }) {
    yield* backtestPolicy(file, { from: Option.getOrNull(from), to: Option.getOrNull(to), json: asJson })
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "what these rules would have said of every call so far, scored by what you did with it",
  ),
  Command.withExamples([
    { command: "claw policy backtest stricter.toml", description: "before you put it into force" },
    { command: "claw policy backtest", description: "today's rules over the past" },
  ]),
)

export const policy = Command.make("policy").pipe(
  Command.withDescription("the rules of the gate"),
  Command.withSubcommands([list, check, test, explain, backtest, suggest, grants, revoke]),
)
