/** How a suggestion leaves the decider's care, and the drafts that say so. */
import type { Event, EventDraft } from "../domain/event.ts"
import { draft } from "../domain/event.ts"
import { actor, append } from "./outbox.ts"
import { keepLast, limits, type MachineState, type RuleRecord, type Tracked } from "./state.ts"

type Outcome = "accepted" | "resolved" | "ignored" | "dismissed" | "reverted"
type About = Pick<Tracked, "id" | "workspace" | "trust">

const header = (about: About, event: Event) => ({
  actor,
  workspace: about.workspace,
  trust: about.trust,
  causationId: event.id,
  correlationId: about.id,
})

export const shownDraft = (
  item: Tracked,
  event: Event,
  reason: string,
  boundary: string | null,
): EventDraft => draft("decision.shown", { suggestion: item.id, reason, boundary }, header(item, event))

export const withheldDraft = (
  item: Tracked,
  event: Event,
  reason: string,
  until: number | null,
): EventDraft => draft("decision.withheld", { suggestion: item.id, reason, until }, header(item, event))

export const outcomeDraft = (about: About, event: Event, outcome: Outcome): EventDraft =>
  draft("decision.outcome", { suggestion: about.id, outcome, evidence: [event.seq] }, header(about, event))

const noRecord: RuleRecord = { shown: 0, kept: 0, refused: 0, streak: 0, lastShownMs: null }

export const ruleRecord = (state: MachineState, rule: string): RuleRecord =>
  state.attention.rules[rule] ?? noRecord

export const withRule = (
  state: MachineState,
  rule: string,
  change: (record: RuleRecord) => RuleRecord,
): MachineState => ({
  ...state,
  attention: {
    ...state.attention,
    rules: { ...state.attention.rules, [rule]: change(ruleRecord(state, rule)) },
  },
})

export const put = (state: MachineState, ...drafts: ReadonlyArray<EventDraft>): MachineState =>
  drafts.length === 0 ? state : { ...state, outbox: [...state.outbox, ...drafts.map(append)] }

/** No verdict is waited for any more. */
export const withoutJudge = (state: MachineState, id: string): MachineState => ({
  ...state,
  outbox: state.outbox.filter((command) => command._tag !== "judge" || command.suggestion !== id),
})

export const untrack = (state: MachineState, id: string): MachineState => ({
  ...withoutJudge(state, id),
  tracked: state.tracked.filter((item) => item.id !== id),
})

/** Answered already, or being judged by nobody any more: an expiry would come too late. */
export const canExpire = (item: Tracked): boolean => item.phase !== "approved"

/** It leaves the queue: what it rested on changed, or its time ran out. */
export const expire = (
  state: MachineState,
  item: Tracked,
  event: Event,
  reason: string,
  resolved: boolean,
): MachineState => {
  const expired = draft(
    "decision.expired",
    { suggestion: item.id, reason, evidence: [event.seq] },
    header(item, event),
  )
  const outcome = resolved ? "resolved" : item.shown ? "ignored" : null
  // what is urgent is said each time: left alone once does not make the next one harmless
  const ignored =
    outcome === "ignored" && item.timing === "boundary" && !item.urgent
      ? keepLast([...state.ignored, { fingerprint: item.fingerprint, atMs: state.nowMs }], limits.ignored)
      : state.ignored
  const ended = put({ ...untrack(state, item.id), ignored }, expired)
  return outcome === null ? ended : put(ended, outcomeDraft(item, event, outcome))
}
