/**
 * How the rules have done: for each reflex how its suggestions were taken, for each rule of the gate how the calls it
 * judged ended. A projection of the log.
 * Invariant: the counts are the sum over all suggestions of what each adds as it stands now, so a suggestion that goes
 * from kept to reverted takes back what it had added.
 */
import type { Event } from "./event.ts"
import {
  beginsRow,
  type JudgedFate,
  outcomeAfter,
  type OutcomeRow,
  requestRule,
  settledOf,
  wasApproved,
} from "./outcomes.ts"

/** Suggestions of a reflex. `ignored`: shown and left; `unseen`: gone before it was shown. `edited` of the kept, `blind` of the dismissed. */
export interface ReflexCounts {
  readonly made: number
  readonly shown: number
  readonly kept: number
  readonly edited: number
  readonly blind: number
  readonly resolved: number
  readonly dismissed: number
  readonly reverted: number
  readonly ignored: number
  readonly unseen: number
}

/** Calls that a rule of the gate decided. `approved`: all that were agreed to, also those that failed or were undone. */
export interface PolicyCounts {
  readonly allowed: number
  readonly audited: number
  readonly asked: number
  readonly denied: number
  readonly approved: number
  readonly rejected: number
  readonly undone: number
  readonly failed: number
  readonly unanswered: number
}

export interface RuleStatistics {
  readonly reflexes: Readonly<Record<string, ReflexCounts>>
  /** By `policyKey`. */
  readonly policies: Readonly<Record<string, PolicyCounts>>
  /** Suggestions that may still change. */
  readonly open: Readonly<Record<string, OutcomeRow>>
}

const policyKey = (rule: { readonly rule: string; readonly file: string }): string =>
  `${rule.rule} ${rule.file}`

const noReflex: ReflexCounts = {
  made: 0,
  shown: 0,
  kept: 0,
  edited: 0,
  blind: 0,
  resolved: 0,
  dismissed: 0,
  reverted: 0,
  ignored: 0,
  unseen: 0,
}
const noPolicy: PolicyCounts = {
  allowed: 0,
  audited: 0,
  asked: 0,
  denied: 0,
  approved: 0,
  rejected: 0,
  undone: 0,
  failed: 0,
  unanswered: 0,
}

const verdictKeys = { allow: "allowed", audit: "audited", ask: "asked", deny: "denied" } as const
const outcomeKeys = {
  kept: "kept",
  resolved: "resolved",
  dismissed: "dismissed",
  reverted: "reverted",
} as const

const reflexKeys = (row: OutcomeRow): ReadonlyArray<keyof ReflexCounts> => {
  const seen = row.shown ? (["made", "shown"] as const) : (["made"] as const)
  if (row.outcome === "pending") return seen
  if (row.outcome === "ignored") return [...seen, row.shown ? "ignored" : "unseen"]
  if (row.outcome === "kept" && row.edited) return [...seen, "kept", "edited"]
  if (row.outcome === "dismissed" && row.blind) return [...seen, "dismissed", "blind"]
  return [...seen, outcomeKeys[row.outcome]]
}

const policyKeys = (call: JudgedFate): ReadonlyArray<keyof PolicyCounts> => {
  const { fate } = call
  const ends = fate === "rejected" || fate === "undone" || fate === "failed" || fate === "unanswered"
  return [
    verdictKeys[call.verdict],
    ...(wasApproved(fate) ? (["approved"] as const) : []),
    ...(ends ? [fate] : []),
  ]
}

const counted = <C extends ReflexCounts | PolicyCounts>(
  table: Readonly<Record<string, C>>,
  key: string,
  none: C,
  keys: ReadonlyArray<keyof C>,
  by: 1 | -1,
): Readonly<Record<string, C>> => {
  const counts = { ...(Object.hasOwn(table, key) ? table[key] : none) } as Record<keyof C, number>
  for (const each of keys) counts[each] += by
  return { ...table, [key]: counts as C }
}

const withRow = (state: RuleStatistics, row: OutcomeRow, by: 1 | -1): RuleStatistics => ({
  ...state,
  reflexes:
    row.rule === requestRule
      ? state.reflexes
      : counted(state.reflexes, row.rule, noReflex, reflexKeys(row), by),
  policies: row.calls.reduce(
    (table, call) => counted(table, policyKey(call), noPolicy, policyKeys(call), by),
    state.policies,
  ),
})

/** Above so many the settled ones are let go. */
const mostOpen = 320

const trimmed = (
  open: Readonly<Record<string, OutcomeRow>>,
  nowMs: number,
): Readonly<Record<string, OutcomeRow>> => {
  const rows = Object.values(open)
  if (rows.length <= mostOpen) return open
  const gone = new Set(settledOf(rows, nowMs))
  return Object.fromEntries(Object.entries(open).filter(([, row]) => !gone.has(row)))
}

const find = (open: Readonly<Record<string, OutcomeRow>>, id: string): OutcomeRow | undefined =>
  Object.hasOwn(open, id) ? open[id] : undefined

const evolve = (state: RuleStatistics, event: Event): RuleStatistics => {
  const row = outcomeAfter((id) => find(state.open, id), event, true)
  if (row === null) return state
  const before = find(state.open, row.suggestion)
  if (before === row) return state
  const after = withRow(before === undefined ? state : withRow(state, before, -1), row, 1)
  const open = { ...state.open, [row.suggestion]: row }
  return { ...after, open: beginsRow(event, true) ? trimmed(open, Date.parse(event.at)) : open }
}

export const ruleStatisticsProjection = {
  name: "rule-statistics",
  version: 4,
  initial: { reflexes: {}, policies: {}, open: {} } as RuleStatistics,
  evolve,
} as const

export const policyCounts = (
  { policies }: RuleStatistics,
  rule: { readonly rule: string; readonly file: string },
): PolicyCounts => {
  const key = policyKey(rule)
  return (Object.hasOwn(policies, key) ? policies[key] : undefined) ?? noPolicy
}
