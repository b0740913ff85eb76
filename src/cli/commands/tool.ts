/**
 * claw tool: list, show, run. A run is a request like any other: judged, logged with the user as its actor, and asked
 * about at a terminal where the gate wants a person. On a pipe a question stays in the queue (exit 6).
 */
import { Console, Effect, Option, Result, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import type { CallResult } from "../../domain/callResult.ts"
import { nearest } from "../../domain/nearest.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { resultText } from "../../domain/resultText.ts"
import { inputFromWords, type JsonObject } from "../../domain/toolFields.ts"
import type { ToolRow } from "../../rpc/toolShapes.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, safe, table } from "../output.ts"
import { type Client, Session } from "../Session.ts"
import { printedOf, showTool, toolLine } from "../toolText.ts"
import { approveShown } from "./answers.ts"

const list = Command.make(
  "list",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const client = yield* (yield* Session).attach
    const rows = yield* orExit(client.Tools())
    if (asJson) return yield* Effect.forEach(rows, json, { discard: true })
    yield* Console.log(table(rows.map(toolLine)))
  }, Effect.scoped),
).pipe(
  Command.withDescription("every tool, with what it is for"),
  Command.withExamples([{ command: "claw tool list", description: "what claw tool run can run" }]),
)

const nameArgument = Argument.String("name").pipe(Argument.withDescription("as claw tool list prints it"))

const unknown = (name: string, rows: ReadonlyArray<ToolRow>): string => {
  const names = rows.map((row) => row.name)
  const near = nearest(name, names)
  return `there is no tool ${JSON.stringify(name)}${near === null ? ": claw tool list has them all" : `: did you mean ${near}?`}`
}

const show = Command.make(
  "show",
  { name: nameArgument, json: jsonFlag },
  Effect.fn(function* ({ name, json: asJson }) {
    const client = yield* (yield* Session).attach
    const rows = yield* orExit(client.Tools())
    const row = rows.find((one) => one.name === name)
    if (row === undefined) return yield* new Exit({ reason: "noSuch", message: unknown(name, rows) })
    if (asJson) return yield* json(row)
    yield* Console.log(showTool(row, yield* paint))
  }, Effect.scoped),
).pipe(
  Command.withDescription("one tool: its fields, limits, examples, schema"),
  Command.withExamples([{ command: "claw tool show edit_file", description: "before you run it" }]),
)

const Input = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
const decodeInput = Schema.decodeUnknownEffect(Input)

const fromJson = (text: string, where: string): Effect.Effect<JsonObject, Exit> =>
  decodeInput(text).pipe(
    Effect.mapError(() => usage(`${where} is no JSON object: write {"key": "value"}, or key=value words`)),
  )

/** From a file, `-` for what is piped in; from one JSON word; from `key=value` words. */
const inputOf = Effect.fnUntraced(function* (
  row: ToolRow,
  file: Option.Option<string>,
  words: ReadonlyArray<string>,
) {
  if (Option.isSome(file)) {
    if (words.length > 0) return yield* usage("the input comes from --input or from the words, not from both")
    const { cwd } = yield* Invocation
    const text = yield* Effect.try({
      try: () => readFileSync(file.value === "-" ? 0 : resolve(cwd, file.value), "utf8"),
      catch: (error) => usage(`the input cannot be read: ${(error as Error).message}`),
    })
    return yield* fromJson(text, file.value === "-" ? "stdin" : file.value)
  }
  if (words.length === 1 && words[0]!.trimStart().startsWith("{"))
    return yield* fromJson(words[0]!, "the input")
  const input = inputFromWords(row.inputSchema, words)
  return Result.isSuccess(input)
    ? input.success
    : yield* usage(`${row.name}: ${input.failure} (claw tool show ${row.name} has its fields)`)
})

/** Its end as exit code and message; what it printed is a result, also where it went wrong. */
const ending = Effect.fnUntraced(function* (result: CallResult) {
  const printed = neutraliseLines(resultText(result) ?? "").trimEnd()
  if (printed !== "") yield* Console.log(printed)
  if (result.ok) {
    if (result.undoable) yield* Console.error(`claw undo ${result.suggestion} takes it back`)
    return
  }
  return yield* notWell(result)
})

