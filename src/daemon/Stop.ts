/** Asked to stop: by a client, by a signal. The first reason wins. */
import { Context, Deferred, Effect, Layer } from "effect"

export class Stop extends Context.Service<Stop, { readonly requested: Deferred.Deferred<string> }>()(
  "claw/daemon/Stop",
) {
  static readonly layer = Layer.effect(
    Stop,
    Effect.map(Deferred.make<string>(), (requested) => Stop.of({ requested })),
  )
}
