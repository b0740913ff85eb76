/**
 * What models cost, added up from the events themselves: by day, rule, session, model or purpose, and what it bought. Pure.
 * Invariants: rows add up to the total and the total to the events, exactly, because money is added in whole units of
 * 1e-10 USD; what has no known price is counted as unpriced and adds nothing.
 */
import { Schema } from "effect"
import type { Event, EventOf } from "./event.ts"

export const CostKey = Schema.Literals(["day", "rule", "session", "model", "purpose"])
export type CostKey = typeof CostKey.Type

const Sums = {
  /** Requests that were answered, and those that failed; both may cost. */
  answered: Schema.Finite,
  failed: Schema.Finite,
  /** Tokens, in four buckets that do not overlap. */
  input: Schema.Finite,
  output: Schema.Finite,
  cacheRead: Schema.Finite,
  cacheWrite: Schema.Finite,
  usd: Schema.Finite,
  /** Calls that used tokens and of which nobody knows the price. */
  unpriced: Schema.Finite,
  /** Suggestions that rest on a model and were kept, less those that were taken back; null: cannot be told by this key. */
  kept: Schema.NullOr(Schema.Finite),
  /** Null where nothing was spent or nothing can be told. */
  keptPerUsd: Schema.NullOr(Schema.Finite),
}
export const CostRow = Schema.Struct({ key: Schema.String, ...Sums })
export type CostRow = typeof CostRow.Type

export const CostReport = Schema.Struct({
  v: Schema.Literal(1),
  by: CostKey,
  rows: Schema.Array(CostRow),
  total: Schema.Struct(Sums),
  /** Calls under way, and what they may cost at worst. */
  open: Schema.Struct({ calls: Schema.Finite, worstUsd: Schema.Finite }),
})
export type CostReport = typeof CostReport.Type

const units = 1e10

interface Adding {
  answered: number
  failed: number
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  units: number
  unpriced: number
  kept: number | null
}

const nothing = (kept: number | null): Adding => ({
  answered: 0,
  failed: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  units: 0,
  unpriced: 0,
  kept,
})

type Ended = EventOf<"model.answered"> | EventOf<"model.failed">

const add = (row: Adding, { payload, type }: Ended): void => {
  if (type === "model.answered") row.answered++
  else row.failed++
  if (payload.usage !== null) {
    row.input += payload.usage.input
    row.output += payload.usage.output
    row.cacheRead += payload.usage.cacheRead
    row.cacheWrite += payload.usage.cacheWrite
  }
  if (payload.usd !== null) row.units += Math.round(payload.usd * units)
  else if (payload.usage !== null) row.unpriced++
}

const sums = ({ units: spent, ...row }: Adding): Omit<CostRow, "key"> => {
  const usd = spent / units
  return { ...row, usd, keptPerUsd: row.kept === null || usd === 0 ? null : row.kept / usd }
}

const keyOf = (by: CostKey, requested: EventOf<"model.requested"> | undefined, ended: Ended): string => {
  if (by === "day") return (requested ?? ended).at.slice(0, 10)
  return requested?.payload[by] ?? "-"
}

export const reported = [
  "model.requested",
  "model.answered",
  "model.failed",
  "decision.digest",
  "decision.notify",
  "decision.question",
  "decision.draft",
  "decision.outcome",
] as const

const worth = {
  accepted: 1,
  edited: 1,
  resolved: 1,
  reverted: -1,
  ignored: 0,
  dismissed: 0,
  "blind-dismissed": 0,
} as const

/** `earlier`: requests and suggestions from before the events that they end or were answered in. */
export const costReport = (
  by: CostKey,
  events: Iterable<Event>,
  earlier: Iterable<Event> = [],
): CostReport => {
  const requests = new Map<string, EventOf<"model.requested">>()
  const rules = new Map<string, string>()
  const rows = new Map<string, Adding>()
  const kept: Array<{ readonly rule: string; readonly day: string; readonly worth: number }> = []
  const open = new Map<string, number>()
  const thinking = new Set<string>()
  const total = nothing(0)
  const countable = by === "day" || by === "rule"
  const row = (key: string): Adding => {
    const before = rows.get(key) ?? nothing(countable ? 0 : null)
    rows.set(key, before)
    return before
  }
  const know = (event: Event): void => {
    if ((event.payload as unknown) === null) return
    if (event.type === "model.requested") {
      requests.set(event.payload.call, event)
      if (event.payload.rule !== null) thinking.add(event.payload.rule)
    } else if (
      "suggestion" in event.payload &&
      "rule" in event.payload &&
      event.type.startsWith("decision.")
    ) {
      rules.set(event.payload.suggestion, event.payload.rule as string)
    }
  }
  for (const event of earlier) know(event)
  for (const event of events) {
    if ((event.payload as unknown) === null) continue
    know(event)
    switch (event.type) {
      case "model.requested":
        open.set(event.payload.call, event.payload.worstUsd ?? 0)
        break
      case "model.answered":
      case "model.failed": {
        open.delete(event.payload.call)
        add(row(keyOf(by, requests.get(event.payload.call), event)), event)
        add(total, event)
        break
      }
      case "decision.outcome": {
        const rule = rules.get(event.payload.suggestion)
        const { outcome } = event.payload
        if (rule !== undefined) kept.push({ rule, day: event.at.slice(0, 10), worth: worth[outcome] })
        break
      }
      default:
    }
  }
  for (const one of kept) {
    if (!thinking.has(one.rule)) continue
    total.kept! += one.worth
    if (countable) row(by === "rule" ? one.rule : one.day).kept! += one.worth
  }
  return {
    v: 1,
    by,
    rows: [...rows]
      .toSorted(([a, x], [b, y]) => (by === "day" ? (a < b ? -1 : 1) : y.units - x.units || (a < b ? -1 : 1)))
      .map(([key, adding]) => ({ key, ...sums(adding) })),
    total: sums(total),
    open: { calls: open.size, worstUsd: [...open.values()].reduce((sum, usd) => sum + usd, 0) },
  }
}
