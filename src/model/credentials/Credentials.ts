/**
 * The credentials of the user's providers: API keys and OAuth tokens, from the environment or the store of secrets.
 * Invariants: what is handed out is Redacted and no error holds any of it; a credential goes only to the server it was
 * given for; however many ask at once, a refresh token is spent once.
 */
import { Clock, Context, Effect, Layer, Redacted } from "effect"
import type { AuthSettings } from "../../config/authSettings.ts"
import type { ModelError } from "../ModelError.ts"
import type { Credential } from "../Provider.ts"
import { AuthorizationServers } from "./AuthorizationServers.ts"
import { CredentialStore } from "./CredentialStore.ts"
import { environmentKey, needsCredential } from "./environmentKey.ts"
import { elsewhere, hasEnded, missing, noKeyIn } from "./problems.ts"
import { Renewals, type RenewalOptions } from "./Renewals.ts"
import { statusOf } from "./credentialStatus.ts"
import { bindingOf, standing, type StoredTokens } from "./storedCredential.ts"

/** What a credential is asked for: a provider as the settings have it. */
export interface CredentialOwner {
  /** `[a-z][a-z0-9-]*`. */
  readonly name: string
  /** `anthropic` and `openai` need a credential; any other may do without. */
  readonly kind: string
  /** Where requests go; absent: the vendor's own server. The vendor's variable counts for that alone. */
  readonly baseUrl?: string | undefined
  /** Variable of the daemon's environment that holds the key. */
  readonly keyEnv?: string | undefined
  readonly auth?: AuthSettings | undefined
}

export interface CredentialStatus {
  readonly provider: string
  readonly kind: string
  /** Where it comes from, first that has one: `needless` is an endpoint that takes none. */
  readonly source: "environment" | "keychain" | "file" | "missing" | "needless"
  /** The variable, the file, or the keychain's name; null: nowhere. */
  readonly where: string | null
  readonly type: "key" | "oauth" | null
  /** ISO; null: does not expire, or the server did not say. */
  readonly expiresAt: string | null
  /** It is renewed without the user. */
  readonly renews: boolean
  /** What is wrong, or soon will be, with its cure; null: nothing. */
  readonly problem: { readonly message: string; readonly cure: string; readonly now: boolean } | null
}

