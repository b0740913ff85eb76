/** How each rule stands, from the folds: what digest and rule lists show. Pure. */
import { calibrationError, forecast } from "../decide/attention/keeping.ts"
import { backOffMs, keptOf, noRecord } from "../decide/attention/standing.ts"
import { isSwitchedOff } from "../decide/failing.ts"
import { type MachineState, within } from "../decide/state.ts"
import type { RuleStatistics } from "../domain/ruleStatistics.ts"
import type { RuleStanding, SilenceCount } from "../rpc/attention.ts"
import type { Event } from "../domain/event.ts"

/** No circumstance is known of it: the rule speaks for itself. */
const anywhere = { workspace: null, moment: "", about: "" }

export const standingOf = (
  machine: MachineState,
  { reflexes }: RuleStatistics,
  rule: string,
  nowMs: number,
): RuleStanding => {
  const { attention, settings } = machine
  const record = (Object.hasOwn(attention.rules, rule) ? attention.rules[rule] : undefined) ?? noRecord
  const gap = backOffMs(record)
  const holds = gap > 0 && within(nowMs, record.lastShownMs, gap)
  const shown = record.past.length
  const kept = keptOf(record)
  return {
    rule,
    state:
      settings.disabledReflexes.includes(rule) || isSwitchedOff(machine, rule)
        ? "off"
        : record.silentSince !== null
          ? "silent"
          : holds
            ? "holds back"
            : "speaks",
    until: holds ? new Date(record.lastShownMs! + gap).toISOString() : null,
    shown,
    kept,
    precision: shown === 0 ? null : Math.round((kept / shown) * 1000) / 1000,
    keep: forecast(attention.keeping, rule, anywhere).p,
    made: (Object.hasOwn(reflexes, rule) ? reflexes[rule]?.made : undefined) ?? 0,
  }
}

/** Of all that ever spoke, those that are heard least first. */
export const standings = (
  state: MachineState,
  statistics: RuleStatistics,
  nowMs: number,
): ReadonlyArray<RuleStanding> => {
  const names = new Set([...Object.keys(statistics.reflexes), ...Object.keys(state.attention.rules)])
  const rank = { silent: 0, "holds back": 1, speaks: 2, off: 3 } as const
  return [...names]
    .map((rule) => standingOf(state, statistics, rule, nowMs))
    .toSorted((a, b) => rank[a.state] - rank[b.state] || b.made - a.made || (a.rule < b.rule ? -1 : 1))
}

export const calibrationOf = ({ attention }: MachineState): number | null =>
  calibrationError(attention.keeping)

/** Silences counted by rule and reason, numbers in it aside; the most frequent first. */
export const silencesOf = (events: Iterable<Event>): ReadonlyArray<SilenceCount> => {
  const counts = new Map<string, SilenceCount>()
  for (const { payload, seq, type } of events) {
    if (type !== "decision.silent" || (payload as unknown) === null) continue
    const { reason, rule } = payload as { readonly reason: string; readonly rule: string }
    const key = `${rule}\n${reason.replace(/\d+/g, "0")}`
    const before = counts.get(key)
    counts.set(key, {
      rule,
      reason: before?.reason ?? reason,
      count: (before?.count ?? 0) + 1,
      seq: Math.max(before?.seq ?? 0, seq),
    })
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || b.seq - a.seq)
}
