/** How a suggestion leaves the decider's care, and the drafts that say so. */
import type { HowTaken } from "../domain/events/thought.ts"
import { draft, type Event, type EventDraft, type PayloadOf } from "../domain/event.ts"
import { learn } from "./attention/keeping.ts"
import { noRecord, type RuleRecord, withOutcome } from "./attention/standing.ts"
import { actor, append } from "./outbox.ts"
import { keepLast, limits, type MachineState, type Tracked } from "./state.ts"

type About = Pick<Tracked, "id" | "workspace" | "trust">
type Ended = Pick<Tracked, "id" | "rule" | "workspace" | "trust" | "shown">

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
  how: Omit<PayloadOf<"decision.shown">, "suggestion">,
): EventDraft => draft("decision.shown", { suggestion: item.id, ...how }, header(item, event))

export const withheldDraft = (
  item: Tracked,
  event: Event,
  reason: string,
  until: number | null,
): EventDraft => draft("decision.withheld", { suggestion: item.id, reason, until }, header(item, event))

const outcomeDraft = (about: About, event: Event, outcome: HowTaken): EventDraft =>
  draft("decision.outcome", { suggestion: about.id, outcome, evidence: [event.seq] }, header(about, event))

export const ruleRecord = (state: MachineState, rule: string): RuleRecord =>
  (Object.hasOwn(state.attention.rules, rule) ? state.attention.rules[rule] : undefined) ?? noRecord

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

/** How it was taken, said in the log. */
export const conclude = (state: MachineState, ended: Ended, event: Event, outcome: HowTaken): MachineState =>
  put(state, outcomeDraft(ended, event, outcome))

/** The same, where it says something of the rule: it was before a person's eyes, or a person answered it. */
export const learned = (state: MachineState, ended: Ended, event: Event, outcome: HowTaken): MachineState => {
  const { rule, shown } = ended
  const past = { outcome, seq: event.seq }
  const counted = withRule(state, rule, (record) =>
    withOutcome(record, past, state.settings.bar, state.nowMs),
  )
  const keeping = learn(counted.attention.keeping, rule, shown, outcome)
  return conclude({ ...counted, attention: { ...counted.attention, keeping } }, ended, event, outcome)
}

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

/** The newest help is worth more than the oldest: it goes where the queue is full. */
export const givesWay = (item: Tracked): boolean => canExpire(item) && !item.urgent

/** Resolved within this time of being shown, it was for the suggestion. */
const resolvedWithinMs = 10 * 60_000

const inTime = (state: MachineState, item: Tracked): boolean =>
  item.shown === null || item.commits <= 1 || state.nowMs - item.shown.atMs <= resolvedWithinMs

/** Whether the state it aimed at came about, or it just went; null: nobody had seen it go. */
const howItWent = (state: MachineState, item: Tracked, resolved: boolean): HowTaken | null =>
  resolved && inTime(state, item) ? "resolved" : item.shown === null ? null : "ignored"

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
  const outcome = howItWent(state, item, resolved)
  // what is urgent is said each time: left alone once does not make the next one harmless
  const ignored =
    outcome === "ignored" && item.timing !== "command" && item.timing !== "settled" && !item.urgent
      ? keepLast([...state.ignored, { fingerprint: item.fingerprint, atMs: state.nowMs }], limits.ignored)
      : state.ignored
  // what nobody was shown was not said
  const saidOnce =
    item.shown === null
      ? state.saidOnce.filter(({ fingerprint }) => fingerprint !== item.fingerprint)
      : state.saidOnce
  const ended = put({ ...untrack(state, item.id), ignored, saidOnce }, expired)
  if (outcome === null) return ended
  // what nobody had before him says nothing of its rule, however it went
  return item.looked ? learned(ended, item, event, outcome) : conclude(ended, item, event, outcome)
}
