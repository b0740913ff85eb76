/** Ends a pause that has an end: sleeps until it and says so in the log. One timer at most. */
import { Clock, Context, Effect, Fiber, Layer, PubSub, SubscriptionRef } from "effect"
import { draft } from "../domain/event.ts"
import { Appender } from "./Appender.ts"
import { Executor } from "./Executor.ts"
import { Folds } from "./Folds.ts"

export class Resumer extends Context.Service<Resumer, { readonly run: Effect.Effect<never> }>()(
  "claw/loop/Resumer",
) {
  static readonly layer = Layer.effect(
    Resumer,
    Effect.gen(function* () {
      const folds = yield* Folds
      const appender = yield* Appender
      const executor = yield* Executor

      const resumeAt = Effect.fnUntraced(function* (untilMs: number) {
        yield* Effect.sleep(Math.max(0, untilMs - (yield* Clock.currentTimeMillis)))
        yield* appender.append([draft("daemon.resumed", { reason: "the pause ended" }, { actor: "daemon" })])
        yield* executor.release
      })

      const run = Effect.scoped(
        Effect.gen(function* () {
          const changes = yield* PubSub.subscribe(folds.folded)
          let timer: Fiber.Fiber<void> | null = null
          let until: string | null = null
          for (;;) {
            const { control } = yield* SubscriptionRef.get(folds.snapshot)
            if (control.pausedUntil !== until) {
              if (timer !== null) yield* Fiber.interrupt(timer)
              until = control.pausedUntil
              timer = until === null ? null : yield* Effect.forkScoped(resumeAt(Date.parse(until)))
            }
            yield* PubSub.take(changes)
          }
        }),
      )
      return Resumer.of({ run })
    }),
  )
}
