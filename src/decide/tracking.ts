/**
 * Follows each suggestion from its decision over verdicts and answers to its end, and learns from the answers:
 * a rejected or taken back fingerprint, a kept or refused rule. Attention (`attention.ts`) decides when it may be seen.
 */
import type { Event, EventOf } from "../domain/event.ts"
import type { ToolCall } from "../domain/action.ts"
import { canonical } from "./canonical.ts"
import type { Reflex } from "./Decider.ts"
import { isAskedFor } from "./deliberation/deciding.ts"
import { canExpire, expire, outcomeDraft, put, untrack, withoutJudge, withRule } from "./endings.ts"
import { evidenceChanged, expiryReason, isResolving } from "./evidence.ts"
import { keepLast, limits, type MachineState, type Tracked } from "./state.ts"

const callsOf = (actions: ReadonlyArray<ToolCall>): Tracked["calls"] =>
  actions.map((action) => ({ call: canonical(action), judged: false }))

const update = (state: MachineState, id: string, change: (item: Tracked) => Tracked): MachineState => ({
  ...state,
  tracked: state.tracked.map((item) => (item.id === id ? change(item) : item)),
})

const judging = (state: MachineState, suggestion: string, seq: number): MachineState => ({
  ...state,
  outbox: [...state.outbox, { _tag: "judge", key: `judge:${suggestion}:${seq}`, suggestion }],
})

export const onMade = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  event: EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">,
): MachineState => {
  const { suggestion, proposal, expiresAt } = event.payload
  const item: Tracked = {
    id: suggestion,
    workspace: event.workspace,
    rule: proposal.rule,
    fingerprint: proposal.fingerprint,
    mode: proposal.mode,
    urgent: proposal.urgent,
    timing: isAskedFor(event)
      ? "settled"
      : (reflexes.find((reflex) => reflex.name === proposal.rule)?.timing ?? "boundary"),
    trust: event.trust,
    expiresWhen: proposal.expiresWhen,
    expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt),
    madeMs: state.nowMs,
    madeSeq: event.seq,
    phase: "waiting",
    shown: false,
    calls: callsOf(proposal.actions),
    finished: 0,
    snoozedUntilMs: null,
    said: [],
  }
  const tracked = { ...state, tracked: [...state.tracked, item] }
  return proposal.actions.length === 0 ? tracked : judging(tracked, suggestion, event.seq)
}

const onVerdict = (state: MachineState, event: EventOf<"policy.verdict">): MachineState => {
  const { suggestion, index, call } = event.payload
  const item = state.tracked.find((each) => each.id === suggestion)
  // a verdict on actions that were edited meanwhile is not one on these
  if (item === undefined || item.calls[index]?.call !== canonical(call)) return state
  const calls = item.calls.map((each, at) => (at === index ? { ...each, judged: true } : each))
  const after = update(state, suggestion, (each) => ({ ...each, calls }))
  return calls.every((each) => each.judged) ? withoutJudge(after, suggestion) : after
}

/** Kept: done, or agreed to where there was nothing to do. */
const accept = (state: MachineState, item: Tracked, event: Event): MachineState => {
  const { id, rule, workspace, trust, fingerprint } = item
  const kept = keepLast([...state.kept, { id, rule, workspace, trust, fingerprint }], limits.kept)
  return put({ ...untrack(state, id), kept }, outcomeDraft(item, event, "accepted"))
}

const onApproved = (state: MachineState, event: EventOf<"approval.approved">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  // an acceptance restores the rule
  const restored = withRule(state, item.rule, (rule) => ({
    ...rule,
    shown: rule.refused === 0 ? rule.shown : Math.min(rule.shown, 1),
    kept: rule.kept + 1,
    refused: 0,
    streak: 0,
  }))
  return item.calls.length === 0
    ? accept(restored, item, event)
    : update(restored, item.id, (each) => ({ ...each, phase: "approved" }))
}

/** A standing answer lets it run: kept like any other, but no new word on how its rule is liked. */
const onWaived = (state: MachineState, event: EventOf<"approval.waived">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  const counted = withRule(state, item.rule, (rule) => ({ ...rule, kept: rule.kept + 1 }))
  return update(counted, item.id, (each) => ({ ...each, phase: "approved" }))
}

/** The yes did not count, because nothing may start or it is another action by now: it is a question again. */
const onVoided = (state: MachineState, event: EventOf<"approval.voided">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined || item.phase !== "approved") return state
  const counted = withRule(state, item.rule, (rule) => ({ ...rule, kept: Math.max(0, rule.kept - 1) }))
  return update(counted, item.id, (each) => ({ ...each, phase: each.shown ? "shown" : "waiting" }))
}

