/** Ends a pause that has an end: sleeps until it and says so in the log. One timer at most. */
import { Clock, Context, Effect, Fiber, Layer, Stream } from "effect"
import { draft } from "../domain/event.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { latest } from "./latest.ts"
import { StopWork } from "./StopWork.ts"

export class Resumer extends Context.Service<Resumer, { readonly run: Effect.Effect<never> }>()(
  "claw/loop/Resumer",
) {
  static readonly layer = Layer.effect(
    Resumer,
    Effect.gen(function* () {
      const folds = yield* Folds
      const appender = yield* Appender
      const stopWork = yield* StopWork

      const resumeAt = Effect.fnUntraced(function* (untilMs: number) {
        yield* Effect.sleep(Math.max(0, untilMs - (yield* Clock.currentTimeMillis)))
        const said = draft("daemon.resumed", { reason: "the pause ended" }, { actor: "daemon" })
        // the word of it ends this timer, which must not keep it from its second half
        yield* Effect.uninterruptible(Effect.andThen(appender.append([said]), stopWork.release))
      })

      const run = Effect.scoped(
        Effect.gen(function* () {
          const scope = yield* Effect.scope
          let timer: Fiber.Fiber<void> | null = null
          const pausedUntil = Effect.fnUntraced(function* (until: string | null) {
            if (timer !== null) yield* Fiber.interrupt(timer)
            timer = until === null ? null : yield* Effect.forkIn(resumeAt(Date.parse(until)), scope)
          })
          yield* latest(folds.snapshot).pipe(
            Stream.map(({ control }) => control.pausedUntil),
            Stream.changes,
            Stream.runForEach(pausedUntil),
          )
          return yield* Effect.never
        }),
      )
      return Resumer.of({ run })
    }),
  )
}
