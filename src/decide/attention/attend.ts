/**
 * When a suggestion may be seen. Urgent: at once. Others: around a boundary, never within the quiet after an edit,
 * within the hourly allowance; a command's own correction has an allowance of its own, because a failed command
 * is the moment to speak of it. Digest items wait for a return or an opened TUI.
 * Rules that are not kept back off: every two dismissals without an acceptance double the gap between two of
 * their suggestions; one that is refused more than once in ten over twenty shows is silent until an acceptance.
 * Invariants: pure; each reason of withholding is said once per suggestion; showing is decided once, here.
 */
import type { Event } from "../../domain/event.ts"
import { put, ruleRecord, shownDraft, withheldDraft, withRule } from "../endings.ts"
import { boundaryMs } from "./presence.ts"
import { type MachineState, type RuleRecord, type Tracked, within } from "../state.ts"

const hourMs = 60 * 60_000
/** Corrections of commands: at most this many an hour, so many at once. */
const immediate = { perHour: 20, burst: 6 }
const muteAfterShows = 20
const muteAbove = 0.1

export const isMuted = (rule: RuleRecord): boolean =>
  rule.shown >= muteAfterShows && rule.refused / rule.shown > muteAbove

/** Least time between two suggestions of a rule that was dismissed again and again; at most a week. */
export const backOffMs = (rule: RuleRecord): number => {
  const halvings = Math.floor(rule.streak / 2)
  return halvings === 0 ? 0 : Math.min(hourMs * 2 ** halvings, 7 * 24 * hourMs)
}

type Word = { readonly show: string } | { readonly withhold: string; readonly until: number | null }

const withhold = (reason: string, until: number | null = null): Word => ({ withhold: reason, until })

const allowance = (
  perHour: number,
  burst: number,
  fullMs: number,
  now: number,
): { free: boolean; nextMs: number; at: number } => {
  if (perHour <= 0) return { free: false, nextMs: Number.MAX_SAFE_INTEGER, at: fullMs }
  const step = hourMs / perHour
  // a mark further ahead than the allowance can reach comes from a clock that was set back
  const from = fullMs > now + burst * step ? now : Math.max(now, fullMs)
  const slack = (burst - 1) * step
  return { free: from - now <= slack, nextMs: from - slack, at: from + step }
}

const hourly = (state: MachineState) =>
  allowance(state.settings.perHour, state.settings.burst, state.attention.hourlyMs, state.nowMs)
const forCommands = (state: MachineState) =>
  allowance(immediate.perHour, immediate.burst, state.attention.immediateMs, state.nowMs)

export const isReady = (item: Tracked): boolean =>
  (item.phase === "waiting" || item.phase === "snoozed") && item.calls.every((call) => call.judged)

const snoozing = (item: Tracked, now: number): boolean =>
  item.phase === "snoozed" && item.snoozedUntilMs !== null && item.snoozedUntilMs > now

/** The boundary at which this item may be seen now, or null. */
const openBoundary = (state: MachineState, item: Tracked): string | null => {
  // the user named the time himself
  if (item.phase === "snoozed") return "snooze-over"
  const { boundary } = state.attention
  const kind = boundary !== null && within(state.nowMs, boundary.atMs, boundaryMs) ? boundary.kind : null
  if (item.mode === "digest") return kind === "return" || kind === "tui-opened" ? kind : null
  return kind ?? (item.timing === "settled" ? "edits-settled" : null)
}

export const isQuiet = (state: MachineState): boolean =>
  within(state.nowMs, state.attention.lastEditMs, state.settings.quietAfterEditMs)

