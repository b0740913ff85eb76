/**
 * Tells the desktop what attention let be seen, questions to the user and words said unasked: urgent ones, others only
 * where the user switched that on.
 * Invariants: only live events announce, never a replay or the past; whether a notification could
 * be delivered never holds the loop up; a desktop that cannot be reached is said once.
 */
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { Notifier } from "../act/Notifier.ts"
import { draft, type Event } from "../domain/event.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"

export interface AnnounceSettings {
  readonly urgent: boolean
  readonly others: boolean
}

interface Word {
  readonly title: string
  readonly body: string
  readonly urgent: boolean
}

export class Announcer extends Context.Service<Announcer, { readonly run: Effect.Effect<never> }>()(
  "claw/loop/Announcer",
) {
  static readonly layer = (settings: Effect.Effect<AnnounceSettings>) =>
    Layer.effect(
      Announcer,
      Effect.gen(function* () {
        const folds = yield* Folds
        const notifier = yield* Notifier
        const appender = yield* Appender
        let said = false

        const announce = Effect.fnUntraced(function* (word: Word) {
          const { urgent, others } = yield* settings
          if (!(word.urgent ? urgent : others)) return
          const { body, title } = word
          const delivery = yield* notifier.notify({
            title,
            body,
            urgency: word.urgent ? "critical" : "normal",
          })
          if (delivery._tag !== "unavailable" || said) return
          said = true
          yield* appender.append([
            draft(
              "daemon.health",
              { component: "notifier", state: "stopped", backend: null, detail: delivery.reason },
              { actor: "daemon" },
            ),
          ])
        })

        const wordOf = Effect.fnUntraced(function* (event: Event): Effect.fn.Return<Word | null> {
          if (event.type === "session.asked")
            return { title: "Claw asks", body: event.payload.text, urgent: false }
          if (event.type === "session.message" && event.payload.status === "proactive")
            return { title: "Claw", body: event.payload.message, urgent: false }
          // attention decided on pop-ups, too
          if (event.type !== "decision.shown" || event.payload.popUp != null) return null
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const row = queue.suggestions[event.payload.suggestion]
          return row === undefined
            ? null
            : { title: row.title, body: row.why[0]?.text ?? "", urgent: row.urgent }
        })
        const hear = Effect.fnUntraced(function* (event: Event) {
          const word = yield* wordOf(event)
          if (word !== null) yield* Effect.forkDetach(announce(word))
        })
        const run = Effect.gen(function* () {
          const { seq } = yield* SubscriptionRef.get(folds.snapshot)
          yield* Stream.runForEach(folds.follow(seq), Effect.forEach(hear, { discard: true }))
          return yield* Effect.never
        })
        return Announcer.of({ run })
      }),
    )
}
