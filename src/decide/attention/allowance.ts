/**
 * How many non-urgent items an hour may be shown: a generic cell rate, kept as one mark in time per budget.
 * The hour is one of work (`worked.ts`): a day of breaks makes nobody fit to be interrupted more often.
 * Suggestions that answer a command the user just ran have a budget of their own, by the clock, because a failed
 * command is the moment to speak of it.
 */
import type { MachineState, Tracked } from "../state.ts"

export const hourMs = 60 * 60_000
/** Corrections of commands: at most this many an hour, so many at once. */
const immediate = { perHour: 20, burst: 6 }

export interface Allowance {
  readonly free: boolean
  /** When there is room again; null: that depends on when the user works. */
  readonly nextMs: number | null
  /** The mark after one more was shown. */
  readonly markMs: number
}

const allowance = (perHour: number, burst: number, fullMs: number, now: number): Allowance => {
  if (perHour <= 0) return { free: false, nextMs: Number.MAX_SAFE_INTEGER, markMs: fullMs }
  const step = hourMs / perHour
  // a mark further ahead than the allowance can reach comes from a clock that was set back
  const from = fullMs > now + burst * step ? now : Math.max(now, fullMs)
  const slack = (burst - 1) * step
  return { free: from - now <= slack, nextMs: from - slack, markMs: from + step }
}

const isHourly = (item: Tracked): boolean => item.timing === "boundary" || item.timing === "next"

/** The budget that this item would be shown from. */
export const allowanceOf = ({ attention, nowMs, settings }: MachineState, item: Tracked): Allowance =>
  isHourly(item)
    ? {
        ...allowance(settings.perHour, settings.burst, attention.hourlyMs, attention.workedMs),
        nextMs: null,
      }
    : allowance(immediate.perHour, immediate.burst, attention.immediateMs, nowMs)

/** The marks once this item was shown. */
export const spent = (
  state: MachineState,
  item: Tracked,
): Pick<MachineState["attention"], "hourlyMs" | "immediateMs"> => {
  const { hourlyMs, immediateMs } = state.attention
  const { markMs } = allowanceOf(state, item)
  return isHourly(item) ? { hourlyMs: markMs, immediateMs } : { hourlyMs, immediateMs: markMs }
}
