/** `Sleep`: waits, and is woken by the user's next word. Bounded; stopping it is stopping it at once. */
import { Clock, Effect, Schema } from "effect"
import type { Conversation } from "../Conversation.ts"
import { defineTool } from "../defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "../planParts.ts"

const longestMs = 3_600_000

const Input = Schema.Struct({
  duration_ms: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longestMs })).annotate({
    description: `How long, in milliseconds; at most an hour (${longestMs})`,
  }),
})

export const sleepTool = (conversation: Conversation["Service"], settings: ActSettings) =>
  defineTool({
    name: "Sleep",
    description: "Waits for a while without using anything. A word of the user wakes it early.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    examples: [{ duration_ms: 1000 }],
    limits: ["at most an hour"],
    plan: ({ duration_ms }, context) =>
      Effect.succeed(
        readingPlan(
          `Wait ${duration_ms} ms`,
          Effect.gen(function* () {
            const from = yield* Clock.currentTimeMillis
            const woken = yield* Effect.as(conversation.heard(context), true).pipe(
              Effect.timeoutOrElse({ duration: duration_ms, orElse: () => Effect.succeed(false) }),
            )
            const slept = (yield* Clock.currentTimeMillis) - from
            return textResult(
              woken ? `woken by the user after ${slept} ms of ${duration_ms}` : `waited ${duration_ms} ms`,
              settings,
            )
          }),
        ),
      ),
  })
