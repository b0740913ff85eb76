/**
 * What a backtest of reflexes counts and says: for each rule how its suggestions were taken and what would be said of
 * them now, and one sentence to act on.
 */
import { count, counted, emptyTally, listed, mayLose, type Taken, type Tally, unwanted } from "./tally.ts"

/**
 * `silenced`: suggested then, silent now. `otherwise`: another suggestion now. `anew`: silent then, suggested now.
 * `unknown`: it cannot be said, because what the rule asks for now was not read then.
 */
export type ReflexChangeKind = "same" | "silenced" | "otherwise" | "anew" | "unknown"

export interface ReflexChange {
  /** Of the decision then; of what brought it about now, where there was none. */
  readonly seq: number
  readonly rule: string
  readonly change: ReflexChangeKind
  /** Title of the suggestion, or why there was none. */
  readonly was: string
  readonly now: string
  /** How the suggestion of then was taken; null where there was none. */
  readonly outcome: Taken | null
}

export interface ReflexRuleRow {
  readonly rule: string
  /** All its suggestions in the log. */
  readonly made: Tally
  readonly silenced: Tally
  readonly otherwise: Tally
  readonly unknown: number
  readonly anew: number
}

export interface ReflexSummary {
  readonly situations: number
  readonly decisions: number
  readonly same: number
  readonly silenced: Tally
  readonly otherwise: Tally
  readonly unknown: number
  readonly anew: number
  /** Different ones among `anew`. */
  readonly anewDifferent: number
  /** Silent then and now, for another reason. */
  readonly otherReason: number
  readonly rules: ReadonlyArray<ReflexRuleRow>
  readonly verdict: string
}

const mostRemembered = 10_000

const add = (a: Tally, b: Tally): Tally =>
  Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, value + b[key as keyof Tally]]),
  ) as unknown as Tally

export class ReflexReport {
  readonly #rules = new Map<string, ReflexRuleRow>()
  readonly #anew = new Set<string>()
  #rows: Array<ReflexChange> = []
  #situations = 0
  #decisions = 0
  #same = 0
  #otherReason = 0

  situation(): void {
    this.#situations += 1
  }

  silence(otherReason: boolean): void {
    this.#decisions += 1
    if (otherReason) this.#otherReason += 1
    else this.#same += 1
  }

  anew(change: Omit<ReflexChange, "outcome">, fingerprint: string): void {
    if (change.was !== "") this.#decisions += 1
    if (this.#anew.size < mostRemembered) this.#anew.add(fingerprint)
    const row = this.#rule(change.rule)
    this.#rules.set(change.rule, { ...row, anew: row.anew + 1 })
    this.#rows.push({ ...change, outcome: null })
  }

  /** A suggestion of the log, once it is known how it was taken. */
  settled(change: ReflexChange): ReadonlyArray<ReflexChange> {
    this.#decisions += 1
    const taken = change.outcome ?? "pending"
    const row = this.#rule(change.rule)
    const made = count(row.made, taken)
    if (change.change === "same") {
      this.#same += 1
      this.#rules.set(change.rule, { ...row, made })
      return []
    }
    if (change.change === "unknown") this.#rules.set(change.rule, { ...row, made, unknown: row.unknown + 1 })
    else if (change.change === "silenced" || change.change === "otherwise")
      this.#rules.set(change.rule, { ...row, made, [change.change]: count(row[change.change], taken) })
    return [change]
  }

  /** What was said anew since the last look. */
  taken(): ReadonlyArray<ReflexChange> {
    if (this.#rows.length === 0) return this.#rows
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  summary(): ReflexSummary {
    const rules = [...this.#rules.values()].toSorted(
      (a, b) => b.made.suggestions - a.made.suggestions || (a.rule < b.rule ? -1 : 1),
    )
    const sum = (of: (row: ReflexRuleRow) => number): number => rules.reduce((all, row) => all + of(row), 0)
    const facts = {
      situations: this.#situations,
      decisions: this.#decisions,
      same: this.#same,
      silenced: rules.map((row) => row.silenced).reduce(add, emptyTally),
      otherwise: rules.map((row) => row.otherwise).reduce(add, emptyTally),
      unknown: sum((row) => row.unknown),
      anew: sum((row) => row.anew),
      anewDifferent: this.#anew.size,
      otherReason: this.#otherReason,
      rules,
    }
    return { ...facts, verdict: sentence(facts) }
  }

  #rule(rule: string): ReflexRuleRow {
    return (
      this.#rules.get(rule) ?? {
        rule,
        made: emptyTally,
        silenced: emptyTally,
        otherwise: emptyTally,
        unknown: 0,
        anew: 0,
      }
    )
  }
}

const sentence = (facts: Omit<ReflexSummary, "verdict">): string => {
  const { silenced, otherwise, anew, anewDifferent, unknown, rules } = facts
  if (facts.decisions === 0)
    return "The log holds no decision to make again: there is nothing to learn from it yet."
  const kept = rules.reduce((all, row) => all + row.made.kept, 0)
  const parts = [
    ...(silenced.suggestions > 0
      ? [
          `kept silent on ${counted(silenced.suggestions, "suggestion")} (${unwanted(silenced)} of them unwanted, ${silenced.kept} you kept, ${silenced.resolved} you did by yourself)`,
        ]
      : []),
    ...(otherwise.suggestions > 0
      ? [`said ${otherwise.suggestions} otherwise (${otherwise.kept} of them you had kept)`]
      : []),
    ...(anew > 0 ? [`made ${counted(anew, "suggestion")} more (${anewDifferent} different)`] : []),
  ]
  const blind =
    unknown > 0 ? ` Of ${unknown} nothing can be said: what the rules ask for now was not read then.` : ""
  if (parts.length === 0)
    return `These reflexes would have decided everything the same: ${counted(facts.decisions, "decision")}.${blind}`
  const costly = silenced.kept > kept * mayLose
  const worst = costly ? rules.toSorted((a, b) => b.silenced.kept - a.silenced.kept)[0] : undefined
  const advice =
    worst === undefined
      ? ""
      : ` That loses more than one in twenty of what you kept, most of it by ${worst.rule}: keep that one on.`
  return `These reflexes would have ${listed(parts)}.${blind}${advice}`
}
