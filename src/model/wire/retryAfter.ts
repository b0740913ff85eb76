/** When a server wants to be asked again: `retry-after-ms`, or `retry-after` as seconds or as an HTTP date. */

export interface HeaderReader {
  readonly get: (name: string) => string | null
}

const limit = 24 * 3600 * 1000

const whole = (ms: number): number | null =>
  Number.isFinite(ms) ? Math.min(limit, Math.max(0, Math.ceil(ms))) : null

/** Milliseconds from `now`, between 0 and a day; null: it did not say, or nothing that makes sense. */
export const retryAfterMs = (headers: HeaderReader, now: number): number | null => {
  const ms = headers.get("retry-after-ms")
  if (ms !== null && /^\s*\d+(\.\d+)?\s*$/.test(ms)) return whole(Number(ms))
  const after = headers.get("retry-after")
  if (after === null) return null
  if (/^\s*\d+(\.\d+)?\s*$/.test(after)) return whole(Number(after) * 1000)
  // Only what has the form of a date: `Date.parse` also takes "-3" for a year.
  return /^\s*[A-Z][a-z]{2}[a-z]*,? /.test(after) ? whole(Date.parse(after) - now) : null
}
