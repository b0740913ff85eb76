/**
 * Replay: folds the log again and compares each event the decider wrote with what its outbox says, byte for byte.
 * Pure; nothing is appended, no tool is run.
 * Invariants: after the first difference the fold goes on counting but compares no more, because a decision
 * that differs changes everything behind it; what other rules decided is counted apart, and is no difference.
 */
import type { Event, EventDraft } from "../domain/event.ts"
import { canonical } from "./canonical.ts"
import { actor, keyOf } from "./outbox.ts"
import { initialState, type MachineState } from "./state.ts"

export interface Difference {
  readonly seq: number
  readonly expected: string
  readonly found: string
}

/** A stretch of the log that was decided by rules other than those of the replay. */
export interface OtherRules {
  readonly version: string
  readonly rules: string
  readonly from: number
  readonly to: number
  readonly decisions: number
  /** Decisions that these rules would have made otherwise. */
  readonly differing: number
}

/** Stretches remembered: the newest. */
const maxOthers = 100

export interface ReplayState {
  readonly from: number
  readonly machine: MachineState
  readonly events: number
  readonly decisions: number
  /** Payloads that are erased: what rested on them may differ for that alone. */
  readonly erased: number
  /** First of them; null where none is. */
  readonly erasedFrom: number | null
  /** The stretch of other rules that the fold is in. */
  readonly stretch: OtherRules | null
  readonly others: ReadonlyArray<OtherRules>
  readonly difference: Difference | null
}

interface Folding {
  readonly initial: MachineState
  readonly evolve: (state: MachineState, event: Event) => MachineState
}

export const emptyReplay = (from: number): ReplayState => ({
  from,
  machine: initialState,
  events: 0,
  decisions: 0,
  erased: 0,
  erasedFrom: null,
  stretch: null,
  others: [],
  difference: null,
})

/** What a draft and its event have in common. */
const substance = (draft: EventDraft | Event): string =>
  canonical({
    type: draft.type,
    payload: draft.payload,
    workspace: draft.workspace,
    actor: draft.actor,
    trust: draft.trust,
    causationId: draft.causationId,
    correlationId: draft.correlationId,
  })

const compare = (machine: MachineState, event: Event): Difference | null => {
  const key = keyOf(event)
  const command = machine.outbox.find((each) => each._tag === "append" && each.key === key)
  const found = substance(event)
  const expected = command?._tag === "append" ? substance(command.draft) : "no such decision"
  return expected === found ? null : { seq: event.seq, expected, found }
}

const isDecision = (event: Event): boolean => event.actor === actor && keyOf(event) !== null

const closed = ({ others, stretch }: ReplayState): ReadonlyArray<OtherRules> =>
  stretch === null || stretch.decisions === 0 ? others : [...others, stretch].slice(-maxOthers)

/** All stretches of other rules, also the one at the end. */
export const otherRules = closed

/** What is still to be appended by the replay's rules, but never was by the others', is not waited for any longer. */
const withoutAppends = (machine: MachineState): MachineState => ({
  ...machine,
  outbox: machine.outbox.filter((command) => command._tag !== "append"),
})

/** A daemon that begins says which rules it decides by; one that does not say decided by these. */
const onStarted = (state: ReplayState, event: Event, own: string | null): ReplayState => {
  if (event.type !== "daemon.started" || event.payload === null) return state
  const { rules, version } = event.payload
  const other = own !== null && rules !== undefined && rules !== own
  const stretch = other
    ? { version, rules, from: event.seq, to: event.seq, decisions: 0, differing: 0 }
    : null
  const went = state.stretch !== null && state.stretch.differing > 0
  return {
    ...state,
    machine: went ? withoutAppends(state.machine) : state.machine,
    stretch,
    others: closed(state),
  }
}

/** `own`: the digest of the rules that are replayed; null takes every decision for theirs. */
export const replayWith =
  (folding: Folding, own: string | null = null) =>
  (before: ReplayState, event: Event): ReplayState => {
    const state = onStarted(before, event, own)
    const erased = (event.payload as unknown) === null
    const due = !erased && isDecision(event) && event.seq >= state.from
    const comparing = due && (state.stretch !== null || state.difference === null)
    const difference = comparing ? compare(state.machine, event) : null
    return {
      from: state.from,
      machine: folding.evolve(state.machine, event),
      events: state.events + 1,
      decisions: state.decisions + (due ? 1 : 0),
      erased: state.erased + (erased ? 1 : 0),
      erasedFrom: state.erasedFrom ?? (erased ? event.seq : null),
      stretch:
        state.stretch === null
          ? null
          : {
              ...state.stretch,
              to: event.seq,
              decisions: state.stretch.decisions + (due ? 1 : 0),
              differing: state.stretch.differing + (difference === null ? 0 : 1),
            },
      others: state.others,
      difference: state.difference ?? (state.stretch === null ? difference : null),
    }
  }
