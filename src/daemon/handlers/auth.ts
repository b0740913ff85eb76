/**
 * Calls about credentials. How they stand is anybody's of this user to see; changing one needs the token.
 * Invariants: no answer and no error holds a secret; what changed is looked at once more, so that status and doctor say so.
 */
import { Effect, Redacted, Stream } from "effect"
import { Credentials } from "../../model/credentials/Credentials.ts"
import { keyProblem } from "../../model/credentials/keyShape.ts"
import { Logins } from "../../model/credentials/Logins.ts"
import { isPassing, type OAuthError } from "../../model/credentials/OAuthError.ts"
import type { ModelError } from "../../model/ModelError.ts"
import { AuthRpcs, LoginFailed, type LoginStep } from "../../rpc/auth.ts"
import { NoSuch } from "../../rpc/errors.ts"
import { CredentialWatch } from "../CredentialWatch.ts"
import { Token } from "../Token.ts"

const failed = (message: string) => new LoginFailed({ reason: "failed", message })
const byStore = ({ cure, message }: ModelError) => failed(`${message}: ${cure}`)
const byServer = (error: OAuthError) =>
  new LoginFailed({
    reason: error.reason === "denied" ? "denied" : isPassing(error) ? "passing" : "failed",
    message: error.message,
  })

export const authHandlers = AuthRpcs.toLayer(
  Effect.gen(function* () {
    const credentials = yield* Credentials
    const logins = yield* Logins
    const watch = yield* CredentialWatch
    const { person } = yield* Token

    const owned = Effect.fnUntraced(function* (ask: { readonly token: string; readonly provider: string }) {
      yield* person(ask)
      const owner = yield* watch.owner(ask.provider)
      return (
        owner ?? (yield* new NoSuch({ what: "provider (models.providers names them)", id: ask.provider }))
      )
    })

    return AuthRpcs.of({
      AuthStatus: () => watch.views,
      AuthKey: Effect.fnUntraced(function* (ask) {
        const owner = yield* owned(ask)
        const text = Redacted.value(ask.key).trim()
        const problem = keyProblem(owner, text)
        if (problem?.certainty === "refused") return yield* failed(problem.message)
        if (problem !== null && !ask.anyway)
          return yield* new LoginFailed({ reason: "doubtful", message: problem.message })
        yield* Effect.mapError(credentials.putKey(owner, Redacted.make(text)), byStore)
        yield* watch.look
        return yield* watch.view(owner)
      }),
      AuthLogin: (ask) =>
        Stream.unwrap(
          Effect.map(owned(ask), (owner) =>
            logins.start(owner, ask.way).pipe(
              Stream.mapError(byServer),
              Stream.mapEffect((step): Effect.Effect<LoginStep> =>
                step._tag === "done"
                  ? Effect.map(Effect.andThen(watch.look, watch.view(owner)), (view) => ({
                      _tag: "done",
                      view,
                    }))
                  : Effect.succeed(step),
              ),
            ),
          ),
        ),
      AuthPaste: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const taken = yield* Effect.mapError(logins.paste(ask.login, Redacted.value(ask.answer)), byServer)
        return taken
      }),
      AuthLogout: Effect.fnUntraced(function* (ask) {
        const owner = yield* owned(ask)
        const removed = yield* Effect.mapError(credentials.forget(owner), byStore)
        yield* watch.look
        return { removed, view: yield* watch.view(owner) }
      }),
    })
  }),
)
