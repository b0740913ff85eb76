/**
 * `StructuredOutput`: hands over one JSON object of any shape, as the result. The one tool whose schema is open: what the
 * object must look like is the conversation's to say.
 */
import { Effect } from "effect"
import { wrongInput } from "../attempt.ts"
import { readingPlan, textResult, type ActSettings } from "../planParts.ts"
import type { Tool, ToolError } from "../Tool.ts"

const maxBytes = 1024 * 1024

const wrong = (problem: string): ToolError => wrongInput(`StructuredOutput: ${problem}`)

/** Undefined values, cycles and depths that JSON cannot hold are no input. */
const asJson = (input: unknown): Effect.Effect<string, ToolError> =>
  Effect.gen(function* () {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return yield* wrong("the input is not an object")
    }
    const json = yield* Effect.try({
      try: () => JSON.stringify(input),
      catch: () => wrong("the input cannot be written as JSON"),
    })
    return Buffer.byteLength(json) > maxBytes ? yield* wrong("the input is larger than 1 MiB") : json
  })

export const structuredOutputTool = (settings: ActSettings): Tool => ({
  name: "StructuredOutput",
  description: "Hands over the result of the conversation as one JSON object.",
  inputSchema: { type: "object", properties: {}, additionalProperties: true },
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  listed: true,
  examples: [{ answer: 42 }],
  readOnlyForms: [],
  undo: null,
  limits: ["at most 1 MiB of JSON"],
  check: (input) => Effect.asVoid(asJson(input)),
  plan: (input) =>
    Effect.map(asJson(input), (json) =>
      readingPlan("Hand over the result", Effect.succeed(textResult(json, settings))),
    ),
})
