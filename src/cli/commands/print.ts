/**
 * claw -p: a word to the agent without anybody there, for scripts; and slash commands of a conversation without a model.
 * Invariant: it never answers for a person: what waits stays in the queue, and it exits 6 with its id.
 */
import { Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import type { CommandAnswer } from "../../domain/command.ts"
import { asPerson, entered, found, workspaceHere } from "../conversations.ts"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"
import { type Client, Session } from "../Session.ts"
import { effortFlag, modelFlag, resumeFlag } from "./chat.ts"

/** Who waits for a pipe that nobody ends is told after this. */
const pipeMs = 3_000

/** What is piped in; empty at a terminal. */
const piped = Effect.promise(async () => {
  if (process.stdin.isTTY) return ""
  const chunks: Array<Buffer> = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
})

const waitingForPipe = Effect.andThen(
  Effect.delay(
    Console.error("waiting for the end of what is piped in (where nothing is: < /dev/null)"),
    pipeMs,
  ),
  Effect.never,
)

/** The words, with the files they name and what was piped in; that alone is the word where there is no other. */
export const wordOf = Effect.fnUntraced(function* (words: ReadonlyArray<string>) {
  const { cwd } = yield* Invocation
  const { attachments } = yield* Effect.promise(() => import("../chat/attach.ts"))
  const typed = words.join(" ").trim()
  const input = yield* Effect.raceFirst(piped, waitingForPipe)
  if (typed === "" && input.trim() === "")
    return yield* usage('there is nothing to say: claw -p "words", or pipe them in')
  if (typed === "") return { text: input, files: [] }
  const { files, problems } = attachments(typed, cwd)
  yield* Effect.forEach(problems, (problem) => Console.error(problem), { discard: true })
  const stdin = { path: "stdin", mediaType: "text/plain", content: Buffer.from(input).toString("base64") }
  return { text: typed, files: input.trim() === "" ? files : [...files, stdin] }
})

const isCommand = (word: string): boolean => /^\/[a-z?]+(?:\s|$)/i.test(word)

/** `/why 12 /cost` are two lines; null: these are words to the model. */
const commandLines = (words: ReadonlyArray<string>): ReadonlyArray<string> | null => {
  if (words[0] === undefined || !isCommand(words[0])) return null
  const lines: Array<string> = []
  for (const word of words) {
    if (isCommand(word)) lines.push(word)
    else lines[lines.length - 1] += ` ${word}`
  }
  return lines
}

const showAnswer = Effect.fnUntraced(function* (client: Client, answer: CommandAnswer, asJson: boolean) {
  const { colour, columns, cwd } = yield* Invocation
  if (asJson) {
    yield* json({ v: 1, command: answer.command, data: answer.data })
  } else {
    const { answerLines } = yield* Effect.promise(() => import("../chat/commandLines.ts"))
    const { makeHighlighter } = yield* Effect.promise(() => import("../chat/highlight.ts"))
    const { sgr } = yield* Effect.promise(() => import("../chat/styled.ts"))
    const { defaultTheme, themes } = yield* Effect.promise(() => import("../chat/theme.ts"))
    const { theme } = yield* orExit(client.ChatLook())
    const lines = answerLines(answer, {
      cells: columns - 1,
      theme: themes[theme] ?? themes[defaultTheme]!,
      highlighter: makeHighlighter(),
    })
    if (lines.length > 0) yield* Console.log(lines.map((line) => sgr(line, colour)).join("\n"))
  }
  const { next } = answer
  if (next?._tag !== "save") return
  const path = resolve(cwd, next.path)
  yield* Effect.try({
    try: () => writeFileSync(path, next.text, { flag: "wx" }),
    catch: (error) => fail(`${path} could not be written: ${(error as Error).message}`),
  })
  yield* Console.error(`written to ${path}`)
})

const runCommands = Effect.fnUntraced(function* (
  client: Client,
  lines: ReadonlyArray<string>,
  resume: string | null,
  asJson: boolean,
) {
  const { cwd } = yield* Invocation
  const workspace = yield* workspaceHere(client)
  const session = resume === null ? null : (yield* found(client, resume, workspace)).session
  for (const line of lines) {
    const answer = yield* orExit(
      client.RunCommand({ ...(yield* asPerson), line, session, dir: cwd, attended: false }),
    )
    yield* showAnswer(client, answer, asJson)
  }
})

const Format = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Json))
const decodeFormat = Schema.decodeUnknownEffect(Format)

