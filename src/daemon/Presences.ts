/**
 * Who is looking: which connections said that a person is at their surface. Said in the log when the first comes to look
 * and each time one does, and when the last one leaves, by a word or by losing the connection.
 * Invariant: a surface whose connections are all gone is not said to be looked at.
 */
import { Context, Effect, Layer } from "effect"
import { draft } from "../domain/event.ts"
import type { Surface } from "../domain/events/acted.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"

export class Presences extends Context.Service<
  Presences,
  {
    readonly say: (client: number, surface: Surface, present: boolean) => Effect.Effect<void>
    /** The connection is gone. */
    readonly left: (client: number) => Effect.Effect<void>
  }
>()("claw/daemon/Presences") {
  static readonly layer = Layer.effect(
    Presences,
    Effect.gen(function* () {
      const appender = yield* Appender
      const folds = yield* Folds
      const looking = new Map<Surface, Set<number>>()

      // nobody waits for a disk that takes nothing to hear that somebody looks
      const log = Effect.fnUntraced(
        function* (surface: Surface, present: boolean, detail: string) {
          const events = yield* appender.appendNow([
            draft(
              "daemon.health",
              {
                component: `client:${surface}`,
                state: present ? "running" : "stopped",
                backend: null,
                detail,
              },
              { actor: `user:${surface}` },
            ),
          ])
          yield* folds.reached(events.at(-1)!.seq)
        },
        (said) => Effect.ignore(said),
      )

      const gone = (client: number, surface: Surface, detail: string): Effect.Effect<void> => {
        const clients = looking.get(surface)
        if (clients === undefined || !clients.delete(client) || clients.size > 0) return Effect.void
        return log(surface, false, detail)
      }
      const say = (client: number, surface: Surface, present: boolean): Effect.Effect<void> =>
        Effect.suspend(() => {
          if (!present) return gone(client, surface, "nobody is looking")
          looking.set(surface, (looking.get(surface) ?? new Set()).add(client))
          return log(surface, true, "a person is looking")
        })
      const left = (client: number): Effect.Effect<void> =>
        Effect.forEach([...looking.keys()], (surface) => gone(client, surface, "its connection ended"), {
          discard: true,
        })
      return Presences.of({ say, left })
    }),
  )
}
