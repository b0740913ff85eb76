/** `notify`: a desktop notification. One that is withheld or cannot be shown is still done: the queue shows the same. */
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { defineTool } from "./defineTool.ts"
import type { Notifier } from "./Notifier.ts"
import { readingPlan, textResult, type ActSettings } from "./planParts.ts"

const Input = Schema.Struct({
  title: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(500)).annotate({
    description: "The one line that is read first",
  }),
  body: Schema.String.check(Schema.isMaxLength(4000)).annotate({ description: "What it is about" }),
  urgency: Schema.optionalKey(Schema.Literals(["normal", "critical"])).annotate({
    description: "critical stays until it is dismissed, where the desktop can do that; normal if absent",
  }),
})

export const notifyTool = (notifier: Notifier["Service"], settings: ActSettings) =>
  defineTool({
    name: "notify",
    description:
      "Shows a desktop notification. Where the desktop shows none, or the screen is open already, the answer says so; nothing else is lost by that.",
    input: Input,
    hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
    examples: [{ title: "Tests passed", body: "312 of them, in 40 s" }],
    undo: "not at all: what was shown was seen",
    plan: Effect.fnUntraced(function* (input) {
      const title = neutralise(input.title)
      const run = Effect.gen(function* () {
        const delivery = yield* notifier.notify({
          // a secret must not stand on a screen either
          title: settings.redact(input.title),
          body: settings.redact(input.body),
          urgency: input.urgency ?? "normal",
        })
        switch (delivery._tag) {
          case "sent":
            return textResult("shown", settings)
          case "withheld":
            return textResult(`not shown: ${delivery.reason}`, settings)
          case "unavailable":
            return textResult(`could not be shown: ${delivery.reason}`, settings)
        }
      })
      return readingPlan(`Notify: ${title.slice(0, 100)}`, run)
    }),
  })
