/**
 * What models have cost and may still cost: a pure fold of `model.*` and of the parents of sessions, as the ceilings need
 * it. Reports by rule, model or day read the events themselves.
 * Invariants: a call that is open counts at its worst case; what is spent in a child counts for every session above it, and
 * for the rule that brought one of them about; what has no price counts as unpriced, never as nothing.
 */
import type { Event } from "./event.ts"
import type { BudgetScope } from "./events/model.ts"
import type { Usage } from "./modelRequest.ts"

export interface Spent {
  readonly usd: number
  /** Calls of which the price is not known. */
  readonly unpriced: number
  readonly calls: number
}

export interface OpenModelCall {
  readonly worstUsd: number | null
  readonly session: string | null
  readonly rule: string | null
  readonly workspace: string | null
  /** UTC day it was asked on, `2026-11-22`. */
  readonly day: string
}

/** An open call as the log knows it: what it asks, for measuring how many bytes of a model's requests make a token. */
interface Asked extends OpenModelCall {
  readonly model: string
  readonly bytes: number
}

export interface CostsState {
  /** Asked and not ended, by call. */
  readonly open: Readonly<Record<string, Asked>>
  /** By scope and key (`budgetKey`): the newest day's, and the sessions' that spent last. */
  readonly spent: Readonly<Record<string, Spent>>
  /** Session -> the session above it. */
  readonly parents: Readonly<Record<string, string>>
  /** Session -> the rule that brought it about, of those that asked last. */
  readonly rules: Readonly<Record<string, string>>
  /** Ceilings that a person raised, and those that were warned of, by scope and key. */
  readonly raised: Readonly<Record<string, number>>
  readonly warned: Readonly<Record<string, number>>
  /** By model, bytes of the requests that were answered and their tokens as the server counted them. */
  readonly measured: Readonly<Record<string, { readonly bytes: number; readonly tokens: number }>>
}

/** `day:2026-11-22`, `session:c_1`, `rule:2026-11-22:gitDirty`, `workspace:2026-11-22:/home/dev/proj`. */
export const budgetKey = (scope: Exclude<BudgetScope, "call">, key: string, day: string): string =>
  scope === "session" ? `session:${key}` : scope === "day" ? `day:${day}` : `${scope}:${day}:${key}`

const keptSessions = 500
const dayOf = (event: Event): string => event.at.slice(0, 10)

const none: Spent = { usd: 0, unpriced: 0, calls: 0 }

/** The session and all above it. A parent is opened before its child, so this ends. */
export const lineage = (parents: CostsState["parents"], session: string | null): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (
    let at: string | undefined = session ?? undefined;
    at !== undefined && !found.includes(at);
    at = parents[at]
  ) {
    found.push(at)
  }
  return found
}

/** The rule that a call counts for: its own, or that of the nearest conversation above it that has one. */
export const ruleOf = (
  { parents, rules }: Pick<CostsState, "parents" | "rules">,
  { rule, session }: Pick<OpenModelCall, "rule" | "session">,
): string | null => {
  const nearest = lineage(parents, session).find((id) => Object.hasOwn(rules, id))
  return rule ?? (nearest === undefined ? null : rules[nearest]!)
}

/** Every ceiling's key that a call counts for. */
export const keysOf = (parents: CostsState["parents"], call: OpenModelCall): ReadonlyArray<string> => [
  budgetKey("day", "", call.day),
  ...lineage(parents, call.session).map((session) => budgetKey("session", session, call.day)),
  ...(call.rule === null ? [] : [budgetKey("rule", call.rule, call.day)]),
  ...(call.workspace === null ? [] : [budgetKey("workspace", call.workspace, call.day)]),
]

/** Older answers fade: of what is beyond this, half is kept. */
const measuredTokens = 1_000_000

/** Requests of which the bytes say nothing about tokens (pictures, or a server that does not count) are left out. */
const measure = (state: CostsState, call: string, { cacheRead, cacheWrite, input }: Usage): CostsState => {
  const open = Object.hasOwn(state.open, call) ? state.open[call]! : null
  const tokens = input + cacheRead + cacheWrite
  if (open === null || tokens < 50 || open.bytes / tokens > 8 || open.bytes < tokens) return state
  const before = Object.hasOwn(state.measured, open.model)
    ? state.measured[open.model]!
    : { bytes: 0, tokens: 0 }
  const keep = before.tokens > measuredTokens ? 0.5 : 1
  const after = { bytes: before.bytes * keep + open.bytes, tokens: before.tokens * keep + tokens }
  return { ...state, measured: { ...state.measured, [open.model]: after } }
}

