/**
 * The credentials of the user's providers: API keys and OAuth tokens, from the environment or the store of secrets.
 * Invariants: what is handed out is Redacted and no error holds any of it; a credential goes only to the server it was
 * given for; however many ask at once, a refresh token is spent once.
 */
import { Context, type Effect } from "effect"
import type { AuthSettings } from "../../config/authSettings.ts"
import type { ModelError } from "../ModelError.ts"
import type { Credential } from "../Provider.ts"

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
>()("claw/model/credentials/Credentials") {}
