/**
 * How a rule stands with this user: its last outcomes, what share of them was kept, and what follows of it. A rule
 * under its bar over enough shows is silent until something of it is accepted; two noes without a yes double the gap
 * between two of its suggestions.
 * Invariants: pure, bounded; only what a person had before them counts; an outcome that is taken back counts as not
 * kept. Kept precision is (accepted + edited + resolved - reverted) / shown, over the outcomes remembered.
 */
import type { HowTaken } from "../../domain/events/thought.ts"
import { keepLast } from "../state.ts"
import { hourMs } from "./allowance.ts"

export interface Past {
  readonly outcome: HowTaken
  /** Event by which it ended. */
  readonly seq: number
}

export interface RuleRecord {
  /** Ends of what was shown, oldest first. */
  readonly past: ReadonlyArray<Past>
  /** Noes since the last yes. */
  readonly streak: number
  readonly lastShownMs: number | null
  /** Since when it has been under its bar; null: it may speak. */
  readonly silentSince: number | null
}

export interface Bar {
  /** Share of the shown that must be kept. */
  readonly share: number
  readonly shows: number
}

export const noRecord: RuleRecord = { past: [], streak: 0, lastShownMs: null, silentSince: null }

/** Ends remembered of each rule: the newest. */
const remembered = 40
/** A rule that is restored has so few ends left: it must fall short anew to be silenced again. */
const leftOnRestoring = 4

export const isKept = (outcome: HowTaken): boolean =>
  outcome === "accepted" || outcome === "edited" || outcome === "resolved"
const isNo = (outcome: HowTaken): boolean =>
  outcome === "dismissed" || outcome === "blind-dismissed" || outcome === "reverted"
const isYes = (outcome: HowTaken): boolean => outcome === "accepted" || outcome === "edited"

export const keptOf = (rule: RuleRecord): number => rule.past.filter(({ outcome }) => isKept(outcome)).length

const isUnder = (past: ReadonlyArray<Past>, bar: Bar): boolean =>
  past.length >= bar.shows && past.filter(({ outcome }) => isKept(outcome)).length < bar.share * past.length

/** Something of it was accepted: it may speak again. */
export const restored = (rule: RuleRecord): RuleRecord =>
  rule.silentSince === null
    ? { ...rule, streak: 0 }
    : { ...rule, past: keepLast(rule.past, leftOnRestoring), streak: 0, silentSince: null }

/** One more end; a reverted one takes the place of the yes that it takes back. */
export const withOutcome = (rule: RuleRecord, past: Past, bar: Bar, nowMs: number): RuleRecord => {
  const yes = past.outcome === "reverted" ? rule.past.findLastIndex(({ outcome }) => isYes(outcome)) : -1
  const ends = keepLast(
    [...(yes < 0 ? rule.past : rule.past.toSpliced(yes, 1)), past],
    Math.max(remembered, bar.shows),
  )
  if (isYes(past.outcome)) return restored({ ...rule, past: ends })
  const streak = isNo(past.outcome) ? rule.streak + 1 : rule.streak
  return { ...rule, past: ends, streak, silentSince: rule.silentSince ?? (isUnder(ends, bar) ? nowMs : null) }
}

/** Least time between two suggestions of a rule that was refused again and again; at most a week. */
export const backOffMs = (rule: RuleRecord): number => {
  const halvings = Math.floor(rule.streak / 2)
  return halvings === 0 ? 0 : Math.min(hourMs * 2 ** halvings, 7 * 24 * hourMs)
}
