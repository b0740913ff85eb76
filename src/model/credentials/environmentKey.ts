/**
 * Keys of the daemon's environment. Pure.
 * Invariant: the vendor's own variable counts for the vendor's own server alone, so that no other server is sent it.
 */
import { Redacted } from "effect"
import type { CredentialOwner } from "./Credentials.ts"

const vendors: Readonly<Record<string, { readonly variable: string; readonly host: string }>> = {
  anthropic: { variable: "ANTHROPIC_API_KEY", host: "api.anthropic.com" },
  openai: { variable: "OPENAI_API_KEY", host: "api.openai.com" },
}

/** Its requests go to the vendor that its kind is named after. */
export const isVendors = ({ kind, baseUrl }: CredentialOwner): boolean => {
  const vendor = Object.hasOwn(vendors, kind) ? vendors[kind] : undefined
  if (vendor === undefined) return false
  if (baseUrl === undefined) return true
  return URL.canParse(baseUrl) && new URL(baseUrl).host === vendor.host && baseUrl.startsWith("https:")
}

/** The variables it may stand in, the one that counts first. */
export const variablesOf = (owner: CredentialOwner): ReadonlyArray<string> => {
  if (owner.keyEnv !== undefined) return [owner.keyEnv]
  return isVendors(owner) ? [vendors[owner.kind]!.variable] : []
}

export const needsCredential = (owner: CredentialOwner): boolean =>
  isVendors(owner) || owner.keyEnv !== undefined || owner.auth !== undefined

/** What a header can carry. */
export const isOneWord = (text: string): boolean => /^[\x21-\x7e]{1,8192}$/.test(text)

export interface EnvironmentKey {
  readonly variable: string
  /** Null: what it holds is no key. */
  readonly key: Redacted.Redacted<string> | null
}

/** Null where no variable of it is set. */
export const environmentKey = (
  owner: CredentialOwner,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentKey | null => {
  for (const variable of variablesOf(owner)) {
    const text = (Object.hasOwn(env, variable) ? (env[variable] ?? "") : "").trim()
    if (text !== "") return { variable, key: isOneWord(text) ? Redacted.make(text) : null }
  }
  return null
}
