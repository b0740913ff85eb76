/**
 * How a provider's credential stands, for people and before background work breaks. Pure; asks no server.
 * Invariant: says where a credential is and never what it is.
 */
import { Result } from "effect"
import type { ModelError } from "../ModelError.ts"
import type { CredentialOwner, CredentialStatus } from "./Credentials.ts"
import type { Kept } from "./CredentialStore.ts"
import { type EnvironmentKey, needsCredential } from "./environmentKey.ts"
import { elsewhere, hasEnded, loginAgain, missing, noKeyIn } from "./problems.ts"
import { bindingOf, type StoredTokens } from "./storedCredential.ts"

/** A login that ends within this, and is not renewed, is told. */
const soonMs = 24 * 60 * 60_000
/** A clock that is further off than this is worth a word. */
const largeSkewMs = 2 * 60_000

type Problem = NonNullable<CredentialStatus["problem"]>

const broken = ({ cure, message }: ModelError): Problem => ({ message, cure, now: true })

const endOf = ({ issuedAtMs, lifeMs }: StoredTokens): number | null =>
  lifeMs === null ? null : issuedAtMs + lifeMs

/** `40 min`, `5 h`. */
const span = (ms: number): string =>
  ms < 90 * 60_000 ? `${Math.max(1, Math.round(ms / 60_000))} min` : `${Math.round(ms / 3_600_000)} h`

const tokenProblem = (provider: string, tokens: StoredTokens, nowMs: number): Problem | null => {
  const end = endOf(tokens)
  const renews = tokens.refresh !== null
  if (tokens.ended !== null || (!renews && end !== null && end <= nowMs))
    return broken(hasEnded(provider, tokens.ended))
  if (!renews && end !== null && end - nowMs <= soonMs)
    return {
      message: `the login at ${provider} ends in ${span(end - nowMs)} and is not renewed by itself`,
      cure: loginAgain(provider),
      now: false,
    }
  const { skewMs } = tokens
  if (skewMs !== null && Math.abs(skewMs) > largeSkewMs)
    return {
      message: `this machine's clock was ${span(Math.abs(skewMs))} ${skewMs > 0 ? "behind" : "ahead of"} that of the server that logs in to ${provider}`,
      cure: "set the clock (timedatectl set-ntp true)",
      now: false,
    }
  return null
}

export const statusOf = (
  owner: CredentialOwner,
  inEnvironment: EnvironmentKey | null,
  kept: Result.Result<Kept | null, ModelError>,
  nowMs: number,
): CredentialStatus => {
  const { kind, name: provider } = owner
  const base = { provider, kind, expiresAt: null, renews: false }
  if (inEnvironment !== null) {
    const { key, variable } = inEnvironment
    return {
      ...base,
      source: "environment",
      where: variable,
      type: "key",
      problem: key === null ? broken(noKeyIn(provider, variable)) : null,
    }
  }
  const none = { ...base, where: null, type: null }
  if (Result.isFailure(kept)) return { ...none, source: "missing", problem: broken(kept.failure) }
  if (kept.success === null) {
    if (!needsCredential(owner)) return { ...none, source: "needless", problem: null }
    return { ...none, source: "missing", problem: broken(missing(owner)) }
  }
  const { credential, place } = kept.success
  const found = { ...base, source: place.kind, where: place.where, type: credential.type }
  if (credential.for !== bindingOf(owner, credential.type))
    return { ...found, problem: broken(elsewhere(provider)) }
  if (credential.type === "key") return { ...found, problem: null }
  const end = endOf(credential)
  return {
    ...found,
    expiresAt: end === null ? null : new Date(end).toISOString(),
    renews: credential.refresh !== null,
    problem: tokenProblem(provider, credential, nowMs),
  }
}
