/**
 * What a source is: a producer of observations for the driver. A source reads before it states a fact, never
 * fails the daemon (it reports `health`), and can be stopped at any time.
 * Invariant: an observation's draft carries the position it was read at; the driver calls `ack` only when the
 * drafts are durable, and a restarted source continues behind the newest logged position: exactly once.
 */
import type { Effect, Stream } from "effect"
import type { Event, EventDraft } from "../domain/event.ts"

export interface ObservationBatch {
  readonly drafts: ReadonlyArray<EventDraft>
  /** Called once the drafts are durable in the log; may delete a drained spool file. */
  readonly ack: Effect.Effect<void>
}

export interface Source {
  readonly name: "fs" | "git" | "terminal"
  /** Runs until interrupted. Health changes come as `daemon.health` drafts in the same stream. */
  readonly observations: Stream.Stream<ObservationBatch>
}

/** Where each source stands, folded from the log: see `positions.ts`. JSON. */
export interface SourcePositions {
  /** Reflog or state file (absolute) -> newest position logged. */
  readonly git: Readonly<Record<string, { readonly offset: number; readonly mark: string }>>
  /** Spool file (absolute) -> offset behind the last record logged. */
  readonly terminal: Readonly<Record<string, number>>
  /** Workspace -> SHA of the index at the newest `git.staged`. */
  readonly index: Readonly<Record<string, string>>
}

export interface PositionsFold {
  readonly initial: SourcePositions
  readonly evolve: (state: SourcePositions, event: Event) => SourcePositions
}
