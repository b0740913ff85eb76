/**
 * What is tried again after a failure, when, and what stands in for a model that cannot be reached. Pure.
 * Invariants: what asking again cannot mend (credentials, a bad request, a full window, a spend limit) is never asked
 * again; a server's own word about when to come back is kept to, unless it is too long to wait.
 */
import type { ModelFailure } from "../domain/modelRequest.ts"
import type { ModelError } from "./ModelError.ts"

/** Requests of one model for one call, the first counted. */
export const attemptsOfOne = 6

const firstMs = 1_000
const longestMs = 60_000
/** A server that wants to be left alone for longer is not waited for. */
const patienceMs = 600_000
/** Where another model could answer, waiting is worth less. */
const patienceBesideMs = 30_000

const again: ReadonlySet<ModelFailure> = new Set([
  "rate-limit",
  "overloaded",
  "network",
  "timeout",
  "stalled",
  "server",
  "malformed",
])
/** A protocol broken twice is a server that does not speak it. */
const fewTimes: Partial<Record<ModelFailure, number>> = { malformed: 2, timeout: 3, stalled: 3 }

/** Reasons for which another model may answer; a spent account only at another provider. */
const standsIn: ReadonlySet<ModelFailure> = new Set([...again, "not-found"])

export type Next =
  | { readonly _tag: "retry"; readonly afterMs: number }
  | { readonly _tag: "fallback" }
  | { readonly _tag: "fail" }

/** `tried`: requests of this model so far; `random` in [0, 1): full jitter, so that many clients come back apart. */
export const nextAfter = (
  error: ModelError,
  tried: number,
  random: number,
  fallback: { readonly provider: string } | null,
): Next => {
  const other: Next =
    fallback !== null &&
    (standsIn.has(error.reason) || (error.reason === "spend-limit" && fallback.provider !== error.provider))
      ? { _tag: "fallback" }
      : { _tag: "fail" }
  if (!again.has(error.reason)) return other
  if (tried >= Math.min(attemptsOfOne, fewTimes[error.reason] ?? attemptsOfOne)) return other
  const backOff = Math.round(random * Math.min(longestMs, firstMs * 2 ** (tried - 1)))
  const afterMs = error.retryAfterMs === null ? backOff : error.retryAfterMs + Math.round(random * firstMs)
  const patience = fallback === null ? patienceMs : patienceBesideMs
  return afterMs > patience ? other : { _tag: "retry", afterMs }
}

/** Before anything came of an answer these are refusals, and nothing was billed as far as anybody can tell. */
const refusals: ReadonlySet<ModelFailure> = new Set([
  "credentials",
  "rate-limit",
  "overloaded",
  "network",
  "bad-request",
  "context",
  "content-filter",
  "not-found",
  "spend-limit",
  "paused",
  "server",
])

/** Whether the server may have billed something for a call that failed. */
export const mayBeBilled = ({ begun, reason }: Pick<ModelError, "begun" | "reason">): boolean =>
  begun || !refusals.has(reason)
