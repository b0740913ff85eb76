/**
 * How missing, ended and unusable credentials are told. Pure.
 * Invariant: no text of it is made from a credential.
 */
import type { ModelFailure } from "../../domain/modelRequest.ts"
import { ModelError } from "../ModelError.ts"
import type { CredentialOwner } from "./Credentials.ts"
import { variablesOf } from "./environmentKey.ts"

export const problem = (provider: string, reason: ModelFailure, message: string, cure: string): ModelError =>
  new ModelError({
    reason,
    provider,
    status: null,
    requestId: null,
    message,
    cure,
    retryAfterMs: null,
    begun: false,
  })

export const loginAgain = (provider: string): string => `claw login ${provider}`

export const missing = (owner: CredentialOwner): ModelError => {
  const { auth, name } = owner
  const [variable] = variablesOf(owner)
  const set = variable === undefined ? "" : `, or set ${variable} where the daemon starts`
  return problem(
    name,
    "credentials",
    `there is no credential for ${name}`,
    `${loginAgain(name)}${auth === undefined ? " --key" : ""}${set}`,
  )
}

export const noKeyIn = (provider: string, variable: string): ModelError =>
  problem(
    provider,
    "credentials",
    `${variable} holds nothing that a request can carry`,
    `set ${variable} to the key alone, then claw restart`,
  )

export const elsewhere = (provider: string): ModelError =>
  problem(
    provider,
    "credentials",
    `the credential of ${provider} was given for another server than the settings name now, so it is not sent there`,
    `${loginAgain(provider)}, or put the settings back`,
  )

export const unreadable = (provider: string, where: string): ModelError =>
  problem(provider, "credentials", `${where} holds no credential that can be read`, loginAgain(provider))

export const hasEnded = (provider: string, why: string | null): ModelError =>
  problem(
    provider,
    "credentials",
    `the login at ${provider} has ended${why === null ? "" : `: ${why}`}`,
    loginAgain(provider),
  )