const judge = (state: MachineState, item: Tracked): Word => {
  const now = state.nowMs
  if (item.urgent) return { show: "urgent" }
  if (state.attention.paused) return withhold("Claw is paused")
  const rule = ruleRecord(state, item.rule)
  if (isMuted(rule)) {
    return withhold(
      `its rule is silent: ${rule.refused} of ${rule.shown} shown were refused; accepting one restores it`,
    )
  }
  const gap = backOffMs(rule)
  if (gap > 0 && within(now, rule.lastShownMs, gap)) {
    return withhold("its rule was dismissed repeatedly and holds back", (rule.lastShownMs ?? now) + gap)
  }
  const boundary = openBoundary(state, item)
  if (boundary === null) {
    return withhold(item.mode === "digest" ? "kept for the digest" : "waits for a boundary")
  }
  if (isQuiet(state)) {
    return withhold(
      "a file was just edited",
      (state.attention.lastEditMs ?? now) + state.settings.quietAfterEditMs,
    )
  }
  if (item.phase === "snoozed") return { show: "its snooze is over" }
  if (item.mode === "digest") return { show: `digest at ${boundary}` }
  const budget = item.timing === "boundary" ? hourly(state) : forCommands(state)
  if (!budget.free) return withhold("the hour's allowance is used up; it waits in the digest", budget.nextMs)
  return { show: boundary === "edits-settled" ? "the edits have settled" : `at a boundary: ${boundary}` }
}

const show = (state: MachineState, item: Tracked, event: Event, reason: string): MachineState => {
  const now = state.nowMs
  const counted = withRule(state, item.rule, (rule) => ({ ...rule, shown: rule.shown + 1, lastShownMs: now }))
  const free = item.urgent || item.mode === "digest" || item.phase === "snoozed"
  const attention = {
    ...counted.attention,
    hourlyMs: free || item.timing !== "boundary" ? state.attention.hourlyMs : hourly(state).at,
    immediateMs: free || item.timing === "boundary" ? state.attention.immediateMs : forCommands(state).at,
  }
  const tracked = counted.tracked.map((each): Tracked =>
    each.id === item.id ? { ...each, phase: "shown", shown: true, snoozedUntilMs: null } : each,
  )
  const boundary = item.urgent ? null : openBoundary(state, item)
  return put({ ...counted, attention, tracked }, shownDraft(item, event, reason, boundary))
}

const hold = (
  state: MachineState,
  item: Tracked,
  event: Event,
  reason: string,
  until: number | null,
): MachineState => {
  const kind = reason.replace(/\d+/g, "")
  if (item.said.includes(kind)) return state
  const tracked = state.tracked.map((each) =>
    each.id === item.id ? { ...each, said: [...each.said, kind] } : each,
  )
  return put({ ...state, tracked }, withheldDraft(item, event, reason, until))
}

const timingRank = { command: 0, settled: 1, boundary: 2 } as const

/** Urgent first, then what answers a command just run, then the youngest: help is about what was just done. */
const order = (a: Tracked, b: Tracked): number =>
  Number(b.urgent) - Number(a.urgent) || timingRank[a.timing] - timingRank[b.timing] || b.madeSeq - a.madeSeq

export const attend = (state: MachineState, event: Event): MachineState => {
  const waiting = state.tracked.filter((item) => isReady(item) && !snoozing(item, state.nowMs))
  if (waiting.length === 0) return state
  return waiting.toSorted(order).reduce((before, item) => {
    const word = judge(before, item)
    return "show" in word
      ? show(before, item, event, word.show)
      : hold(before, item, event, word.withhold, word.until)
  }, state)
}

/** Times at which attention must look again though nothing else happens. */
export const attentionTimes = (state: MachineState): ReadonlyArray<number> => {
  const { attention, nowMs, settings } = state
  const quietEnds = isQuiet(state) ? (attention.lastEditMs ?? nowMs) + settings.quietAfterEditMs : null
  return state.tracked.flatMap((item) => {
    const times: Array<number> = []
    if (item.expiresAtMs !== null && item.phase !== "approved") times.push(item.expiresAtMs)
    if (snoozing(item, nowMs)) times.push(item.snoozedUntilMs!)
    if (quietEnds !== null && !item.urgent && isReady(item) && !snoozing(item, nowMs)) {
      const lasts = attention.boundary !== null && attention.boundary.atMs + boundaryMs > quietEnds
      if (lasts || item.timing === "settled" || item.phase === "snoozed") times.push(quietEnds)
    }
    return times
  })
}
