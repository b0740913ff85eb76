/**
 * The figures over all stories, for Claw and for the two that need no assistant: who never speaks, and who speaks at each
 * moment there is, and is right wherever anything at all would have helped. Pure.
 */
import type { Judged } from "./judgeStory.ts"

export interface Figures {
  readonly shown: number
  /** Null where nothing was shown. */
  readonly precision: number | null
  /** Null where nothing was due. */
  readonly recall: number | null
  readonly falseAlarmsPerActiveHour: number
}

export interface Totals extends Figures {
  readonly needs: number
  readonly points: number
  readonly activeHours: number
  readonly atBoundary: number | null
  readonly withinFiveSecondsOfEdit: number
  readonly repeatedAfterNo: number
  readonly evidenceF1: number | null
  readonly p95Ms: number | null
  readonly urgentP95Ms: number | null
  readonly modelCalls: number
  readonly baselines: { readonly alwaysSilent: Figures; readonly alwaysSpeak: Figures }
}

const sum = <A>(list: ReadonlyArray<A>, of: (one: A) => number): number =>
  list.reduce((total, one) => total + of(one), 0)

const share = (part: number, of: number): number | null => (of === 0 ? null : part / of)

export const p95 = (times: ReadonlyArray<number>): number | null => {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] ?? null
}

const figures = (right: number, wrong: number, found: number, needs: number, hours: number): Figures => ({
  shown: right + wrong,
  precision: share(right, right + wrong),
  recall: share(found, needs),
  falseAlarmsPerActiveHour: hours === 0 ? 0 : wrong / hours,
})

/** One word at each moment; each counts for one need whose window is open. */
const spokenAlways = ({ moments, windows }: Judged): number => {
  const open = new Set(windows.keys())
  return moments.points.filter((point) => {
    const need = [...open].find((index) => point >= windows[index]![0] && point <= windows[index]![1])
    return need !== undefined && open.delete(need)
  }).length
}

export const score = (judged: ReadonlyArray<Judged>): Totals => {
  const needs = sum(judged, ({ story }) => story.needs.length)
  const points = sum(judged, ({ moments }) => moments.points.length)
  const hours = sum(judged, ({ moments }) => moments.activeHours)
  const shows = judged.flatMap((one) => one.shows)
  const right = shows.filter(({ need }) => need !== null).length
  const wrong = shows.filter(({ need, pulled }) => need === null && !pulled).length
  const spoken = sum(judged, spokenAlways)
  const evidence = judged.flatMap((one) => one.evidence)
  const urgent = shows.flatMap(({ afterSaveMs, proposal }) =>
    proposal.urgent && afterSaveMs !== null ? [afterSaveMs] : [],
  )
  return {
    ...figures(right, wrong, right, needs, hours),
    needs,
    points,
    activeHours: hours,
    atBoundary: share(
      sum(judged, ({ atBoundary }) => atBoundary.at),
      sum(judged, ({ atBoundary }) => atBoundary.of),
    ),
    withinFiveSecondsOfEdit: sum(judged, ({ midEdit }) => midEdit),
    repeatedAfterNo: shows.filter(({ afterNo, pulled }) => afterNo && !pulled).length,
    evidenceF1: share(
      sum(evidence, (one) => one),
      evidence.length,
    ),
    p95Ms: p95(judged.flatMap((one) => one.times)),
    urgentP95Ms: p95(urgent),
    modelCalls: sum(judged, ({ modelCalls }) => modelCalls),
    baselines: {
      alwaysSilent: figures(0, 0, 0, needs, hours),
      alwaysSpeak: figures(spoken, points - spoken, spoken, needs, hours),
    },
  }
}
