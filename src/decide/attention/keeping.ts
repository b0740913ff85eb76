/**
 * How likely it is that this user keeps a suggestion: counted from how he took those before it, by rule and by the
 * circumstances it would be shown in. Counts with priors, no more, so that each number can be said in a sentence.
 *
 * A rule begins with the share it must hold anyway (`prior`). Each circumstance (where, at which boundary, about
 * what) would move the rule's own odds by as much as its counts differ from the rule's, the less the fewer there are;
 * the one that moves them most does. What comes out is held against how such forecasts came true (`bins`), and that is
 * the probability. It is worth showing unless it is clearly below `costFalseAlarm / (costFalseAlarm + costMiss)`, where the expected
 * cost is least. What is withheld below that is counted with what it would likely have been worth, and once that comes to
 * one in twenty of what was kept, nothing more is withheld.
 * Invariants: pure, bounded; the same outcomes in the same order give the same numbers.
 */
import type { HowTaken } from "../../domain/events/thought.ts"

/** What speaks for or against, in suggestions: a reverted one wholly, one left alone half. */
export interface Count {
  readonly kept: number
  readonly lost: number
}

export interface Keeping {
  /** By rule, and by rule and circumstance; those that were learned of longest ago come first. */
  readonly counts: Readonly<Record<string, Count>>
  /** Forecasts in tenths, and how they came true. */
  readonly bins: ReadonlyArray<Count>
  /** Suggestions that were kept, and how many more would have been, as far as was forecast, had none been withheld. */
  readonly kept: number
  readonly withheld: number
}

/** What a suggestion would be shown in: stable words, each optional in effect, never a path or a time of day. */
export interface Circumstances {
  readonly workspace: string | null
  readonly moment: string
  readonly about: string
}

export interface Forecast {
  readonly p: number
  /** Before it was held against how such forecasts came true. */
  readonly raw: number
  /** The rule's own counts. */
  readonly rule: Count
}

export interface Costs {
  readonly falseAlarm: number
  readonly miss: number
}

const tenths = 10
const none: Count = { kept: 0, lost: 0 }
export const noKeeping: Keeping = {
  counts: {},
  bins: Array.from({ length: tenths }, () => none),
  kept: 0,
  withheld: 0,
}

/** The share that a rule is presumed to hold until it was counted, as if so many had been shown. */
const prior = { share: 0.8, weight: 6 }
/** A circumstance with this many outcomes counts for half. */
const shrinkage = 8
/** So many forecasts of a tenth weigh as much as the forecast itself. */
const binWeight = 12
/** Older outcomes fade: beyond so many, each new one takes as much off the old. */
const memory = 60
const mostCounts = 600
/** Of what was kept, not more than one in twenty may be withheld; of little, so much. */
const mayLose = 0.05
const mayLoseAtFirst = 1

const total = ({ kept, lost }: Count): number => kept + lost
const logit = (p: number): number => Math.log(p / (1 - p))
const inverse = (x: number): number => 1 / (1 + Math.exp(-x))
const bounded = (p: number): number => Math.min(0.99, Math.max(0.01, p))
const round = (p: number): number => Math.round(p * 1000) / 1000
const binOf = (p: number): number => Math.min(tenths - 1, Math.floor(p * tenths))

const countOf = (counts: Keeping["counts"], key: string): Count =>
  (Object.hasOwn(counts, key) ? counts[key] : undefined) ?? none

const keysOf = (rule: string, { about, moment, workspace }: Circumstances): ReadonlyArray<string> => [
  `${rule}|in ${workspace ?? ""}`,
  `${rule}|at ${moment}`,
  `${rule}|of ${about}`,
]

const shareOf = (count: Count, share: number, weight: number): number =>
  bounded((count.kept + share * weight) / (total(count) + weight))

export const forecast = (keeping: Keeping, rule: string, circumstances: Circumstances): Forecast => {
  const own = countOf(keeping.counts, rule)
  const base = shareOf(own, prior.share, prior.weight)
  // what counts most against or for it speaks alone: one outcome is in the counts of all circumstances
  const moved = keysOf(rule, circumstances)
    .map((key) => logit(shareOf(countOf(keeping.counts, key), base, shrinkage)) - logit(base))
    .reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0)
  const raw = bounded(inverse(logit(base) + moved))
  return { p: round(shareOf(keeping.bins[binOf(raw)]!, raw, binWeight)), raw: round(raw), rule: own }
}

