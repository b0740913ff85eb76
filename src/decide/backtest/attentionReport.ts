/**
 * What a backtest of attention counts and says: what would not have been shown, what would, what earlier or later,
 * each scored by how it was taken, and one sentence to act on.
 */
import { count, counted, emptyTally, listed, mayLose, type Taken, type Tally, unwanted } from "./tally.ts"

/** `withheld`: shown then, not now. `anew`: not shown then, shown now. */
export type AttentionChangeKind = "same" | "earlier" | "later" | "withheld" | "anew"

export interface AttentionRow {
  /** Of the decision. */
  readonly seq: number
  readonly rule: string
  readonly title: string
  readonly change: AttentionChangeKind
  readonly shownAt: string | null
  readonly nowAt: string | null
  readonly delayMs: number | null
  readonly outcome: Taken
}

export interface Moved extends Tally {
  readonly averageMs: number
  readonly longestMs: number
}

export interface AttentionRuleRow {
  readonly rule: string
  /** Shown then. */
  readonly shown: Tally
  readonly withheld: Tally
  readonly later: number
  readonly earlier: number
  readonly anew: number
}

export interface AttentionSummary {
  readonly suggestions: number
  readonly shown: Tally
  readonly nowShown: number
  readonly same: number
  readonly earlier: Moved
  readonly later: Moved
  readonly withheld: Tally
  readonly anew: Tally
  readonly rules: ReadonlyArray<AttentionRuleRow>
  readonly verdict: string
}

export interface Shown {
  readonly seq: number
  readonly rule: string
  readonly title: string
  readonly shownMs: number | null
  readonly nowMs: number | null
  /** How likely it seemed here that it would be kept, when it was shown then; null: it never was. */
  readonly keep: number | null
  readonly outcome: Taken
}

/** Less is the machine's own delay. */
const sameWithinMs = 1_000

const changeOf = ({ shownMs, nowMs }: Shown): AttentionChangeKind | null => {
  if (shownMs === null) return nowMs === null ? null : "anew"
  if (nowMs === null) return "withheld"
  if (Math.abs(nowMs - shownMs) <= sameWithinMs) return "same"
  return nowMs < shownMs ? "earlier" : "later"
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

interface Sum {
  readonly tally: Tally
  readonly totalMs: number
  readonly longestMs: number
}
const noSum: Sum = { tally: emptyTally, totalMs: 0, longestMs: 0 }
const moved = ({ tally, totalMs, longestMs }: Sum): Moved => ({
  ...tally,
  averageMs: tally.suggestions === 0 ? 0 : Math.round(totalMs / tally.suggestions),
  longestMs,
})

export class AttentionReport {
  readonly #rules = new Map<string, AttentionRuleRow>()
  #suggestions = 0
  #shown = emptyTally
  #same = 0
  #earlier = noSum
  #later = noSum
  #withheld = emptyTally
  #anew = emptyTally

  add(one: Shown): ReadonlyArray<AttentionRow> {
    this.#suggestions += 1
    const change = changeOf(one)
    if (change === null) return []
    const { outcome, rule, seq, title, shownMs, nowMs } = one
    const row = this.#rules.get(rule) ?? {
      rule,
      shown: emptyTally,
      withheld: emptyTally,
      later: 0,
      earlier: 0,
      anew: 0,
    }
    const shown = shownMs === null ? row.shown : count(row.shown, outcome)
    const delayMs = shownMs === null || nowMs === null ? null : nowMs - shownMs
    if (shownMs !== null) this.#shown = count(this.#shown, outcome)
    const add = (sum: Sum): Sum => ({
      tally: count(sum.tally, outcome),
      totalMs: sum.totalMs + Math.abs(delayMs ?? 0),
      longestMs: Math.max(sum.longestMs, Math.abs(delayMs ?? 0)),
    })
    switch (change) {
      case "same":
        this.#same += 1
        this.#rules.set(rule, { ...row, shown })
        return []
      case "earlier":
        this.#earlier = add(this.#earlier)
        this.#rules.set(rule, { ...row, shown, earlier: row.earlier + 1 })
        break
      case "later":
        this.#later = add(this.#later)
        this.#rules.set(rule, { ...row, shown, later: row.later + 1 })
        break
      case "withheld":
        this.#withheld = count(this.#withheld, outcome)
        this.#rules.set(rule, { ...row, shown, withheld: count(row.withheld, outcome) })
        break
      case "anew":
        this.#anew = count(this.#anew, outcome)
        this.#rules.set(rule, { ...row, anew: row.anew + 1 })
    }
    return [{ seq, rule, title, change, shownAt: iso(shownMs), nowAt: iso(nowMs), delayMs, outcome }]
  }

  summary(): AttentionSummary {
    const facts = {
      suggestions: this.#suggestions,
      shown: this.#shown,
      nowShown: this.#shown.suggestions - this.#withheld.suggestions + this.#anew.suggestions,
      same: this.#same,
      earlier: moved(this.#earlier),
      later: moved(this.#later),
      withheld: this.#withheld,
      anew: this.#anew,
      rules: [...this.#rules.values()].toSorted(
        (a, b) => b.shown.suggestions - a.shown.suggestions || (a.rule < b.rule ? -1 : 1),
      ),
    }
    return { ...facts, verdict: sentence(facts) }
  }
}

/** `31 s`, `4 min`, `2.5 h` */
const span = (ms: number): string =>
  ms < 90_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 90 * 60_000
      ? `${Math.round(ms / 60_000)} min`
      : `${(ms / 3_600_000).toFixed(1)} h`

const sentence = (facts: Omit<AttentionSummary, "verdict">): string => {
  const { shown, nowShown, withheld, anew, later, earlier } = facts
  if (shown.suggestions === 0 && anew.suggestions === 0)
    return "Nothing was ever shown, and nothing would be: there is nothing to learn from this log yet."
  const parts = [
    ...(withheld.suggestions > 0
      ? [
          `held back ${withheld.suggestions} (${unwanted(withheld)} you did not want, ${withheld.kept} you kept, ${withheld.resolved} you did by yourself all the same)`,
        ]
      : []),
    ...(anew.suggestions > 0
      ? [
          `shown ${counted(anew.suggestions, "suggestion")} that stayed unseen (${anew.resolved} of them you did by yourself later)`,
        ]
      : []),
    ...(later.suggestions > 0
      ? [`shown ${later.suggestions} later, by ${span(later.averageMs)} on average`]
      : []),
    ...(earlier.suggestions > 0
      ? [`shown ${earlier.suggestions} earlier, by ${span(earlier.averageMs)} on average`]
      : []),
  ]
  const first = `These settings would have shown ${nowShown} instead of ${shown.suggestions}`
  if (parts.length === 0) return `${first}, each at the same time: nothing would change.`
  const costly = withheld.kept > shown.kept * mayLose
  const advice = costly
    ? " That loses more than one in twenty of what you kept: loosen them."
    : withheld.suggestions > 0 && unwanted(withheld) > withheld.kept
      ? " What they hold back is mostly what you did not want."
      : ""
  return `${first}, and have ${listed(parts)}.${advice}`
}
