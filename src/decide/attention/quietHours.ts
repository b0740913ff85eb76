/**
 * Hours in which nothing that is not urgent is shown: `22:00-07:30`, `sat-sun 00:00-24:00`, by the clock on the wall of
 * a time zone, so that they stay where they are when the clocks change.
 * Invariant: pure; what cannot be read never hides anything (the settings refuse it before it comes here).
 */
import { parseQuietHours, type QuietHours } from "../../config/quietHours.ts"

const minuteMs = 60_000
const dayMinutes = 24 * 60

const formats = new Map<string, Intl.DateTimeFormat>()
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  })
  formats.set(timeZone, made)
  return made
}

interface WallClock {
  /** 0: Monday. */
  readonly day: number
  readonly minute: number
}

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

const wallClock = (nowMs: number, timeZone: string): WallClock => {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  )
  return {
    day: days.indexOf(parts["weekday"] ?? ""),
    minute: Number(parts["hour"]) * 60 + Number(parts["minute"]),
  }
}

/** Hours that go past midnight belong to the day they begin on. */
const isWithin = ({ days: on, from, to }: QuietHours, { day, minute }: WallClock): boolean => {
  if (from < to) return on.includes(day) && minute >= from && minute < to
  const yesterday = (day + 6) % 7
  return (on.includes(day) && minute >= from) || (on.includes(yesterday) && minute < to)
}

/** The same minute of the wall clock, where the clocks were changed on the way; as it was where that one was left out. */
const corrected = (atMs: number, to: number, timeZone: string, inside: (atMs: number) => boolean): number => {
  const off = ((to - wallClock(atMs, timeZone).minute + 1.5 * dayMinutes) % dayMinutes) - dayMinutes / 2
  const moved = atMs + off * minuteMs
  return off === 0 || inside(moved) ? atMs : moved
}

/** Hours that adjoin one another are looked through so often at most. */
const mostHours = 50

/** When the quiet hours that hold now are over, to the minute; null: none hold. */
export const quietUntilMs = (
  hours: ReadonlyArray<string>,
  timeZone: string,
  nowMs: number,
): number | null => {
  const parsed = hours.flatMap((text) => parseQuietHours(text) ?? [])
  if (parsed.length === 0) return null
  let at = nowMs - (nowMs % minuteMs)
  for (let looked = 0; looked < mostHours; looked += 1) {
    const clock = wallClock(at, timeZone)
    const held = parsed.find((each) => isWithin(each, clock))
    if (held === undefined) return looked === 0 ? null : at
    const left = (held.to - clock.minute + dayMinutes) % dayMinutes || dayMinutes
    at = corrected(at + left * minuteMs, held.to % dayMinutes, timeZone, (moved) =>
      isWithin(held, wallClock(moved, timeZone)),
    )
  }
  return at
}
