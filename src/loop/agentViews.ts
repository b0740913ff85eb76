/** What conversations read of the folds beside their own log: what the user trusted, and what is remembered. */
import { Context, Effect, Layer, SubscriptionRef } from "effect"
import { Trusted } from "../agent/context/Trusted.ts"
import { Remembered } from "../agent/memory/Remembered.ts"
import { Folds } from "./Folds.ts"

export const agentViews: Layer.Layer<Trusted | Remembered, never, Folds> = Layer.effectContext(
  Effect.gen(function* () {
    const { snapshot } = yield* Folds
    const now = SubscriptionRef.get(snapshot)
    return Context.make(
      Trusted,
      Trusted.of({
        digests: (workspace) => Effect.map(now, ({ control }) => control.trust[workspace] ?? {}),
      }),
    ).pipe(Context.add(Remembered, Remembered.of({ state: Effect.map(now, ({ memories }) => memories) })))
  }),
)
