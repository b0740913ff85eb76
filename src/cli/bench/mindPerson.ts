/** A person in a benchmark's world, who opens conversations and says something in them, over a connection of their own. */
import { Effect, Layer } from "effect"
import type { Entry } from "../../daemon/entry.ts"
import { orExit } from "../errors.ts"
import { Invocation } from "../Invocation.ts"
import { Session } from "../Session.ts"
import type { World } from "../ThrowAway.ts"

export const worldPerson = Effect.fn("bench.person")(function* (world: World, entry: Entry) {
  const invocation = yield* Invocation
  const { directories, env, repository: cwd } = world
  const context = yield* Layer.build(
    // fresh: the memoised session is the user's own
    Layer.fresh(Session.layer).pipe(
      Layer.provide(Layer.succeed(Invocation, { ...invocation, entry, env, directories, cwd })),
    ),
  )
  const session = yield* Effect.provideContext(Session, context)
  const client = yield* session.ensure
  const proof = Effect.map(session.token, (token) => ({ token, surface: "cli" as const }))
  return {
    open: Effect.fnUntraced(function* (workspace: string) {
      const opened = yield* orExit(client.OpenSession({ ...(yield* proof), kind: "chat", workspace }))
      return opened.session
    }),
    /** Answers with the seq of the word. */
    say: Effect.fnUntraced(function* (to: string, text: string) {
      return yield* orExit(client.Say({ ...(yield* proof), session: to, text, files: [] }))
    }),
  }
})
