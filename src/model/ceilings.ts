/**
 * Whether a call may be made: its worst case against every ceiling it counts for. Pure.
 * Invariants: calls that are open count at their worst; a child's call counts for every session above it; what has no
 * price is counted as a call and never blocks; one ceiling is asked about at a time, in a fixed order.
 */
import type { BudgetSettings } from "../config/modelSettings.ts"
import { budgetKey, type CostsState, keysOf, lineage, type OpenModelCall } from "../domain/costs.ts"
import type { BudgetScope } from "../domain/events/model.ts"

export interface Ceiling {
  readonly scope: BudgetScope
  /** The session's id, the rule's name, the workspace's path, the UTC day, the call's id. */
  readonly key: string
  readonly limitUsd: number
  /** Spent, and what open calls could still cost. */
  readonly spentUsd: number
}

/** A call that is about to be made. */
export interface Planned extends OpenModelCall {
  readonly call: string
}

/** What of a ceiling's key is reserved by calls that have not ended. */
const reserved = (costs: CostsState, key: string): number =>
  Object.values(costs.open).reduce(
    (sum, open) => (keysOf(costs.parents, open).includes(key) ? sum + (open.worstUsd ?? 0) : sum),
    0,
  )

const limitOf = (costs: CostsState, key: string, limit: number | null): number | null =>
  limit === null ? null : Math.max(limit, costs.raised[key] ?? 0)

/** Every ceiling that a call counts for and that is set, but the call's own. */
const ceilingsOf = (
  costs: CostsState,
  budgets: BudgetSettings,
  { day, rule, session, workspace }: OpenModelCall,
): ReadonlyArray<Ceiling> => {
  const one = (scope: Exclude<BudgetScope, "call">, key: string, limit: number | null) => {
    const at = budgetKey(scope, key, day)
    const limitUsd = limitOf(costs, at, limit)
    return limitUsd === null ? [] : [{ scope, key, limitUsd, spentUsd: costs.spent[at]?.usd ?? 0 }]
  }
  return [
    ...lineage(costs.parents, session).flatMap((id) => one("session", id, budgets.sessionUsd)),
    ...(rule === null ? [] : one("rule", rule, budgets.ruleUsd)),
    ...(workspace === null ? [] : one("workspace", workspace, budgets.workspaceUsd)),
    ...one("day", day, budgets.dayUsd),
  ]
}

/** The first ceiling this call could go over; null: it may be made. `callRaised`: what a person allowed this call. */
export const firstOver = (
  costs: CostsState,
  budgets: BudgetSettings,
  planned: Planned,
  callRaised: number | null,
): Ceiling | null => {
  const worst = planned.worstUsd
  if (worst === null) return null
  const own = budgets.callUsd === null ? null : Math.max(budgets.callUsd, callRaised ?? 0)
  if (own !== null && worst > own) return { scope: "call", key: planned.call, limitUsd: own, spentUsd: 0 }
  for (const ceiling of ceilingsOf(costs, budgets, planned)) {
    const spentUsd =
      ceiling.spentUsd + reserved(costs, budgetKey(ceiling.scope as "day", ceiling.key, planned.day))
    if (spentUsd + worst > ceiling.limitUsd) return { ...ceiling, spentUsd }
  }
  return null
}

/** Ceilings of this call that came near and were not warned of at this height. */
export const dueWarnings = (
  costs: CostsState,
  budgets: BudgetSettings,
  call: OpenModelCall,
): ReadonlyArray<Ceiling> =>
  ceilingsOf(costs, budgets, call).filter(
    ({ key, limitUsd, scope, spentUsd }) =>
      limitUsd > 0 &&
      spentUsd >= limitUsd * budgets.warnAt &&
      costs.warned[budgetKey(scope as "day", key, call.day)] !== limitUsd,
  )

/** A height that is easily said: 1, 2 or 5 and zeros. */
const round = (usd: number): number => {
  const power = 10 ** Math.floor(Math.log10(usd))
  const step = [1, 2, 5, 10].find((one) => one * power >= usd - 1e-9)!
  return Number((step * power).toPrecision(3))
}

/** What a person is offered: twice the ceiling, and enough for the call that waits. */
export const raisedLimit = (
  { limitUsd, spentUsd }: Pick<Ceiling, "limitUsd" | "spentUsd">,
  worstUsd: number | null,
): number => round(Math.max(limitUsd * 2, spentUsd + (worstUsd ?? 0), 0.01))

export const nameOf = ({ key, scope }: Pick<Ceiling, "key" | "scope">): string => {
  switch (scope) {
    case "call":
      return "this call"
    case "session":
      return `the conversation ${key}`
    case "day":
      return `today (${key}, UTC)`
    case "rule":
      return `the rule ${key} today`
    case "workspace":
      return `the workspace ${key} today`
  }
}
