/**
 * Tells the desktop what attention let be seen: urgent items, others only where the user switched that on.
 * Invariants: only live `decision.shown` events announce, never a replay or the past; whether a notification could
 * be delivered never holds the loop up; a desktop that cannot be reached is said once.
 */
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { Notifier } from "../act/Notifier.ts"
import { draft, type Event } from "../domain/event.ts"
import type { Suggestion } from "../domain/suggestion.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"

export interface AnnounceSettings {
  readonly urgent: boolean
  readonly others: boolean
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

        const announce = Effect.fnUntraced(function* (row: Suggestion) {
          const { urgent, others } = yield* settings
          if (!(row.urgent ? urgent : others)) return
          const delivery = yield* notifier.notify({
            title: row.title,
            body: row.why[0]?.text ?? "",
            urgency: row.urgent ? "critical" : "normal",
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

        const hear = Effect.fnUntraced(function* (event: Event) {
          if (event.type !== "decision.shown") return
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const row = queue.suggestions[event.payload.suggestion]
          if (row !== undefined) yield* Effect.forkDetach(announce(row))
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
