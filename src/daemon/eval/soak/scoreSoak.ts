/**
 * What made weeks amount to: false alarms an hour, what came in the midst of edits, at boundaries, again after a no;
 * by rule, beside always being silent and always speaking. Pure.
 */
import { ratio } from "../ratio.ts"
import { rhythmOf, type Rhythm } from "./bursts.ts"
import type { ShownItem } from "./Ledger.ts"
import { type Weeks, workingHours } from "./weeks.ts"

export interface SoakRule {
  readonly rule: string
  readonly made: number
  readonly shown: number
  readonly kept: number
  readonly dismissed: number
  readonly ignored: number
}

export interface SoakSpeaker {
  readonly shown: number
  readonly precision: number | null
  readonly recall: number
  readonly falseAlarmsPerActiveHour: number
  readonly nonUrgentPerActiveHour: number
  readonly withinFiveSecondsOfEdit: number
  readonly midBurst: number
  readonly atBoundary: number
}

export interface SoakScore {
  readonly v: 1
  readonly name: "soak"
  readonly seeds: ReadonlyArray<number>
  readonly days: number
  readonly rhythm: Rhythm
  readonly logEvents: number
  readonly situations: number
  readonly made: number
  /** Of all that was made, how much this user would keep if he were told at once. */
  readonly baseRate: number
  readonly claw: SoakSpeaker & {
    readonly urgent: number
    /** Seen because the user asked for the digest or opened the TUI: no interruption. */
    readonly askedFor: number
    readonly repeatedAfterNo: number
    readonly perDecisionPoint: number
    /** By the clock, breaks included. */
    readonly nonUrgentPerClockHour: number
  }
  readonly baselines: { readonly alwaysSilent: SoakSpeaker; readonly alwaysSpeak: SoakSpeaker }
  readonly rules: ReadonlyArray<SoakRule>
}

const quietMs = 5_000

interface Sum {
  readonly shown: number
  readonly kept: number
  /** Expected, where a taste and no answer says so. */
  readonly wanted: number
  readonly nonUrgent: number
  readonly falseAlarms: number
  readonly mid: number
  readonly atBoundary: number
}

const speaker = (sum: Sum, wanted: number, hours: number): SoakSpeaker => ({
  shown: sum.shown,
  precision: sum.shown === 0 ? null : ratio(sum.kept, sum.shown),
  recall: ratio(Math.min(sum.kept, wanted), wanted),
  falseAlarmsPerActiveHour: hours === 0 ? 0 : ratio(sum.falseAlarms, hours),
  nonUrgentPerActiveHour: hours === 0 ? 0 : ratio(sum.nonUrgent, hours),
  withinFiveSecondsOfEdit: sum.mid,
  midBurst: sum.nonUrgent === 0 ? 0 : ratio(sum.mid, sum.nonUrgent),
  atBoundary: ratio(sum.atBoundary, sum.nonUrgent),
})

const count = <A>(list: ReadonlyArray<A>, is: (one: A) => boolean): number => list.filter(is).length

export const scoreSoak = (
  weeks: ReadonlyArray<Weeks>,
  seeds: ReadonlyArray<number>,
  days: number,
): SoakScore => {
  const rhythm = rhythmOf(
    weeks.flatMap(({ gaps }) => gaps),
    weeks.reduce((sum, { ledger }) => sum + ledger.boundaries, 0),
  )
  const shown = weeks.flatMap(({ ledger }) => ledger.shown)
  const interrupting = shown.filter(({ asked }) => !asked)
  const others = interrupting.filter(({ urgent }) => !urgent)
  const made = weeks.flatMap(({ ledger, preferences }) =>
    ledger.made.map((item) => ({ ...item, keeps: preferences.keeps({ ...item, moment: "command-end" }) })),
  )
  const spoken = made.filter(({ urgent }) => !urgent)
  const wanted = made.reduce((sum, { keeps }) => sum + keeps, 0)
  const isMid = (item: { readonly sinceEditMs: number }): boolean => item.sinceEditMs < quietMs
  const hours = rhythm.activeHours
  const claw: Sum = {
    shown: shown.length,
    kept: count(shown, ({ kept }) => kept),
    wanted,
    nonUrgent: others.length,
    falseAlarms: count(others, ({ kept }) => !kept),
    mid: count(others, isMid),
    atBoundary: count(others, ({ atBoundary }) => atBoundary),
  }
  const always: Sum = {
    shown: made.length,
    kept: Math.round(wanted),
    wanted,
    nonUrgent: spoken.length,
    falseAlarms: Math.round(spoken.reduce((sum, { keeps }) => sum + 1 - keeps, 0)),
    mid: count(spoken, isMid),
    atBoundary: count(spoken, ({ atBoundary }) => atBoundary),
  }
  const nothing: Sum = { shown: 0, kept: 0, wanted, nonUrgent: 0, falseAlarms: 0, mid: 0, atBoundary: 0 }
  const situations = weeks.reduce((sum, { ledger }) => sum + ledger.situations, 0)
  return {
    v: 1,
    name: "soak",
    seeds,
    days,
    rhythm,
    logEvents: weeks.reduce((sum, { events }) => sum + events, 0),
    situations,
    made: made.length,
    baseRate: made.length === 0 ? 0 : ratio(wanted, made.length),
    claw: {
      ...speaker(claw, wanted, hours),
      urgent: interrupting.length - others.length,
      askedFor: shown.length - interrupting.length,
      repeatedAfterNo: count(shown, ({ afterNo }) => afterNo),
      perDecisionPoint: situations === 0 ? 0 : ratio(shown.length, situations),
      nonUrgentPerClockHour: ratio(others.length, weeks.length * days * workingHours),
    },
    baselines: { alwaysSilent: speaker(nothing, wanted, hours), alwaysSpeak: speaker(always, wanted, hours) },
    rules: rulesOf(shown, made),
  }
}

const rulesOf = (
  shown: ReadonlyArray<ShownItem>,
  made: ReadonlyArray<{ readonly rule: string }>,
): ReadonlyArray<SoakRule> => {
  const names = [...new Set(made.map(({ rule }) => rule))]
  return names
    .map((name) => {
      const own = shown.filter(({ rule }) => rule === name)
      return {
        rule: name,
        made: count(made, ({ rule }) => rule === name),
        shown: own.length,
        kept: count(own, ({ kept }) => kept),
        dismissed: count(own, ({ outcome }) => outcome === "dismissed" || outcome === "blind-dismissed"),
        ignored: count(own, ({ outcome }) => outcome === "ignored" || outcome === "open"),
      }
    })
    .toSorted((a, b) => b.shown - a.shown || (a.rule < b.rule ? -1 : 1))
}
