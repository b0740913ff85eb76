/**
 * Follows each suggestion from its decision over verdicts and answers to its end, and learns from the answers:
 * a rejected or taken back fingerprint, a kept or refused rule. Attention (`attention.ts`) decides when it may be seen.
 */
import type { Event, EventOf } from "../domain/event.ts"
import type { ToolCall } from "../domain/action.ts"
import { canonical } from "./canonical.ts"
import type { Reflex } from "./Decider.ts"
import { isAskedFor } from "./deliberation/deciding.ts"
import { aboutOf } from "./attention/about.ts"
import { restored } from "./attention/standing.ts"
import { wentOn } from "./decisions.ts"
import { canExpire, conclude, expire, givesWay, learned, untrack, withoutJudge, withRule } from "./endings.ts"
import { evidenceChanged, expiryReason, isOfGit, isResolving } from "./evidence.ts"
import { foundNoRoom } from "./overflow.ts"
import { keepLast, limits, type MachineState, setBackMs, type Tracked } from "./state.ts"

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

const saidAfter = (
  { nowMs, saidOnce }: MachineState,
  reflex: Reflex | undefined,
  { fingerprint, rule, workspace }: Tracked,
): MachineState["saidOnce"] =>
  reflex?.once === true
    ? keepLast([...saidOnce, { rule, workspace, fingerprint, atMs: nowMs }], limits.saidOnce)
    : saidOnce

/** The oldest that nobody saw gives way to one more than the queue holds; else the oldest. */
const withRoom = (state: MachineState, event: Event): MachineState => {
  if (state.tracked.length < limits.tracked) return state
  const last =
    state.tracked.find((item) => givesWay(item) && item.shown === null) ?? state.tracked.find(givesWay)
  return last === undefined
    ? state
    : foundNoRoom(expire(state, last, event, "newer ones took its place: the queue was full", false))
}

export const onMade = (
  state: MachineState,
  reflexes: ReadonlyArray<Reflex>,
  event: EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">,
): MachineState => {
  const { suggestion, proposal, expiresAt } = event.payload
  const said = reflexes.find((reflex) => reflex.name === proposal.rule)
  const item: Tracked = {
    id: suggestion,
    workspace: event.workspace,
    rule: proposal.rule,
    fingerprint: proposal.fingerprint,
    mode: proposal.mode,
    urgent: proposal.urgent,
    timing: isAskedFor(event) ? "settled" : (said?.timing ?? "boundary"),
    trust: event.trust,
    expiresWhen: proposal.expiresWhen,
    expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt),
    madeMs: state.nowMs,
    madeSeq: event.seq,
    phase: "waiting",
    shown: null,
    looked: false,
    commits: 0,
    edited: false,
    answered: false,
    about: aboutOf(proposal.actions),
    calls: callsOf(proposal.actions),
    finished: 0,
    snoozedUntilMs: null,
    said: [],
  }
  const room = withRoom(state, event)
  const tracked = { ...room, tracked: [...room.tracked, item], saidOnce: saidAfter(room, said, item) }
  // he was faster than the log
  if (wentOn(state, proposal)) return expire(tracked, item, event, "you went on to another command", false)
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
  const { answered, fingerprint, id, rule, shown, trust, workspace } = item
  const kept = keepLast(
    [...state.kept, { id, rule, workspace, trust, fingerprint, shown, answered, atMs: state.nowMs }],
    limits.kept,
  )
  const ended = { ...untrack(state, id), kept }
  const outcome = item.edited ? "edited" : "accepted"
  return answered ? learned(ended, item, event, outcome) : conclude(ended, item, event, outcome)
}

const onApproved = (state: MachineState, event: EventOf<"approval.approved">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  const answered: Tracked = { ...item, phase: "approved", answered: true }
  // also where what it does then fails: it was wanted
  const wanted = withRule(state, item.rule, restored)
  return item.calls.length === 0 ? accept(wanted, answered, event) : update(wanted, item.id, () => answered)
}

