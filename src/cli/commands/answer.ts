/**
 * claw answer, todo: words to a question that was asked, and what conversations have to do. Answering is a person's:
 * both ends must be a terminal (exit 6), and without words the options are shown and asked for.
 */
import { Console, Effect, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { createInterface } from "node:readline"
import { answerText, type Question, readAnswer } from "../../domain/question.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { orExit } from "../errors.ts"
import { Exit, usage } from "../Exit.ts"
import { idArgument, jsonFlag } from "../flags.ts"
import { json, paint, type Paint, safe } from "../output.ts"
import { needPerson } from "../person.ts"
import { Session } from "../Session.ts"

export const showQuestion = (question: Question, colour: Paint): string =>
  [
    neutraliseLines(question.text),
    ...question.options.map((option, index) => `  ${colour("bold", String(index + 1))}  ${safe(option)}`),
    ...(question.multiple ? [colour("dim", "  more than one may be chosen: 1,3")] : []),
  ].join("\n")

/** One line of a person's; an empty one, or the end of the input, leaves the question open. */
const typed = Effect.callback<string>((resume) => {
  const line = createInterface({ input: process.stdin, output: process.stderr })
  line.on("SIGINT", () => {
    resume(Effect.interrupt)
    line.close()
  })
  line.on("close", () => resume(Effect.succeed("")))
  line.question("> ", (answer) => {
    resume(Effect.succeed(answer))
    line.close()
  })
  return Effect.sync(() => line.close())
})

export const answer = Command.make(
  "answer",
  {
    id: idArgument,
    words: Argument.String("words").pipe(
      Argument.withDescription("an option's number or name, or the answer in words"),
      Argument.variadic(),
    ),
  },
  Effect.fn(function* ({ id, words }) {
    yield* needPerson("answering")
    const session = yield* Session
    const client = yield* session.attach
    const { suggestion } = yield* orExit(client.Show({ id }))
    const { question } = suggestion
    if (question === undefined)
      return yield* new Exit({
        reason: "refused",
        message: `${id} asks for an approval and not for words: claw show ${id}`,
      })
    if (words.length === 0) yield* Console.log(showQuestion(question, yield* paint))
    const line = words.length === 0 ? yield* typed : words.join(" ")
    if (line.trim() === "") return yield* Console.error("left as it was")
    const read = readAnswer(question, line)
    if (Result.isFailure(read)) return yield* usage(safe(read.failure))
    yield* orExit(client.Answer({ id, answer: read.success, token: yield* session.token, surface: "cli" }))
    yield* Console.log(`${id} is answered: ${safe(answerText(read.success))}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("answer a question that was asked, at a terminal"),
  Command.withExamples([
    { command: "claw answer q_1f0c2b7d9e8a6543 2", description: "the second option" },
    { command: "claw answer q_1f0c2b7d9e8a6543 use the release branch", description: "in words" },
  ]),
)

const marks = { pending: "[ ]", in_progress: "[>]", completed: "[x]" } as const

export const todo = Command.make(
  "todo",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const lists = yield* orExit(client.Todos())
    if (asJson) return yield* Effect.forEach(lists, (list) => json({ v: 1, ...list }), { discard: true })
    const colour = yield* paint
    const shown = lists.map(({ session: name, todos, workspace }) =>
      [
        colour("bold", safe(name ?? workspace ?? "")),
        ...todos.map(
          ({ activeForm, content, status }) =>
            `  ${marks[status]} ${safe(status === "in_progress" ? activeForm : content)}`,
        ),
      ].join("\n"),
    )
    yield* Console.log(shown.length === 0 ? "nothing to do" : shown.join("\n"))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what conversations have to do"),
  Command.withExamples([{ command: "claw todo --json", description: "one list a line" }]),
)
