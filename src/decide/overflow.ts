/**
 * What was too much: happenings that nobody looked at and suggestions that found no room. It is said once in the health
 * of attention while it lasts, and once more when it is over, with how much it was.
 * Invariants: pure, bounded; nothing falls out unsaid.
 */
import { draft, type Event } from "../domain/event.ts"
import { put } from "./endings.ts"
import { actor } from "./outbox.ts"
import { initialState, limits, type MachineState, type Overflow, within } from "./state.ts"

/** It is over when nothing more fell out for so long. */
const calmMs = 60_000

const counted = (state: MachineState, more: Partial<Overflow>): MachineState => ({
  ...state,
  overflow: { ...state.overflow, ...more, lastMs: state.nowMs },
})

/** A happening was not looked at. */
export const passedOver = (state: MachineState): MachineState =>
  counted(state, { situations: state.overflow.situations + 1 })

/** A suggestion was not made, or had to go before its time. */
export const foundNoRoom = (state: MachineState): MachineState =>
  counted(state, { suggestions: state.overflow.suggestions + 1 })

const amounts = ({ situations, suggestions }: Overflow): string =>
  [
    ...(situations === 0 ? [] : [`${situations} happenings were not looked at`]),
    ...(suggestions === 0
      ? []
      : [`${suggestions} suggestions found no room beside ${limits.tracked} others`]),
  ].join("; ")

const during = ({ situations }: Overflow): string =>
  [
    situations === 0 ? `${limits.tracked} suggestions wait already` : "so much happens at once",
    "that not everything is looked at or suggested; what guards is",
  ].join(", so ")

const say = (state: MachineState, event: Event, kind: "degraded" | "running", detail: string): MachineState =>
  put(
    state,
    draft(
      "daemon.health",
      { component: "attention", state: kind, backend: null, detail },
      { actor, workspace: null, causationId: event.id },
    ),
  )

export const sayOverflow = (state: MachineState, event: Event): MachineState => {
  const { overflow } = state
  if (overflow.lastMs === null) return state
  if (!overflow.said)
    return say({ ...state, overflow: { ...overflow, said: true } }, event, "degraded", during(overflow))
  if (within(state.nowMs, overflow.lastMs, calmMs)) return state
  return say(
    { ...state, overflow: initialState.overflow },
    event,
    "running",
    `it is over: ${amounts(overflow)}`,
  )
}

export const overflowTimes = ({ overflow }: MachineState): ReadonlyArray<number> =>
  overflow.lastMs === null ? [] : [overflow.lastMs + calmMs]
