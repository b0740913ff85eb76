/**
 * When to ask again whether a device code was answered (RFC 8628, 3.5). Pure.
 * Invariant: the time between two questions never gets shorter.
 */
import { isPassing, type OAuthError } from "./OAuthError.ts"

const shortestMs = 1_000
const longestMs = 60_000
const slowerMs = 5_000

export const firstInterval = (intervalMs: number): number =>
  Math.min(Math.max(intervalMs, shortestMs), longestMs)

/** The next interval; null: it is of no use to ask again. */
export const nextInterval = (intervalMs: number, error: OAuthError): number | null => {
  if (error.reason === "pending") return intervalMs
  if (error.reason === "slow") return intervalMs + slowerMs
  return isPassing(error) ? Math.min(intervalMs * 2, Math.max(longestMs, intervalMs)) : null
}
