/**
 * Renewing tokens: one at a time for each provider, whoever asks, in this process and in others.
 * Invariants: a refresh token is spent by one process that holds the claim to it; a renewal that began is not interrupted
 * by who asked for it; its answer is stored before anybody is given it, and a login or logout meanwhile wins; one that
 * failed for now is not begun again beside the work at once.
 */
import { Clock, Context, Deferred, Effect, Layer, Redacted } from "effect"
import type { ModelError } from "../ModelError.ts"
import { AuthorizationServers } from "./AuthorizationServers.ts"
import type { CredentialOwner } from "./Credentials.ts"
import { CredentialStore } from "./CredentialStore.ts"
import { isPassing, type OAuthError } from "./OAuthError.ts"
import { hasEnded, problem } from "./problems.ts"
import { type Claim, claimRefresh, type Marks } from "./refreshClaim.ts"
import { isSameStored, type StoredCredential, type StoredTokens } from "./storedCredential.ts"

export interface RenewalOptions {
  /** Where claims lie: the folder of secrets. */
  readonly directory: string
  readonly marks: Marks
}

/** After a failure, nobody who can do without is made to wait for another one for this long. */
const restMs = 20_000
/** How long another process may take to renew. */
const claimLimitMs = 20_000
const claimLookMs = 50

const passing = (provider: string, { message, reason }: OAuthError): ModelError =>
  problem(
    provider,
    reason === "network" || reason === "timeout" ? reason : "server",
    `the login at ${provider} could not be renewed: ${message}`,
    "it is tried again; if it lasts, look at the provider's status page",
  )

export class Renewals extends Context.Service<
  Renewals,
  {
    /** Tokens in place of `was`; fails with `credentials` once it has ended. */
    readonly renew: (owner: CredentialOwner, was: StoredTokens) => Effect.Effect<StoredTokens, ModelError>
    /** Begins one beside the work, unless one runs or failed a moment ago. */
    readonly begin: (owner: CredentialOwner, was: StoredTokens) => Effect.Effect<void>
    /** One failed a moment ago: who can do without waits for no other. */
    readonly rests: (provider: string) => Effect.Effect<boolean>
  }
