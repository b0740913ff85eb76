/**
 * The outcomes of a log that is read through once: rows as they stand, and those that are settled as they become so.
 * Changed in place, because it goes over millions of events; the rules are those of `outcomes.ts`.
 * Invariant: it holds open rows and those that could still be taken back, never the whole past.
 */
import type { Event } from "./event.ts"
import { beginsRow, outcomeAfter, type OutcomeRow, settledOf } from "./outcomes.ts"

/** Ended rows are looked through when so many more may have ended. */
const sweepEvery = 64

export class OutcomeBook {
  readonly #rows = new Map<string, OutcomeRow>()
  readonly #find = (suggestion: string): OutcomeRow | undefined => this.#rows.get(suggestion)
  readonly #requests: boolean
  #made = 0

  /** With the calls that somebody asked for by name, besides those of reflexes. */
  constructor(requests = false) {
    this.#requests = requests
  }

  find(suggestion: string): OutcomeRow | undefined {
    return this.#rows.get(suggestion)
  }

  /** Rows that are settled with this event. */
  take(event: Event): ReadonlyArray<OutcomeRow> {
    const row = outcomeAfter(this.#find, event, this.#requests)
    if (row === null) return []
    this.#rows.set(row.suggestion, row)
    if (!beginsRow(event, this.#requests) || ++this.#made % sweepEvery !== 0) return []
    const settled = settledOf(this.#rows.values(), Date.parse(event.at))
    for (const { suggestion } of settled) this.#rows.delete(suggestion)
    return settled
  }

  /** What is left at the end of the log, in the order it was made. */
  rest(): ReadonlyArray<OutcomeRow> {
    return [...this.#rows.values()]
  }
}
