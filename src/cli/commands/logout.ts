/** claw logout: forgets what is kept for a provider of models. */
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { orExit } from "../errors.ts"
import { Exit } from "../Exit.ts"
import { safe } from "../output.ts"
import { Session } from "../Session.ts"

export const logout = Command.make(
  "logout",
  { provider: Argument.String("provider").pipe(Argument.withDescription("as claw auth status names it")) },
  Effect.fn(function* ({ provider }) {
    const session = yield* Session
    const client = yield* session.ensure
    const { removed, view } = yield* orExit(
      client.AuthLogout({ token: yield* session.token, surface: "cli", provider }),
    )
    const set = view.source === "environment" ? `; ${safe(view.where ?? "")} is set, and still counts` : ""
    if (!removed)
      return yield* new Exit({ reason: "noSuch", message: `nothing is kept for ${safe(provider)}${set}` })
    yield* Console.log(`forgot what was kept for ${safe(provider)}${set}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("forget the key or login that is kept for a provider of models"),
  Command.withExamples([{ command: "claw logout anthropic", description: "a variable stays as it is" }]),
)
