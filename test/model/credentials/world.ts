/** Credentials on real files in a folder of their own, for a provider whose logins an authorization server of tests takes. */
import { Clock, Effect, Layer, Redacted } from "effect"
import { Keychain } from "../../../src/config/Keychain.ts"
import { type CredentialOwner, Credentials } from "../../../src/model/credentials/Credentials.ts"
import { CredentialStore } from "../../../src/model/credentials/CredentialStore.ts"
import { Logins } from "../../../src/model/credentials/Logins.ts"
import { bindingOf, type StoredTokens } from "../../../src/model/credentials/storedCredential.ts"

export interface Place {
  readonly directory: string
  readonly env?: Readonly<Record<string, string>>
  /** Names the process; each has its own. */
  readonly mark?: string
  readonly isAlive?: (mark: string) => boolean
}

export const credentialsIn = ({ directory, env = {}, isAlive = () => true, mark = "1 1" }: Place) =>
  Logins.layer.pipe(
    Layer.provideMerge(Credentials.layer({ directory, env, marks: { mine: mark, isAlive } })),
    Layer.provideMerge(Keychain.layer({ directory, env: {}, platform: "linux" })),
  )

export const ownerAt = (issuer: string): CredentialOwner => ({
  name: "work",
  kind: "chat",
  baseUrl: "https://models.example/v1",
  auth: { issuer, clientId: "claw-test", scopes: ["models:use"] },
})

/** As a login that was `agoMs` ago left it. */
export const plant = (
  owner: CredentialOwner,
  tokens: { readonly access: string; readonly refresh: string | null },
  agoMs: number,
  lifeMs: number | null = 3_600_000,
) =>
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const stored: StoredTokens = {
      v: 1,
      type: "oauth",
      for: bindingOf(owner, "oauth"),
      access: Redacted.make(tokens.access),
      refresh: tokens.refresh === null ? null : Redacted.make(tokens.refresh),
      issuedAtMs: (yield* Clock.currentTimeMillis) - agoMs,
      lifeMs,
      skewMs: null,
      ended: null,
    }
    yield* store.write(owner.name, stored)
    return stored
  })

export const shownOf = (credential: Redacted.Redacted<string> | null): string | null =>
  credential === null ? null : Redacted.value(credential)
