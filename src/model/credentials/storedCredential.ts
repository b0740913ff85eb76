/**
 * What the store of secrets holds for one provider, and how long it is good for. Pure.
 * Invariants: secrets are Redacted outside the text that is stored; life is counted as time gone by since the token was
 * asked for, never by comparing two machines' clocks; a text that cannot be read is said to be so, and never shown.
 */
import { Redacted, Result, Schema } from "effect"
import type { CredentialOwner } from "./Credentials.ts"

const Secret = Schema.RedactedFromValue(Schema.NonEmptyString)

const StoredKey = Schema.Struct({
  v: Schema.Literal(1),
  type: Schema.Literal("key"),
  /** `bindingOf` the provider when it was given. */
  for: Schema.String,
  key: Secret,
})
const StoredTokens = Schema.Struct({
  v: Schema.Literal(1),
  type: Schema.Literal("oauth"),
  for: Schema.String,
  access: Secret,
  refresh: Schema.NullOr(Secret),
  /** This machine's clock when the tokens were asked for. */
  issuedAtMs: Schema.Finite,
  /** Null: the server did not say. */
  lifeMs: Schema.NullOr(Schema.Finite),
  /** How far the server's clock was ahead of this machine's; null: it sent no date. */
  skewMs: Schema.NullOr(Schema.Finite),
  /** Why it is not renewed any more; null: it is. */
  ended: Schema.NullOr(Schema.String),
})
export type StoredKey = typeof StoredKey.Type
export type StoredTokens = typeof StoredTokens.Type
const StoredCredential = Schema.Union([StoredKey, StoredTokens])
export type StoredCredential = typeof StoredCredential.Type

const Json = Schema.fromJsonString(StoredCredential)
const decode = Schema.decodeUnknownResult(Json)
export const encodeStored = Schema.encodeSync(Json)

/** Null where the text is none of ours, or damaged. */
export const decodeStored = (text: string): StoredCredential | null =>
  Result.getOrElse(decode(text), () => null)

/** Whom a credential was given for: one that settings point elsewhere since then is not sent there. */
export const bindingOf = (owner: CredentialOwner, type: StoredCredential["type"]): string => {
  const { auth, baseUrl, kind } = owner
  const server = [kind, baseUrl ?? ""]
  const parts =
    type === "key" ? server : [...server, auth?.issuer ?? auth?.tokenEndpoint ?? "", auth?.clientId ?? ""]
  return JSON.stringify(parts)
}

const sameSecret = (a: Redacted.Redacted<string> | null, b: Redacted.Redacted<string> | null): boolean =>
  a === null || b === null ? a === b : Redacted.value(a) === Redacted.value(b)

/** Nobody exchanged it meanwhile. */
export const isSameStored = (a: StoredCredential | null, b: StoredCredential | null): boolean => {
  if (a === null || b === null) return a === b
  if (a.type === "key") return b.type === "key" && sameSecret(a.key, b.key)
  return (
    b.type === "oauth" &&
    sameSecret(a.access, b.access) &&
    sameSecret(a.refresh, b.refresh) &&
    a.ended === b.ended
  )
}

/**
 * `early`: worth renewing beside the work; `due`: renew before it is used; `over`: not taken any more; `unknown`: the
 * clock was set back, so nobody knows.
 */
export type Standing = "good" | "early" | "due" | "over" | "unknown"

const earlyMs = 5 * 60_000
const dueMs = 30_000
/** Clocks step back by this much without being set. */
const jitterMs = 2_000

export const standing = (lifeMs: number | null, elapsedMs: number): Standing => {
  if (lifeMs === null) return "good"
  if (elapsedMs < -jitterMs) return "unknown"
  const left = lifeMs - elapsedMs
  if (left <= 0) return "over"
  if (left <= Math.min(dueMs, lifeMs / 10)) return "due"
  return left <= Math.min(earlyMs, lifeMs / 5) ? "early" : "good"
}