const notWell = (result: CallResult): Effect.Effect<never, Exit> => {
  const message = safe(result.problem?.message ?? `it ended with exit ${result.exit ?? "?"}`)
  if (result.outcome === "denied") return Effect.fail(new Exit({ reason: "refused", message }))
  if (result.problem?.reason === "input") return Effect.fail(usage(message))
  return Effect.fail(fail(result.problem === null ? message : printedOf(result) || message))
}

/** The gate wants a person: asked here at a terminal, left in the queue on a pipe. */
const question = Effect.fnUntraced(function* (client: Client, id: string, asJson: boolean) {
  const { interactive } = yield* Invocation
  const { token } = yield* Session
  const dropped = Effect.flatMap(token, (proof) =>
    Effect.ignore(client.Reject({ id, reason: "", token: proof, surface: "cli" })),
  )
  const detail = yield* orExit(client.Show({ id }))
  const { suggestion } = detail
  const problem = detail.plans.find((plan) => plan.problem !== null)?.problem ?? null
  // a yes to it would do nothing: it is no question
  if (problem !== null) {
    yield* dropped
    return yield* fail(`it cannot be done: ${safe(problem)}`)
  }
  if (!interactive) {
    const asks = suggestion.actions.find(({ verdict }) => verdict === "ask")
    if (asJson) yield* json({ v: 1, suggestion: id, state: "asking" })
    return yield* new Exit({
      reason: "needsPerson",
      message: `it waits as ${id}${asks === undefined ? "" : ` (${asks.rule}: ${asks.reason})`}: claw approve ${id} at a terminal does it, claw reject ${id} drops it`,
    })
  }
  yield* Effect.onInterrupt(approveShown(client, detail), () => dropped)
  const after = yield* orExit(client.Show({ id }))
  if (after.suggestion.state === "pending") yield* dropped
})

const run = Command.make(
  "run",
  {
    name: nameArgument,
    words: Argument.String("input").pipe(
      Argument.withDescription("key=value words, or one JSON object"),
      Argument.variadic(),
    ),
    input: Flag.String("input").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("the input as JSON from a file; - reads stdin"),
      Flag.optional,
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("where it runs; this folder if left out"),
      Flag.optional,
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ name, words, input, workspace, json: asJson }) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const client = yield* session.attach
    const rows = yield* orExit(client.Tools())
    const row = rows.find((one) => one.name === name)
    if (row === undefined) return yield* usage(unknown(name, rows))
    const call = { tool: name, input: yield* inputOf(row, input, words) }
    const { state, suggestion } = yield* orExit(
      client.RequestCalls({
        token: yield* session.token,
        surface: "cli",
        dir: resolve(
          cwd,
          Option.getOrElse(workspace, () => "."),
        ),
        calls: [call],
      }),
    )
    if (state === "asking") {
      yield* question(client, suggestion, asJson)
      if (!asJson) return
    }
    const results = yield* orExit(client.CallResults({ id: suggestion }))
    if (!asJson) return yield* Effect.forEach(results, ending, { discard: true })
    yield* Effect.forEach(results, json, { discard: true })
    const bad = results.find(({ ok }) => !ok)
    if (bad !== undefined) return yield* notWell(bad)
  }, Effect.scoped),
).pipe(
  Command.withDescription("run a tool: judged and logged, asked about where the gate wants a person"),
  Command.withExamples([
    { command: "claw tool run read_file path=README.md limit=20", description: "words as input" },
    { command: `claw tool run bash '{"command":"git status"}'`, description: "JSON as input" },
    { command: "claw tool run write_file --input call.json", description: "input from a file" },
  ]),
)

export const tool = Command.make("tool").pipe(
  Command.withDescription("what Claw can do, and doing it by name"),
  Command.withSubcommands([list, show, run]),
)