const schemaOf = Effect.fnUntraced(function* (file: string) {
  const { cwd } = yield* Invocation
  const text = yield* Effect.try({
    try: () => readFileSync(resolve(cwd, file), "utf8"),
    catch: (error) => fail(`${file} cannot be read: ${(error as Error).message}`),
  })
  return yield* Effect.mapError(decodeFormat(text), (error) =>
    usage(`${file} is no JSON schema: ${error.message}`),
  )
})

const flags = {
  output: Flag.Literals("output", ["text", "json", "stream-json"]).pipe(
    Flag.withDefault("text" as const),
    Flag.withDescription("the last words, one JSON object, or everything as it comes, one object a line"),
  ),
  model: modelFlag,
  effort: effortFlag,
  resume: resumeFlag,
  "max-turns": Flag.Int("max-turns").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("answers of the model at most"),
    Flag.optional,
  ),
  "max-usd": Flag.Finite("max-usd").pipe(
    Flag.withMetavar("USD"),
    Flag.withDescription("what it may cost at most"),
    Flag.optional,
  ),
  tools: Flag.String("tools").pipe(
    Flag.withMetavar("A,B"),
    Flag.withDescription("only these tools"),
    Flag.optional,
  ),
  schema: Flag.String("schema").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("the answer shall be JSON of this JSON schema"),
    Flag.optional,
  ),
  wait: Flag.Boolean("wait").pipe(
    Flag.withDefault(false),
    Flag.withDescription("where it needs a person, wait until somebody has answered elsewhere"),
  ),
}

const limitsOf = (steps: Option.Option<number>, usd: Option.Option<number>) => ({
  ...(Option.isNone(steps) ? {} : { steps: steps.value }),
  ...(Option.isNone(usd) ? {} : { usd: usd.value }),
})

export const print = Command.make(
  "print",
  {
    words: Argument.String("words").pipe(
      Argument.withDescription("what to say, or slash commands; @path sends a file along"),
      Argument.variadic({ min: 0 }),
    ),
    ...flags,
  },
  Effect.fn(function* ({ effort, model, output, resume, schema, tools, wait, words, ...limits }) {
    const { interactive } = yield* Invocation
    const steps = limits["max-turns"]
    if (Option.isSome(steps) && steps.value < 1) return yield* usage("--max-turns is at least 1")
    const usd = limits["max-usd"]
    if (Option.isSome(usd) && usd.value < 0) return yield* usage("--max-usd is not negative")
    const format = Option.isNone(schema) ? null : yield* schemaOf(schema.value)
    const session = yield* Session
    const lines = commandLines(words)
    const wanted = Option.getOrNull(resume)
    if (lines !== null) {
      const client = yield* session.ensure
      return yield* runCommands(client, lines, wanted, output !== "text")
    }
    const goesOn = words.length === 0 && interactive && wanted !== null
    const word = goesOn ? null : yield* wordOf(words)
    const client = yield* session.ensure
    const workspace = yield* workspaceHere(client)
    const place = yield* entered(
      client,
      {
        kind: goesOn ? "chat" : "print",
        resume: wanted,
        model: Option.getOrNull(model),
        effort: Option.getOrNull(effort),
        limits: limitsOf(steps, usd),
        ...(Option.isNone(tools) ? {} : { tools: tools.value.split(",").map((name) => name.trim()) }),
        ...(format === null ? {} : { format: format as Readonly<Record<string, never>> }),
      },
      workspace,
    )
    if (word === null) {
      const { openChat } = yield* Effect.promise(() => import("../chat/open.ts"))
      yield* openChat(client, place, workspace, null)
      return
    }
    const { runHeadless } = yield* Effect.promise(() => import("../headless.ts"))
    yield* runHeadless(client, place, word, { output, stream: false, wait, structured: format !== null })
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "say something to the agent from a script (claw -p); slash commands without a model",
  ),
  Command.withExamples([
    { command: 'claw -p "summarise the open todos" --output json', description: "one JSON object" },
    { command: "git diff | claw -p 'is a secret in this?'", description: "with what is piped in" },
    { command: "claw --resume latest /cost /status", description: "commands that need no model" },
  ]),
)
