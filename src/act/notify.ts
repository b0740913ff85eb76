/**
 * `notify`: a desktop notification. One that is withheld, or that no program shows, is put where it can be seen instead:
 * into the log and onto Claw's own screen; the answer says which of the two it was.
 */
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { draft } from "../domain/event.ts"
import { sessionHeader } from "./conversation/sessionHeader.ts"
import { defineTool } from "./defineTool.ts"
import type { Journal } from "./Journal.ts"
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

export const notifyTool = (
  notifier: Notifier["Service"],
  journal: Journal["Service"],
  settings: ActSettings,
) =>
  defineTool({
    name: "notify",
    description:
      "Shows a desktop notification. Where the desktop shows none (no notification program, Claw's screen in front, only urgent ones switched on) the text goes into the log and onto Claw's screen instead, and the answer says so and why.",
    input: Input,
    hints: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
    examples: [{ title: "Tests passed", body: "312 of them, in 40 s" }],
    undo: "not at all: what was shown was seen",
    plan: Effect.fnUntraced(function* (input, context) {
      const run = Effect.gen(function* () {
        // a secret must not stand on a screen either
        const [title, body] = [settings.redact(input.title), settings.redact(input.body)]
        const delivery = yield* notifier.notify({ title, body, urgency: input.urgency ?? "normal" })
        if (delivery._tag === "sent") return textResult("shown on the desktop", settings)
        yield* journal.append([
          draft(
            "session.message",
            {
              session: context.session,
              call: context.call,
              message: body === "" ? title : `${title}: ${body}`,
              // a proactive one would be tried on the desktop again
              status: "normal",
              attachments: [],
            },
            sessionHeader(context),
          ),
        ])
        return textResult(
          `not shown on the desktop: ${delivery.reason}; it is in the log and on Claw's own screen instead`,
          settings,
        )
      })
      return readingPlan(`Notify: ${neutralise(input.title).slice(0, 100)}`, run)
    }),
  })