const weightOf = (outcome: HowTaken): Count => {
  switch (outcome) {
    case "accepted":
    case "edited":
    case "resolved":
      return { kept: 1, lost: 0 }
    case "dismissed":
      return { kept: 0, lost: 1 }
    // the yes that was counted before it goes, too
    case "reverted":
      return { kept: -1, lost: 1 }
    // it says as much of the moment as of the matter
    case "blind-dismissed":
    case "ignored":
      return { kept: 0, lost: 0.5 }
  }
}

const added = (before: Count, more: Count): Count => {
  const fade = total(before) > memory ? 1 - 1 / memory : 1
  return {
    kept: round(Math.max(0, before.kept * fade + more.kept)),
    lost: round(before.lost * fade + more.lost),
  }
}

const withCount = (
  counts: Readonly<Record<string, Count>>,
  key: string,
  more: Count,
): Readonly<Record<string, Count>> => {
  const { [key]: _, ...rest } = counts
  const entries = Object.entries(rest)
  const room =
    entries.length < mostCounts ? rest : Object.fromEntries(entries.slice(entries.length - mostCounts + 1))
  return { ...room, [key]: added(countOf(counts, key), more) }
}

/** How it came out, as against how much it says of what comes. */
const cameOut = (outcome: HowTaken): Count =>
  outcome === "ignored" || outcome === "blind-dismissed" ? { kept: 0, lost: 1 } : weightOf(outcome)

/** What was shown in these circumstances, with this forecast, ended so. */
export const learn = (
  keeping: Keeping,
  rule: string,
  shown: { readonly circumstances: Circumstances; readonly raw: number } | null,
  outcome: HowTaken,
): Keeping => {
  const more = weightOf(outcome)
  const keys = shown === null ? [rule] : [rule, ...keysOf(rule, shown.circumstances)]
  const counts = keys.reduce((before, key) => withCount(before, key, more), keeping.counts)
  const kept = Math.max(0, keeping.kept + more.kept)
  if (shown === null) return { ...keeping, counts, kept }
  const at = binOf(shown.raw)
  const came = cameOut(outcome)
  const bins = keeping.bins.map((bin, index) => (index === at ? added(bin, came) : bin))
  return { ...keeping, counts, bins, kept }
}

/** It is not shown, though it would be kept with this probability. */
export const withhold = (keeping: Keeping, { p }: Forecast): Keeping => ({
  ...keeping,
  withheld: round(keeping.withheld + p),
})

/** It came to be seen after all, in the digest or because its forecast rose: nothing is lost with it. */
export const release = (keeping: Keeping, { p }: Forecast): Keeping => ({
  ...keeping,
  withheld: round(Math.max(0, keeping.withheld - p)),
})

/** What the costs ask of a probability: `falseAlarm / (falseAlarm + miss)`. */
export const threshold = ({ falseAlarm, miss }: Costs): number => falseAlarm / (falseAlarm + miss)

/** To withhold this, too, would lose more than may be lost. */
const isTooDear = ({ kept, withheld }: Keeping, p: number): boolean =>
  withheld + p > Math.max(mayLoseAtFirst, mayLose * (kept + withheld + p))

/** By how much a forecast from so few outcomes may well be off. */
const unsure = ({ p, rule }: Forecast): number => Math.sqrt((p * (1 - p)) / (total(rule) + prior.weight))

export const isWorth = (keeping: Keeping, expected: Forecast, costs: Costs): boolean =>
  expected.p + unsure(expected) >= threshold(costs) || isTooDear(keeping, expected.p)

/**
 * Expected calibration error of the forecasts: the mean distance between what a tenth forecasts (its middle) and how
 * it came true, weighted by how often it was said. Null before anything was shown.
 */
export const calibrationError = ({ bins }: Keeping): number | null => {
  const said = bins.reduce((sum, bin) => sum + total(bin), 0)
  if (said === 0) return null
  const off = bins.reduce((sum, bin, index) => {
    const middle = (index + 0.5) / tenths
    return sum + (total(bin) === 0 ? 0 : Math.abs(bin.kept - middle * total(bin)))
  }, 0)
  return round(off / said)
}
