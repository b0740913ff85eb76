/**
 * How suggestions were taken, counted: what a backtest of reflexes or of attention is scored by. Pure.
 * `unseen` and `pending` speak neither for nor against a suggestion.
 */
import type { OutcomeRow } from "../../domain/outcomes.ts"

export interface Tally {
  readonly suggestions: number
  readonly kept: number
  readonly resolved: number
  readonly dismissed: number
  readonly reverted: number
  readonly ignored: number
  readonly unseen: number
  readonly pending: number
}

export type Taken = Exclude<keyof Tally, "suggestions">

export const emptyTally: Tally = {
  suggestions: 0,
  kept: 0,
  resolved: 0,
  dismissed: 0,
  reverted: 0,
  ignored: 0,
  unseen: 0,
  pending: 0,
}

export const takenOf = (row: OutcomeRow): Taken =>
  row.outcome === "ignored" && !row.shown ? "unseen" : row.outcome

export const count = (tally: Tally, taken: Taken): Tally => ({
  ...tally,
  suggestions: tally.suggestions + 1,
  [taken]: tally[taken] + 1,
})

/** Shown, and not wanted. */
export const unwanted = (tally: Tally): number => tally.dismissed + tally.reverted + tally.ignored

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

export const listed = (parts: ReadonlyArray<string>): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`

/** Of what was kept, not more than one in twenty may be lost for the sake of quiet. */
export const mayLose = 0.05