const ruled = (
  rules: CostsState["rules"],
  { rule, session }: Pick<OpenModelCall, "rule" | "session">,
): CostsState["rules"] =>
  rule === null || session === null || rules[session] === rule
    ? rules
    : Object.fromEntries([...Object.entries(rules), [session, rule] as const].slice(-keptSessions))

const settle = (state: CostsState, call: string, usd: number | null, sent: boolean): CostsState => {
  const open = Object.hasOwn(state.open, call) ? state.open[call]! : null
  if (open === null) return state
  const { [call]: _, ...others } = state.open
  if (!sent) return { ...state, open: others }
  const spent: Record<string, Spent> = { ...state.spent }
  for (const key of keysOf(state.parents, open)) {
    const before = spent[key] ?? none
    delete spent[key]
    spent[key] = {
      usd: before.usd + (usd ?? 0),
      unpriced: before.unpriced + (usd === null ? 1 : 0),
      calls: before.calls + 1,
    }
  }
  return { ...state, open: others, spent: forgotten(spent, open.day) }
}

/** Keys of days before the one of the newest call are done with; of sessions the last ones to spend are kept. */
const forgotten = <A>(keyed: Readonly<Record<string, A>>, day: string): Record<string, A> => {
  const all = Object.entries(keyed)
  const sessions = all.filter(([key]) => key.startsWith("session:")).slice(-keptSessions)
  const days = all.filter(
    ([key]) => !key.startsWith("session:") && key.slice(key.indexOf(":") + 1, key.indexOf(":") + 11) >= day,
  )
  return Object.fromEntries([...days, ...sessions])
}

const evolve = (state: CostsState, event: Event): CostsState => {
  if ((event.payload as unknown) === null) return state
  switch (event.type) {
    case "session.opened": {
      const { parent, session } = event.payload
      return parent === null ? state : { ...state, parents: { ...state.parents, [session]: parent.session } }
    }
    case "model.requested": {
      const { bytes, call, model, rule, session, worstUsd } = event.payload
      const { workspace } = event
      const open: Asked = { worstUsd, session, rule, workspace, day: dayOf(event), model, bytes }
      return { ...state, open: { ...state.open, [call]: open }, rules: ruled(state.rules, open) }
    }
    case "model.answered":
      return settle(
        measure(state, event.payload.call, event.payload.usage),
        event.payload.call,
        event.payload.usd,
        true,
      )
    case "model.failed":
      // without usage and price nothing was billed as far as the server said
      return settle(
        state,
        event.payload.call,
        event.payload.usd,
        event.payload.usd !== null || event.payload.usage !== null,
      )
    case "model.raised": {
      const { key, limitUsd, scope } = event.payload
      if (scope === "call") return state
      const raised = { ...state.raised, [budgetKey(scope, key, dayOf(event))]: limitUsd }
      return { ...state, raised: forgotten(raised, dayOf(event)) }
    }
    case "model.warned": {
      const { key, limitUsd, scope } = event.payload
      if (scope === "call") return state
      const warned = { ...state.warned, [budgetKey(scope, key, dayOf(event))]: limitUsd }
      return { ...state, warned: forgotten(warned, dayOf(event)) }
    }
    default:
      return state
  }
}

export const costsProjection = {
  name: "costs",
  version: 3,
  initial: {
    open: {},
    spent: {},
    parents: {},
    rules: {},
    raised: {},
    warned: {},
    measured: {},
  } as CostsState,
  evolve,
} as const

/** That spending comes near a ceiling, and what will happen at it; `what` it is for, in words. */
export const nearCeiling = (
  near: Readonly<Record<"limitUsd" | "spentUsd", number>> & { readonly what: string },
): string =>
  `$${near.spentUsd.toFixed(2)} of the $${near.limitUsd} for ${near.what} are spent: a call that could go over it will ask first`
