/**
 * `ask_user`: a question that waits in the queue; what the user answers is the result. Without an answer it waits: no
 * clock, default or other program ever answers for a person.
 */
import { Effect, Schema } from "effect"
import { answerText } from "../../domain/question.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { refused } from "../attempt.ts"
import type { Conversation } from "../Conversation.ts"
import { defineTool } from "../defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "../planParts.ts"
import { ToolError } from "../Tool.ts"

const Option = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200))
const month = 30 * 24 * 3_600_000

const Input = Schema.Struct({
  question: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(4000)).annotate({
    description: "What to ask",
  }),
  options: Schema.optionalKey(
    Schema.Array(Option)
      .annotate({ description: "What can be chosen; without them the user answers in words" })
      .check(
        Schema.isMinLength(2),
        Schema.isMaxLength(9),
        Schema.makeFilter(
          (options) => new Set(options).size === options.length || "two options are the same",
        ),
      ),
  ),
  multiple: Schema.optionalKey(Schema.Boolean).annotate({
    description: "More than one option may be chosen; false if absent",
  }),
  expires_after_ms: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1000, maximum: month })),
  ).annotate({ description: "When the question is of no use any more, in milliseconds; absent: never" }),
})

export const askUserTool = (conversation: Conversation["Service"], settings: ActSettings) =>
  defineTool({
    name: "ask_user",
    description:
      "Asks the user and waits for the answer, which is the result. The question stands in the queue until the user answers or declines it, or it expires; nobody else ever answers it.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: false, openWorld: false },
    examples: [
      { question: "Which branch should the fix go to?" },
      { question: "Which one?", options: ["main", "next"] },
    ],
    limits: ["2 to 9 options", "waits as long as it takes, unless expires_after_ms says otherwise"],
    plan: (input, context) => {
      const run = Effect.gen(function* () {
        const end = yield* conversation.ask(
          {
            text: input.question,
            options: input.options ?? [],
            multiple: input.multiple ?? false,
            expiresAfterMs: input.expires_after_ms ?? null,
          },
          context,
        )
        switch (end._tag) {
          case "answered":
            return textResult(answerText(end.answer), settings)
          case "declined":
            return yield* refused(
              `the user declined to answer${end.reason === "" ? "" : `: ${neutralise(end.reason)}`}`,
            )
          case "closed":
            return yield* new ToolError({ reason: "timeout", message: neutralise(end.reason) })
        }
      })
      return Effect.succeed(readingPlan(`Ask: ${neutralise(input.question).slice(0, 200)}`, run))
    },
  })
