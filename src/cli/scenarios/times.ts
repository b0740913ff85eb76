/** Times as a story's file writes them: `10s`, `1m30s`, `2h`, `500ms`; days and hours as `tue 10:00`. Pure. */

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const spanPattern = /^(?:\d+(?:ms|s|m|h|d))+$/

/** Milliseconds, or null where it is no span. */
export const spanOf = (text: string): number | null =>
  spanPattern.test(text)
    ? [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce(
        (sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!,
        0,
      )
    : null

const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
const startPattern = /^(?:(sun|mon|tue|wed|thu|fri|sat) )?([01]\d|2[0-3]):([0-5]\d)$/

/** Without a day: a Tuesday. */
export const startOf = (text: string): { readonly day: number; readonly minutes: number } | null => {
  const found = startPattern.exec(text)
  if (found === null) return null
  return { day: days.indexOf(found[1] ?? "tue"), minutes: Number(found[2]) * 60 + Number(found[3]) }
}

/** The next such time behind `nowMs`, in UTC, at least a minute away. */
export const nextStart = (
  nowMs: number,
  { day, minutes }: { readonly day: number; readonly minutes: number },
): number => {
  const midnight = Math.floor(nowMs / units["d"]!) * units["d"]!
  const ahead = (day - new Date(nowMs).getUTCDay() + 7) % 7
  const start = midnight + ahead * units["d"]! + minutes * 60_000
  return start > nowMs + 60_000 ? start : start + 7 * units["d"]!
}

/** `1:05.2` of so many milliseconds. */
export const clockText = (ms: number): string => {
  const tenths = Math.round(ms / 100)
  const minutes = Math.floor(tenths / 600)
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`
}
