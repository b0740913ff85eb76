/**
 * Replay: folds the log again and compares each event the decider wrote with what its outbox says, byte for byte.
 * Pure; nothing is appended, no tool is run.
 * Invariant: after the first difference the fold goes on counting but compares no more, because a decision
 * that differs changes everything behind it.
 */
import type { Event, EventDraft } from "../domain/event.ts"
import { canonical } from "./canonical.ts"
import { actor, keyOf } from "./outbox.ts"
import { deciderProjection, type MachineState } from "./step.ts"

export interface Difference {
  readonly seq: number
  readonly expected: string
  readonly found: string
}

export interface ReplayState {
  readonly from: number
  readonly machine: MachineState
  readonly events: number
  readonly decisions: number
  /** seqs whose payload was erased: from the first on, a difference may be the erasure's. */
  readonly erased: ReadonlyArray<number>
  readonly difference: Difference | null
}

interface Folding {
  readonly initial: MachineState
  readonly evolve: (state: MachineState, event: Event) => MachineState
}

export const emptyReplay = (from: number): ReplayState => ({
  from,
  machine: deciderProjection.initial,
  events: 0,
  decisions: 0,
  erased: [],
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

export const replayWith =
  (folding: Folding) =>
  (state: ReplayState, event: Event): ReplayState => {
    const erased = (event.payload as unknown) === null
    const due = !erased && isDecision(event) && event.seq >= state.from
    return {
      from: state.from,
      machine: folding.evolve(state.machine, event),
      events: state.events + 1,
      decisions: state.decisions + (due ? 1 : 0),
      erased: erased ? [...state.erased, event.seq] : state.erased,
      difference: state.difference ?? (due ? compare(state.machine, event) : null),
    }
  }

export const replayStep = replayWith(deciderProjection)
