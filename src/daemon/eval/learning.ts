/**
 * Does what was learned of this user pay? The attention machine over one log twice, with what it learned and without,
 * scored on the later days alone: what was kept, what was not wanted, what was lost of the kept, at three costs of a
 * false alarm; and whether the forecasts came true. Pure over the events.
 */
import type { Event } from "../../domain/event.ts"
import type { Reflex } from "../../decide/Decider.ts"
import { AttentionBacktest } from "../../decide/backtest/attention.ts"
import type { Shown } from "../../decide/backtest/attentionReport.ts"
import { ratio } from "./ratio.ts"

/** False alarms to misses. */
const costs = [1, 3, 10] as const

export interface Arm {
  readonly shown: number
  readonly kept: number
  readonly falseAlarms: number
  /** Kept then, not shown here. */
  readonly missed: number
  readonly precision: number | null
  /** What false alarms and misses cost, as a loss: 0 is best. */
  readonly utility: number
}

export interface AtCost {
  readonly falseAlarmToMiss: number
  readonly learned: Arm
  readonly unlearned: Arm
  readonly alwaysSilent: Arm
  readonly alwaysSpeak: Arm
  /** Share of what the unlearned setting had shown and was kept. */
  readonly lostKept: number
  readonly lift: number
}

export interface Calibration {
  readonly forecasts: number
  readonly brier: number | null
  readonly ece: number | null
  /** The same of whoever forecasts the share that was kept on the earlier days. */
  readonly baseRate: number | null
  readonly baseRateBrier: number | null
  readonly baseRateEce: number | null
}

export interface LearningScore {
  readonly v: 1
  readonly name: "learning"
  readonly logs: number
  readonly heldOutFrom: ReadonlyArray<number>
  readonly earlier: number
  readonly later: number
  readonly costs: ReadonlyArray<AtCost>
  readonly calibration: Calibration
}

type Outcome = Shown["outcome"]
const isKept = (outcome: Outcome): boolean => outcome === "kept" || outcome === "resolved"
/** Of what nobody saw, or is still open, nothing is known. */
const isKnown = ({ outcome, shownMs }: Shown): boolean =>
  shownMs !== null && outcome !== "pending" && outcome !== "unseen"