const onRejected = (state: MachineState, event: EventOf<"approval.rejected">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  const remembered = {
    ...untrack(state, item.id),
    rejected: keepLast([...state.rejected, item.fingerprint], limits.rejected),
  }
  const counted = withRule(remembered, item.rule, (rule) => ({
    ...rule,
    refused: rule.refused + 1,
    streak: rule.streak + 1,
  }))
  return put(counted, outcomeDraft(item, event, "dismissed"))
}

const withNo = (state: MachineState, fingerprint: string): MachineState["rejected"] =>
  state.rejected.includes(fingerprint)
    ? state.rejected
    : keepLast([...state.rejected, fingerprint], limits.rejected)

/** The evidence may come back, and be seen, before the log has the end of it: the no counts from the word on. */
const onUndoing = (state: MachineState, event: EventOf<"approval.undo">): MachineState => {
  const kept = state.kept.find((each) => each.id === event.payload.suggestion)
  return kept === undefined ? state : { ...state, rejected: withNo(state, kept.fingerprint) }
}

const onUndoRefused = (state: MachineState, event: EventOf<"tool.undo-refused">): MachineState => {
  const kept = state.kept.find((each) => each.id === event.payload.suggestion)
  return kept === undefined
    ? state
    : { ...state, rejected: state.rejected.filter((each) => each !== kept.fingerprint) }
}

const onUndone = (state: MachineState, event: EventOf<"tool.undone">): MachineState => {
  const kept = state.kept.find((each) => each.id === event.payload.suggestion)
  if (kept === undefined) return state
  const counted = withRule(state, kept.rule, (rule) => ({
    ...rule,
    kept: rule.kept - 1,
    refused: rule.refused + 1,
    streak: rule.streak + 1,
  }))
  // taking it back brings its evidence back, and is a no to it
  return put(
    {
      ...counted,
      kept: state.kept.filter((each) => each !== kept),
      rejected: withNo(state, kept.fingerprint),
    },
    outcomeDraft(kept, event, "reverted"),
  )
}

const onFinished = (state: MachineState, event: EventOf<"tool.finished">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  if (!event.payload.ok) return untrack(state, item.id)
  const finished = item.finished + 1
  return finished >= item.calls.length
    ? accept(state, item, event)
    : update(state, item.id, (each) => ({ ...each, finished }))
}

/** Answers and ends; everything else is left as it is. */
export const onAnswer = (state: MachineState, event: Event): MachineState => {
  switch (event.type) {
    case "policy.verdict":
      return onVerdict(state, event)
    case "approval.approved":
      return onApproved(state, event)
    case "approval.waived":
      return onWaived(state, event)
    case "approval.voided":
      return onVoided(state, event)
    case "approval.rejected":
      return onRejected(state, event)
    case "approval.snoozed":
      return update(state, event.payload.suggestion, (item) => ({
        ...item,
        phase: "snoozed",
        snoozedUntilMs: Date.parse(event.payload.until),
        said: [],
      }))
    case "approval.edited": {
      const { suggestion, actions } = event.payload
      if (!state.tracked.some((item) => item.id === suggestion)) return state
      const edited = update(state, suggestion, (item) => ({ ...item, calls: callsOf(actions) }))
      return actions.length === 0
        ? withoutJudge(edited, suggestion)
        : judging(withoutJudge(edited, suggestion), suggestion, event.seq)
    }
    case "tool.finished":
      return onFinished(state, event)
    case "tool.failed":
      return untrack(state, event.payload.suggestion)
    case "approval.undo":
      return onUndoing(state, event)
    case "tool.undo-refused":
      return onUndoRefused(state, event)
    case "tool.undone":
      return onUndone(state, event)
    default:
      return state
  }
}

/**
 * A git fact is stated up to this long after it came to be (a branch must look the same twice, a busy machine is
 * slow), while probes read the repository itself. What a branch fact says so soon after a decision, the
 * decision's probes saw already.
 */
const lateFactMs = 400
const sawAlready = (key: string): boolean => key === "git:refs"

/** Suggestions whose evidence this event changed, or whose time is over. */
export const expireStale = (state: MachineState, event: Event): MachineState => {
  if (state.tracked.length === 0) return state
  const changed = new Set(evidenceChanged(event))
  const now = state.nowMs
  return state.tracked.reduce((before, item) => {
    if (!canExpire(item)) return before
    if (item.expiresAtMs !== null && item.expiresAtMs <= now) {
      return expire(before, item, event, "its time ran out", false)
    }
    if (
      event.type === "daemon.workspace" &&
      event.payload.action === "removed" &&
      event.payload.path === item.workspace
    ) {
      return expire(before, item, event, "its workspace is not watched any more", false)
    }
    if (changed.size === 0 || item.workspace !== event.workspace) return before
    const late = now - item.madeMs < lateFactMs
    const keys = item.expiresWhen.filter((key) => changed.has(key) && !(late && sawAlready(key)))
    const key = keys.find(isResolving) ?? keys[0]
    return key === undefined ? before : expire(before, item, event, expiryReason(key), isResolving(key))
  }, state)
}
