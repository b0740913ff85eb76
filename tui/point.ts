/** A typed point of the log: a seq, a time of day, a date, or how long ago. Pure; times are of this machine's zone. */
import type { Point } from "../src/rpc/shapes.ts"

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const day = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/

const valid = (at: Date, hour: number, minute: number): Point | null =>
  at.getHours() === hour && at.getMinutes() === minute ? { atMs: at.getTime() } : null

/**
 * `17`, `#17`, `14:30`, `2026-11-22`, `2026-11-22 14:30:05`, an ISO time with its zone, `20m`, `2h`, `3d` (ago).
 * A time of day is of the day that is looked at. Null where it is none of these.
 */
export const readPoint = (typed: string, looksAtMs: number, nowMs: number): Point | null => {
  const text = typed.trim()
  if (/^#?\d{1,15}$/.test(text)) return { seq: Number(text.replace("#", "")) }
  const ago = /^-?(\d+(?:\.\d+)?)([smhd])(?: ago)?$/.exec(text)
  if (ago !== null) return { atMs: nowMs - Number(ago[1]) * units[ago[2]!]! }
  const time = clock.exec(text)
  if (time !== null) {
    const of = new Date(looksAtMs)
    const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3] ?? 0)]
    const at = new Date(of.getFullYear(), of.getMonth(), of.getDate(), hour, minute, second)
    return valid(at, hour, minute)
  }
  const date = day.exec(text)
  if (date !== null) {
    const [year, month, of] = [Number(date[1]), Number(date[2]), Number(date[3])]
    const [hour, minute, second] = [Number(date[4] ?? 0), Number(date[5] ?? 0), Number(date[6] ?? 0)]
    const at = new Date(year, month - 1, of, hour, minute, second)
    return at.getDate() === of && at.getMonth() === month - 1 ? valid(at, hour, minute) : null
  }
  const atMs = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? null : { atMs }
}
