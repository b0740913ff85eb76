/**
 * What can be watched of conversations while they happen. Invariants: nobody who watches holds anything up; who is slow
 * misses the oldest; where nobody watches nothing is held.
 */
import { Effect, PubSub, Stream } from "effect"
import type { ModelDelta } from "../../model/Models.ts"

export type SessionDelta =
  /** `cause`: seq of the newest event that stands in the prompt. */
  | {
      readonly _tag: "model"
      readonly call: string | null
      readonly cause: number
      readonly delta: ModelDelta
    }
  /** Something became durable: read on from the log. */
  | { readonly _tag: "moved"; readonly seq: number }

const held = 8_192

export class Hub {
  readonly #channels = new Map<string, { readonly pubsub: PubSub.PubSub<SessionDelta>; watchers: number }>()

  publish(session: string, delta: SessionDelta): Effect.Effect<void> {
    return Effect.suspend(() => {
      const channel = this.#channels.get(session)
      return channel === undefined ? Effect.void : Effect.asVoid(PubSub.publish(channel.pubsub, delta))
    })
  }

  stream(session: string): Stream.Stream<SessionDelta> {
    return Stream.unwrap(
      Effect.gen({ self: this }, function* () {
        const channel = yield* Effect.acquireRelease(this.#enter(session), () => this.#leave(session))
        return Stream.fromSubscription(yield* PubSub.subscribe(channel.pubsub))
      }),
    )
  }

  #enter(session: string) {
    return Effect.gen({ self: this }, function* () {
      const known = this.#channels.get(session)
      const channel = known ?? { pubsub: yield* PubSub.sliding<SessionDelta>(held), watchers: 0 }
      this.#channels.set(session, channel)
      channel.watchers++
      return channel
    })
  }

  #leave(session: string): Effect.Effect<void> {
    return Effect.sync(() => {
      const channel = this.#channels.get(session)
      if (channel !== undefined && --channel.watchers === 0) this.#channels.delete(session)
    })
  }
}