/** A standing answer lets it run: kept like any other, but no new word on how its rule is liked. */
const onWaived = (state: MachineState, event: EventOf<"approval.waived">): MachineState =>
  update(state, event.payload.suggestion, (item) => ({ ...item, phase: "approved" }))

/** The yes did not count, because nothing may start or it is another action by now: it is a question again. */
const onVoided = (state: MachineState, event: EventOf<"approval.voided">): MachineState =>
  update(state, event.payload.suggestion, (item) =>
    item.phase === "approved"
      ? { ...item, phase: item.shown === null ? "waiting" : "shown", answered: false }
      : item,
  )

const withNo = (state: MachineState, fingerprint: string): MachineState["rejected"] =>
  state.rejected.includes(fingerprint)
    ? state.rejected
    : keepLast([...state.rejected, fingerprint], limits.rejected)

/** Before so much time has passed nobody has read what he refuses. */
const blindMs = 1_000

const onRejected = (state: MachineState, event: EventOf<"approval.rejected">): MachineState => {
  const item = state.tracked.find((each) => each.id === event.payload.suggestion)
  if (item === undefined) return state
  const { lookedMs } = event.payload
  const remembered = { ...untrack(state, item.id), rejected: withNo(state, item.fingerprint) }
  const blind = lookedMs !== undefined && lookedMs < blindMs
  return learned(remembered, item, event, blind ? "blind-dismissed" : "dismissed")
}

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

/** Taken back later than this, it had served. */
const revertedWithinMs = 24 * 60 * 60_000

const onUndone = (state: MachineState, event: EventOf<"tool.undone">): MachineState => {
  const kept = state.kept.find((each) => each.id === event.payload.suggestion)
  if (kept === undefined) return state
  // taking it back brings its evidence back, and is a no to it
  const undone = {
    ...state,
    kept: state.kept.filter((each) => each !== kept),
    rejected: withNo(state, kept.fingerprint),
  }
  if (state.nowMs - kept.atMs > revertedWithinMs) return undone
  return kept.answered ? learned(undone, kept, event, "reverted") : conclude(undone, kept, event, "reverted")
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
      const edited = update(state, suggestion, (item) => ({
        ...item,
        calls: callsOf(actions),
        edited: true,
      }))
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

const withCommit = (state: MachineState, { workspace }: Event): MachineState => ({
  ...state,
  tracked: state.tracked.map((item) =>
    item.shown !== null && item.workspace === workspace ? { ...item, commits: item.commits + 1 } : item,
  ),
})

/** What somebody says of a suggestion at the moment it would end is what it comes to. */
const isAnswerTo = (item: Tracked, event: Event): boolean =>
  (event.type === "approval.approved" || event.type === "approval.rejected") &&
  event.payload.suggestion === item.id

/** Suggestions whose evidence this event changed, or whose time is over. */
export const expireStale = (state: MachineState, event: Event): MachineState => {
  if (state.tracked.length === 0) return state
  const changed = new Set(evidenceChanged(event))
  const now = state.nowMs
  const followed = event.type === "git.commit" ? withCommit(state, event) : state
  return followed.tracked.reduce((before, item) => {
    if (!canExpire(item) || isAnswerTo(item, event)) return before
    // made in what is now the future: nobody knows how long ago that was
    if (item.expiresAtMs !== null && item.madeMs - now > setBackMs)
      return expire(before, item, event, "the clock was set back", false)
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
    if (item.workspace !== event.workspace) return before
    if (event.type === "daemon.health" && event.payload.missing === true)
      return expire(before, item, event, "its folder is not there any more", false)
    if (event.type === "git.repository" && event.payload.state === "gone" && item.expiresWhen.some(isOfGit))
      return expire(before, item, event, "its repository is not there any more", false)
    if (changed.size === 0) return before
    const late = now - item.madeMs < lateFactMs
    const keys = item.expiresWhen.filter((key) => changed.has(key) && !(late && sawAlready(key)))
    const key = keys.find(isResolving) ?? keys[0]
    return key === undefined ? before : expire(before, item, event, expiryReason(key), isResolving(key))
  }, followed)
}
