/**
 * Rules that fail: what a rule threw is counted until it works again, and one that failed so often in a row is switched
 * off until the daemon starts again or its settings or rules change.
 * Invariants: pure, bounded; one failing rule never changes what another says; being switched off is said once.
 */
import type { Event } from "../domain/event.ts"
import { neutralise } from "../domain/neutralise.ts"
import { limits, type MachineState } from "./state.ts"

export interface Failing {
  /** Situations at which it failed, oldest first. */
  readonly seqs: ReadonlyArray<number>
  /** What it threw last: one harmless line. */
  readonly message: string
}

const messageMax = 200

export const messageOf = (error: unknown): string =>
  neutralise(error instanceof Error ? error.message : String(error)).slice(0, messageMax)

const failingOf = (state: MachineState, rule: string): Failing | undefined =>
  Object.hasOwn(state.failing, rule) ? state.failing[rule] : undefined

const isOff = (failing: Failing | undefined): boolean =>
  failing !== undefined && failing.seqs.length >= limits.failures

export const isSwitchedOff = (state: MachineState, rule: string): boolean => isOff(failingOf(state, rule))

/** It failed once more, at this situation. */
export const failed = (state: MachineState, rule: string, seq: number, message: string): MachineState => ({
  ...state,
  failing: {
    ...state.failing,
    [rule]: { seqs: [...(failingOf(state, rule)?.seqs ?? []), seq].slice(-limits.failures), message },
  },
})

/** It did its work: what it failed at before is forgotten. */
export const worked = (state: MachineState, rule: string): MachineState => {
  if (failingOf(state, rule) === undefined) return state
  const { [rule]: _, ...failing } = state.failing
  return { ...state, failing }
}

/** What may have mended a rule lets all of them try again. */
export const triedAgain = (state: MachineState, event: Event): MachineState => {
  const anew =
    event.type === "daemon.started" || event.type === "daemon.config" || event.type === "daemon.reflexes"
  return anew && Object.keys(state.failing).length > 0 ? { ...state, failing: {} } : state
}

/** Rules that are switched off now and were not before. */
export const newlyOff = (
  before: MachineState,
  after: MachineState,
): ReadonlyArray<readonly [rule: string, failing: Failing]> =>
  before.failing === after.failing
    ? []
    : Object.entries(after.failing).filter(
        ([rule, failing]) => isOff(failing) && !isSwitchedOff(before, rule),
      )
