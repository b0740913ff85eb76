/**
 * The kill switch as models know it. Invariants: it is thrown in memory, before the log has it, so that a full disk does not
 * hold it up; a daemon that starts while Claw is paused starts with it thrown.
 */
import { Context, Effect, Latch, Layer } from "effect"

export class KillSwitch extends Context.Service<
  KillSwitch,
  {
    readonly throw: Effect.Effect<void>
    readonly release: Effect.Effect<void>
    /** Waits until it is thrown; at once where it is. */
    readonly thrown: Effect.Effect<void>
    /** Waits until it is not. */
    readonly released: Effect.Effect<void>
  }
>()("claw/model/KillSwitch") {
  /** `paused`: whether Claw is, by the log. */
  static readonly layer = <R>(paused: Effect.Effect<boolean, never, R>) =>
    Layer.effect(
      KillSwitch,
      Effect.gen(function* () {
        const from = yield* paused
        const thrown = yield* Latch.make(from)
        const released = yield* Latch.make(!from)
        return KillSwitch.of({
          throw: Effect.andThen(released.close, Effect.asVoid(thrown.open)),
          release: Effect.andThen(thrown.close, Effect.asVoid(released.open)),
          thrown: thrown.await,
          released: released.await,
        })
      }),
    )
}
