/** `TodoWrite`: the conversation's list of things to do, whole each time. It lives in the log and nowhere else. */
import { Effect, Schema } from "effect"
import { draft } from "../../domain/event.ts"
import { defineTool } from "../defineTool.ts"
import type { Journal } from "../Journal.ts"
import { readingPlan, textResult, type ActSettings } from "../planParts.ts"
import { sessionHeader } from "./sessionHeader.ts"

const Line = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(500))

const Input = Schema.Struct({
  todos: Schema.Array(
    Schema.Struct({
      content: Line.annotate({ description: "What is to be done: Run the tests" }),
      activeForm: Line.annotate({ description: "The same while it is being done: Running the tests" }),
      status: Schema.Literals(["pending", "in_progress", "completed"]),
    }),
  )
    .check(Schema.isMaxLength(200))
    .annotate({
      description:
        "The whole list, in the place of the one before: a list of objects with content, activeForm and status (pending, in_progress, completed)",
    }),
})

export const todoWriteTool = (journal: Journal["Service"], settings: ActSettings) =>
  defineTool({
    name: "TodoWrite",
    description: "Writes the conversation's list of things to do, in the place of the one before.",
    input: Input,
    hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
    examples: [
      { todos: [{ content: "Run the tests", activeForm: "Running the tests", status: "in_progress" }] },
    ],
    limits: ["at most 200 entries"],
    undo: "by writing the list before again: it stands in the log",
    plan: ({ todos }, context) => {
      const count = (status: string): number => todos.filter((todo) => todo.status === status).length
      const text = `${todos.length} to do: ${count("completed")} completed, ${count("in_progress")} in progress, ${count("pending")} pending`
      const run = Effect.gen(function* () {
        yield* journal.append([
          draft(
            "session.todos",
            { session: context.session, call: context.call, todos },
            sessionHeader(context),
          ),
        ])
        return textResult(text, settings)
      })
      return Effect.succeed(readingPlan(`Write the list: ${text}`, run))
    },
  })