export interface CredentialOptions extends RenewalOptions {
  /** Of the daemon. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A token, and how much of its life was gone when this process first saw it. */
interface Seen {
  readonly access: string
  readonly elapsedMs: number
  readonly at: bigint
}

export class Credentials extends Context.Service<
  Credentials,
  {
    /**
     * What a request is sent with, renewed where it is near its end; null: the endpoint takes none. Fails with
     * `credentials` where there is none or it has ended, with `network`, `timeout` or `server` where it could not be
     * renewed just now.
     */
    readonly get: (owner: CredentialOwner) => Effect.Effect<Credential, ModelError>
    /**
     * The server did not take `used` (401). True: there is another one now, so asking once more is worth it.
     */
    readonly refused: (owner: CredentialOwner, used: Credential) => Effect.Effect<boolean, ModelError>
    /** Keeps an API key in the store, in place of what was there. */
    readonly putKey: (
      owner: CredentialOwner,
      key: Exclude<Credential, null>,
    ) => Effect.Effect<void, ModelError>
    /** Removes it from the store. False: there was none. A variable is the user's to unset. */
    readonly forget: (owner: CredentialOwner) => Effect.Effect<boolean, ModelError>
    /** Asks no server. */
    readonly status: (owner: CredentialOwner) => Effect.Effect<CredentialStatus>
  }
>()("claw/model/credentials/Credentials") {
  /** On a store and servers that others give: logins share them. */
  static readonly layerShared = ({ env }: { readonly env: CredentialOptions["env"] }) =>
    Layer.effect(
      Credentials,
      Effect.gen(function* () {
        const store = yield* CredentialStore
        const renewals = yield* Renewals
        const seen = new Map<string, Seen>()

        /**
         * By the wall clock and by the one that nobody sets, whichever says more: a clock that is set back makes no
         * token younger while this process runs.
         */
        const elapsed = Effect.fnUntraced(function* (name: string, tokens: StoredTokens) {
          const wall = (yield* Clock.currentTimeMillis) - tokens.issuedAtMs
          const now = yield* Clock.monotonicTimeNanos
          const access = Redacted.value(tokens.access)
          const first = seen.get(name)
          if (first?.access !== access) {
            seen.set(name, { access, elapsedMs: Math.max(wall, 0), at: now })
            return wall
          }
          return Math.max(wall, first.elapsedMs + Number(now - first.at) / 1e6)
        })

        const usable = Effect.fnUntraced(function* (owner: CredentialOwner, tokens: StoredTokens) {
          const stands = standing(tokens.lifeMs, yield* elapsed(owner.name, tokens))
          const isOver = stands === "over"
          if (tokens.refresh === null) {
            if (isOver || tokens.ended !== null) return yield* hasEnded(owner.name, tokens.ended)
            return tokens.access
          }
          if (stands === "good") return tokens.access
          if (stands === "early") return yield* Effect.as(renewals.begin(owner, tokens), tokens.access)
          if (!isOver && (yield* renewals.rests(owner.name))) return tokens.access
          return yield* renewals.renew(owner, tokens).pipe(
            Effect.map((next) => next.access),
            Effect.catch((error) =>
              isOver || error.reason === "credentials" ? Effect.fail(error) : Effect.succeed(tokens.access),
            ),
          )
        })

        const get = Effect.fn("Credentials.get")(function* (owner: CredentialOwner) {
          const inEnvironment = environmentKey(owner, env)
          if (inEnvironment !== null) {
            if (inEnvironment.key !== null) return inEnvironment.key
            return yield* noKeyIn(owner.name, inEnvironment.variable)
          }
          const kept = yield* store.read(owner.name)
          if (kept === null) return needsCredential(owner) ? yield* missing(owner) : null
          const { credential } = kept
          if (credential.for !== bindingOf(owner, credential.type)) return yield* elsewhere(owner.name)
          return credential.type === "key" ? credential.key : yield* usable(owner, credential)
        })

        const refused = Effect.fn("Credentials.refused")(function* (
          owner: CredentialOwner,
          used: Credential,
        ) {
          if (environmentKey(owner, env) !== null) return false
          const credential = (yield* store.read(owner.name))?.credential
          if (credential === undefined || credential.for !== bindingOf(owner, credential.type)) return false
          const now = credential.type === "key" ? credential.key : credential.access
          if (used === null || Redacted.value(now) !== Redacted.value(used)) return true
          if (credential.type === "key" || credential.refresh === null) return false
          yield* renewals.renew(owner, credential)
          return true
        })

        const putKey = Effect.fn("Credentials.putKey")(
          (owner: CredentialOwner, key: Exclude<Credential, null>) =>
            store.write(owner.name, { v: 1, type: "key", for: bindingOf(owner, "key"), key }),
        )
        const forget = Effect.fn("Credentials.forget")((owner: CredentialOwner) => store.remove(owner.name))

        const status = Effect.fn("Credentials.status")(function* (owner: CredentialOwner) {
          const kept = yield* Effect.result(store.read(owner.name))
          const nowMs = yield* Clock.currentTimeMillis
          return statusOf(owner, environmentKey(owner, env), kept, nowMs)
        })

        return Credentials.of({ get, refused, putKey, forget, status })
      }),
    )

  /** Needs the `Keychain` alone; shares store and servers with `Logins`. */
  static readonly layer = ({ env, ...renewal }: CredentialOptions) =>
    Credentials.layerShared({ env }).pipe(
      Layer.provideMerge(Renewals.layer(renewal)),
      Layer.provideMerge(Layer.mergeAll(CredentialStore.layer(renewal), AuthorizationServers.layer)),
    )
}
