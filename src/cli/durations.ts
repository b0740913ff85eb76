/** Durations and times as people write them: `90s`, `10m`, `1h`, `2d`; ISO times; `-1h` and `1h ago` for the past. Pure. */

const unit: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, or null where it is no duration. */
export const parseDuration = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * unit[match[2]!]!
}

/** A point in the log: a seq, a time, or a duration back from now; null where it is neither. */
export const parsePoint = (
  text: string,
  nowMs: number,
): { readonly seq: number } | { readonly atMs: number } | null => {
  if (/^\d+$/.test(text)) return { seq: Number(text) }
  const back = parseDuration(text.replace(/^-/, "").replace(/\s+ago$/, ""))
  if (back !== null) return { atMs: nowMs - back }
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : { atMs: at }
}
