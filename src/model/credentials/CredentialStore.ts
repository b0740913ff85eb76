/**
 * Credentials in the store of secrets, one entry a provider.
 * Invariants: an entry is whole, old or new; one process at a time writes it, so `replace` writes only where nobody else did
 * meanwhile; a store that cannot be trusted or reached is an error, never an empty one.
 */
import { Context, Effect, Layer } from "effect"
import { Keychain, type KeychainError, type Place } from "../../config/Keychain.ts"
import type { ModelError } from "../ModelError.ts"
import { problem, unreadable } from "./problems.ts"
import { type Claim, claimRefresh, type Marks } from "./refreshClaim.ts"
import { decodeStored, encodeStored, isSameStored, type StoredCredential } from "./storedCredential.ts"

export interface Kept {
  readonly credential: StoredCredential
  readonly place: Place
}

const entryName = (provider: string): string => `model-${provider}`
const nameShape = /^[a-z][a-z0-9-]{0,63}$/

/** How long another process may take to write an entry. */
const turnLimitMs = 20_000
const turnLookMs = 20

const cures: Record<KeychainError["reason"], string> = {
  unreachable: "unlock the keychain, or start Claw in your session",
  unsafe: "do what the message says",
  failed: "claw doctor",
}

export class CredentialStore extends Context.Service<
  CredentialStore,
  {
    readonly read: (provider: string) => Effect.Effect<Kept | null, ModelError>
    readonly write: (provider: string, credential: StoredCredential) => Effect.Effect<void, ModelError>
    /** Writes `next` where `was` still stands; what stands then. */
    readonly replace: (
      provider: string,
      was: StoredCredential,
      next: StoredCredential,
    ) => Effect.Effect<StoredCredential | null, ModelError>
    readonly remove: (provider: string) => Effect.Effect<boolean, ModelError>
  }
>()("claw/model/credentials/CredentialStore") {
  /** `directory`: where claims to entries lie, the folder of secrets. */
  static readonly layer = ({ directory, marks }: { readonly directory: string; readonly marks: Marks }) =>
    Layer.effect(
      CredentialStore,
      Effect.gen(function* () {
        const keychain = yield* Keychain

        const turn = (provider: string) =>
          Effect.gen(function* () {
            for (;;) {
              const claim: Claim | null = yield* Effect.try({
                try: () => claimRefresh(directory, entryName(provider), marks),
                catch: (error) =>
                  problem(
                    provider,
                    "credentials",
                    `the credential of ${provider} cannot be changed: ${directory} cannot be written (${(error as NodeJS.ErrnoException).code ?? "failed"})`,
                    "free some space, or make the folder yours and writable",
                  ),
              })
              if (claim !== null) return claim
              yield* Effect.sleep(turnLookMs)
            }
          }).pipe(
            Effect.timeoutOrElse({
              duration: turnLimitMs,
              orElse: () =>
                Effect.fail(
                  problem(
                    provider,
                    "timeout",
                    `another process of Claw has been changing the credential of ${provider} for ${turnLimitMs / 1000} s`,
                    "try again",
                  ),
                ),
            }),
          )
        /** Nobody else writes this entry meanwhile, in this process or in another. */
        const alone = <A>(
          provider: string,
          run: Effect.Effect<A, ModelError>,
        ): Effect.Effect<A, ModelError> =>
          Effect.acquireUseRelease(
            Effect.interruptible(turn(provider)),
            () => run,
            (claim) => Effect.sync(() => claim.release(true)),
          )

        const entry = <A>(
          provider: string,
          run: (name: string) => Effect.Effect<A, KeychainError>,
        ): Effect.Effect<A, ModelError> =>
          nameShape.test(provider)
            ? Effect.mapError(run(entryName(provider)), (error) =>
                problem(provider, "credentials", error.message, cures[error.reason]),
              )
            : Effect.fail(
                problem(
                  "credentials",
                  "bad-request",
                  "a provider's name has small letters, digits and hyphens",
                  "rename it",
                ),
              )

        const read = Effect.fn("CredentialStore.read")(function* (provider: string) {
          const found = yield* entry(provider, keychain.get)
          if (found === null) return null
          const credential = decodeStored(found.secret)
          if (credential === null) return yield* unreadable(provider, found.place.where)
          return { credential, place: found.place } satisfies Kept
        })
        const put = (provider: string, credential: StoredCredential) =>
          Effect.asVoid(entry(provider, (name) => keychain.set(name, encodeStored(credential))))
        const write = Effect.fn("CredentialStore.write")((provider: string, credential: StoredCredential) =>
          alone(provider, put(provider, credential)),
        )
        const compared = Effect.fnUntraced(function* (
          provider: string,
          was: StoredCredential,
          next: StoredCredential,
        ) {
          const now = yield* read(provider)
          if (!isSameStored(now?.credential ?? null, was)) return now?.credential ?? null
          yield* put(provider, next)
          return next
        })
        const replace = Effect.fn("CredentialStore.replace")(
          (provider: string, was: StoredCredential, next: StoredCredential) =>
            alone(provider, compared(provider, was, next)),
        )
        const remove = Effect.fn("CredentialStore.remove")((provider: string) =>
          alone(provider, entry(provider, keychain.delete)),
        )
        return CredentialStore.of({ read, write, replace, remove })
      }),
    )
}
