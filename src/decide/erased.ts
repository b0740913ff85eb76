/**
 * What the machine makes of an event whose payload is gone: its header still says that something was done. A command
 * in the outbox that the event fulfilled is taken out by the header alone, because a command that stayed would be
 * carried out again, and write into the log once more what was just taken out of it.
 * Pure. What an erased observation said is as if it had never been seen.
 */
import type { Event } from "../domain/event.ts"
import { closeThought } from "./deliberation/deciding.ts"
import { untrack, withoutJudge } from "./endings.ts"
import { actor } from "./outbox.ts"
import type { MachineState } from "./state.ts"

/** The first draft of this kind with this cause: drafts go out in the order in which they were made. */
const withoutDraft = (state: MachineState, event: Event): MachineState => {
  const at = state.outbox.findIndex(
    (command) =>
      command._tag === "append" &&
      command.draft.type === event.type &&
      command.draft.causationId === event.causationId &&
      command.draft.correlationId === event.correlationId &&
      command.draft.workspace === event.workspace,
  )
  return at < 0 ? state : { ...state, outbox: state.outbox.toSpliced(at, 1) }
}

/** Its facts were read, and cannot be known again. */
const withoutOpen = (state: MachineState, openedId: string | null): MachineState => {
  const found = state.open.find((each) => each.openedId === openedId)
  if (found === undefined) return state
  return {
    ...state,
    open: state.open.filter((each) => each !== found),
    outbox: state.outbox.filter((command) => command._tag !== "probe" || command.situation !== found.seq),
  }
}

/** It was thought about, whatever came of it. */
const withoutThought = (state: MachineState, openedId: string | null): MachineState => {
  const found = state.deliberation.open.find((each) => each.openedId === openedId)
  if (found === undefined) return state
  const outbox = state.outbox.filter(
    (command) => (command._tag !== "think" && command._tag !== "draft") || command.situation !== found.seq,
  )
  return closeThought({ ...state, outbox }, found.seq)
}

const ends: ReadonlySet<Event["type"]> = new Set([
  "approval.approved",
  "approval.waived",
  "approval.rejected",
  "tool.finished",
  "tool.failed",
  "tool.undone",
] as const)

export const afterErased = (state: MachineState, event: Event): MachineState => {
  if (event.type === "situation.facts") return withoutOpen(state, event.causationId)
  if (event.type === "situation.thought" || event.type === "situation.drafted")
    return withoutThought(state, event.causationId)
  if (event.actor === actor) return withoutDraft(state, event)
  if (event.correlationId === null) return state
  if (event.type === "policy.verdict") return withoutJudge(state, event.correlationId)
  // it was answered, whatever the answer was
  return ends.has(event.type) ? untrack(state, event.correlationId) : state
}