>()("claw/model/credentials/Renewals") {
  static readonly layer = ({ directory, marks }: RenewalOptions) =>
    Layer.effect(
      Renewals,
      Effect.gen(function* () {
        const store = yield* CredentialStore
        const servers = yield* AuthorizationServers
        const scope = yield* Effect.scope
        const running = new Map<string, Deferred.Deferred<StoredTokens, ModelError>>()
        const failed = new Map<string, bigint>()

        /** What stands in the store, where that is no longer `was`. */
        const instead = (
          owner: CredentialOwner,
          now: StoredCredential | null,
        ): Effect.Effect<StoredTokens, ModelError> => {
          if (now?.type !== "oauth") return Effect.fail(hasEnded(owner.name, "it was logged out"))
          return now.ended === null ? Effect.succeed(now) : Effect.fail(hasEnded(owner.name, now.ended))
        }
        const newest = (owner: CredentialOwner) =>
          Effect.map(store.read(owner.name), (kept) => kept?.credential ?? null)

        const attemptClaim = (owner: CredentialOwner, token: string) =>
          Effect.try({
            try: () => claimRefresh(directory, token, marks),
            catch: (error) =>
              problem(
                owner.name,
                "credentials",
                `the login at ${owner.name} cannot be renewed: ${directory} cannot be written (${(error as NodeJS.ErrnoException).code ?? "failed"})`,
                "free some space, or make the folder yours and writable",
              ),
          })

        /** The claim, or null where another process changed the store meanwhile. */
        const claimed = Effect.fnUntraced(function* (
          owner: CredentialOwner,
          was: StoredTokens,
          token: string,
        ) {
          const wait = Effect.gen(function* () {
            for (;;) {
              const claim: Claim | null = yield* attemptClaim(owner, token)
              if (claim !== null) return claim
              yield* Effect.sleep(claimLookMs)
              if (!isSameStored(yield* newest(owner), was)) return null
            }
          })
          return yield* Effect.timeoutOrElse(wait, {
            duration: claimLimitMs,
            orElse: () =>
              Effect.fail(
                problem(
                  owner.name,
                  "timeout",
                  `another process of Claw has been renewing the login at ${owner.name} for ${claimLimitMs / 1000} s`,
                  "try again",
                ),
              ),
          })
        })

        const settled = Effect.fnUntraced(function* (
          owner: CredentialOwner,
          was: StoredTokens,
          error: OAuthError,
        ) {
          if (isPassing(error) || error.reason === "malformed") return yield* passing(owner.name, error)
          if (error.reason === "settings")
            return yield* problem(
              owner.name,
              "credentials",
              `the login at ${owner.name} cannot be renewed: ${error.message}`,
              "check auth of this provider in claw.config.ts, or log in again",
            )
          const next = { ...was, refresh: null, ended: error.message }
          return yield* instead(owner, yield* store.replace(owner.name, was, next))
        })

        /** Under the claim: the token is unspent as far as anybody knows. */
        const spend = Effect.fnUntraced(function* (
          owner: CredentialOwner,
          was: StoredTokens,
          token: Redacted.Redacted<string>,
        ) {
          const now = yield* newest(owner)
          if (!isSameStored(now, was)) return yield* instead(owner, now)
          const { auth } = owner
          if (auth === undefined) return yield* hasEnded(owner.name, "the settings have no auth for it now")
          const answer = yield* Effect.result(servers.renew(auth, token))
          if (answer._tag === "Failure") return yield* settled(owner, was, answer.failure)
          const next: StoredTokens = {
            ...was,
            ...answer.success,
            // one that does not rotate stays
            refresh: answer.success.refresh ?? token,
            ended: null,
          }
          return yield* instead(owner, yield* store.replace(owner.name, was, next))
        })

        const renewed = Effect.fnUntraced(function* (owner: CredentialOwner, was: StoredTokens) {
          const token = was.refresh
          if (token === null) return yield* hasEnded(owner.name, was.ended)
          const claim = yield* claimed(owner, was, Redacted.value(token))
          if (claim === null) return yield* instead(owner, yield* newest(owner))
          return yield* spend(owner, was, token).pipe(
            Effect.onExit((exit) => Effect.sync(() => claim.release(exit._tag === "Success"))),
          )
        })

        /** The one that runs, or a new one; it outlives who began it. */
        const shared = Effect.fnUntraced(function* (owner: CredentialOwner, was: StoredTokens) {
          const { name } = owner
          const under = running.get(name)
          if (under !== undefined) return under
          const done = Deferred.makeUnsafe<StoredTokens, ModelError>()
          running.set(name, done)
          yield* renewed(owner, was).pipe(
            Effect.tap(() => Effect.sync(() => failed.delete(name))),
            Effect.tapError(() => Effect.map(Clock.monotonicTimeNanos, (at) => failed.set(name, at))),
            Effect.onExit((exit) => {
              running.delete(name)
              return Deferred.done(done, exit)
            }),
            Effect.uninterruptible,
            Effect.forkIn(scope),
          )
          return done
        })

        const rests = Effect.fn("Renewals.rests")(function* (name: string) {
          const at = failed.get(name)
          return at !== undefined && (yield* Clock.monotonicTimeNanos) - at < BigInt(restMs) * 1_000_000n
        })

        const renew = Effect.fn("Renewals.renew")(function* (owner: CredentialOwner, was: StoredTokens) {
          return yield* Deferred.await(yield* shared(owner, was))
        })
        const begin = Effect.fn("Renewals.begin")(function* (owner: CredentialOwner, was: StoredTokens) {
          if (!(yield* rests(owner.name))) yield* shared(owner, was)
        })
        return Renewals.of({ renew, begin, rests })
      }),
    )
}
