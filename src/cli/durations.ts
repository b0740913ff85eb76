/**
 * Durations and times as people write them: `90s`, `10m`, `1h`, `2d`; `-1h` and `1h ago` for the past; ISO times; local
 * ones such as `2026-11-20 14:05`, `2026-11-20` and `14:05`. Pure.
 */

const unit: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, or null where it is no duration. */
export const parseDuration = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * unit[match[2]!]!
}

const date = String.raw`\d{4}-\d{2}-\d{2}`
const time = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?`
const zone = String.raw`(?:Z|[+-]\d{2}:?\d{2})`
const written = new RegExp(`^(?:(${date})(?:[T ]+(${time})(${zone})?)?|(${time}))$`)

/** Milliseconds since the epoch; what names no zone is local, also a day alone, which means its beginning. */
const parseTime = (text: string, nowMs: number): number | null => {
  const found = written.exec(text.trim())
  if (found === null) return null
  const [, day, of, where = "", clock] = found
  const now = new Date(nowMs)
  const two = (n: number) => String(n).padStart(2, "0")
  const today = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  const at = Date.parse(`${day ?? today}T${(of ?? clock ?? "00:00").replace(/^(?=\d:)/, "0")}${where}`)
  return Number.isNaN(at) ? null : at
}

/** A point in the log: a seq, a time, or a duration back from now; null where it is neither. */
export const parsePoint = (
  text: string,
  nowMs: number,
): { readonly seq: number } | { readonly atMs: number } | null => {
  if (/^\d+$/.test(text)) return { seq: Number(text) }
  const back = parseDuration(text.replace(/^-/, "").replace(/\s+ago$/, ""))
  if (back !== null) return { atMs: nowMs - back }
  const at = parseTime(text, nowMs)
  return at === null ? null : { atMs: at }
}