/** One log, gone over in every setting at once. */
export class LearningRun {
  readonly #from: number
  readonly #arms: ReadonlyArray<{
    readonly cost: number
    readonly learn: boolean
    readonly rows: Array<Shown>
  }>
  readonly #tests: ReadonlyArray<AttentionBacktest>
  readonly #earlier: Array<Shown> = []

  constructor(reflexes: ReadonlyArray<Reflex>, from: number) {
    this.#from = from
    this.#arms = costs.flatMap((cost) => [true, false].map((learn) => ({ cost, learn, rows: [] })))
    this.#tests = this.#arms.map(
      ({ cost, learn, rows }, index) =>
        new AttentionBacktest({
          reflexes,
          settings: { learn, costs: { falseAlarm: cost, miss: 1 } },
          each: (one) => {
            if (one.seq >= from) rows.push(one)
            else if (index === 0) this.#earlier.push(one)
          },
        }),
    )
  }

  take(event: Event): void {
    for (const test of this.#tests) test.take(event)
  }

  finish(): LearningRows {
    for (const test of this.#tests) test.finish()
    const rows = (cost: number, learn: boolean): ReadonlyArray<Shown> =>
      this.#arms.find((arm) => arm.cost === cost && arm.learn === learn)!.rows
    return {
      from: this.#from,
      earlier: this.#earlier,
      at: costs.map((cost) => ({ cost, learned: rows(cost, true), unlearned: rows(cost, false) })),
    }
  }
}

export interface LearningRows {
  readonly from: number
  readonly earlier: ReadonlyArray<Shown>
  readonly at: ReadonlyArray<{
    readonly cost: number
    readonly learned: ReadonlyArray<Shown>
    readonly unlearned: ReadonlyArray<Shown>
  }>
}

const arm = (rows: ReadonlyArray<Shown>, cost: number, sees: (one: Shown) => boolean): Arm => {
  const known = rows.filter(isKnown)
  const shown = known.filter(sees)
  const kept = shown.filter(({ outcome }) => isKept(outcome)).length
  const missed = known.filter((one) => isKept(one.outcome) && !sees(one)).length
  const falseAlarms = shown.length - kept
  return {
    shown: shown.length,
    kept,
    falseAlarms,
    missed,
    precision: shown.length === 0 ? null : ratio(kept, shown.length),
    utility: 0 - cost * falseAlarms - missed,
  }
}

const fourth = (value: number): number => Math.round(value * 10_000) / 10_000

/** Brier score and expected calibration error in tenths, over forecasts and what came of them. */
const calibrationOf = (
  forecasts: ReadonlyArray<{ readonly p: number; readonly kept: boolean }>,
): { readonly brier: number | null; readonly ece: number | null } => {
  if (forecasts.length === 0) return { brier: null, ece: null }
  const brier = forecasts.reduce((sum, { kept, p }) => sum + (p - Number(kept)) ** 2, 0) / forecasts.length
  const bins = Array.from({ length: 10 }, () => ({ p: 0, kept: 0 }))
  for (const { kept, p } of forecasts) {
    const bin = bins[Math.min(9, Math.floor(p * 10))]!
    bin.p += p
    bin.kept += Number(kept)
  }
  const off = bins.reduce((sum, { kept, p }) => sum + Math.abs(p - kept), 0)
  return { brier: fourth(brier), ece: fourth(off / forecasts.length) }
}

const keptShare = (rows: ReadonlyArray<Shown>): number | null => {
  const known = rows.filter(isKnown)
  return known.length === 0 ? null : known.filter(({ outcome }) => isKept(outcome)).length / known.length
}

export const scoreLearning = (runs: ReadonlyArray<LearningRows>): LearningScore => {
  const at = costs.map((cost): AtCost => {
    const of = (which: "learned" | "unlearned"): ReadonlyArray<Shown> =>
      runs.flatMap((run) => run.at.find((one) => one.cost === cost)![which])
    const seen = ({ nowMs }: Shown): boolean => nowMs !== null
    const learned = arm(of("learned"), cost, seen)
    const unlearned = arm(of("unlearned"), cost, seen)
    const now = new Map(
      runs.flatMap((run, index) =>
        run.at.find((one) => one.cost === cost)!.learned.map((one) => [`${index} ${one.seq}`, seen(one)]),
      ),
    )
    const lost = runs.reduce(
      (sum, run, index) =>
        sum +
        run.at
          .find((one) => one.cost === cost)!
          .unlearned.filter(
            (one) => seen(one) && isKept(one.outcome) && now.get(`${index} ${one.seq}`) !== true,
          ).length,
      0,
    )
    return {
      falseAlarmToMiss: cost,
      learned,
      unlearned,
      alwaysSilent: arm(of("unlearned"), cost, () => false),
      alwaysSpeak: arm(of("unlearned"), cost, () => true),
      lostKept: unlearned.kept === 0 ? 0 : ratio(lost, unlearned.kept),
      lift: learned.utility - unlearned.utility,
    }
  })
  const forecast = runs.flatMap((run) => {
    const base = keptShare(run.earlier)
    return run.at[0]!.learned.filter(isKnown).flatMap(({ keep, outcome }) =>
      keep === null ? [] : [{ p: keep, kept: isKept(outcome), base }],
    )
  })
  const earlier = runs.flatMap((run) => run.earlier)
  const overall = keptShare(earlier)
  const own = calibrationOf(forecast)
  const flat = calibrationOf(forecast.map(({ base, kept }) => ({ p: base ?? overall ?? 0.5, kept })))
  return {
    v: 1,
    name: "learning",
    logs: runs.length,
    heldOutFrom: runs.map(({ from }) => from),
    earlier: earlier.length,
    later: at[0]!.alwaysSpeak.shown,
    costs: at,
    calibration: {
      forecasts: forecast.length,
      ...own,
      baseRate: overall === null ? null : fourth(overall),
      baseRateBrier: flat.brier,
      baseRateEce: flat.ece,
    },
  }
}
