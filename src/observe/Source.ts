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

/** What the log says of one workspace's repository: where reading it goes on, and what need not be stated again. JSON. */
export interface RepositoryPosition {
  readonly state: "appeared" | "gone" | "broken"
  readonly atMs: number
  readonly reason: string | null
  readonly gitDir: string | null
  readonly branch: string | null
  readonly notPlain: ReadonlyArray<string>
  /** Reflog (absolute) -> newest position logged. */
  readonly files: Readonly<Record<string, { readonly offset: number; readonly mark: string }>>
  /** Full ref name -> object name, as last logged. */
  readonly refs: Readonly<Record<string, string>>
  /** There were more refs than the log took at first sight. */
  readonly refsTruncated: boolean
  /** Digest of the newest `git.staged`; null: none was logged. */
  readonly staged: string | null
  /** Digest of the newest `git.conflict` that names paths; null: no conflict. */
  readonly conflict: string | null
  readonly operation: string | null
  /** When the lock of the newest `git.lock` was made. */
  readonly lockMs: number | null
}

/** Where each source stands, folded from the log: see `positions.ts`. JSON. */
export interface SourcePositions {
  /** Workspace -> when its newest `fs.changed` was logged, or else when it was added; ms since the epoch. */
  readonly fs: Readonly<Record<string, number>>
  /** Workspace -> its repository. */
  readonly git: Readonly<Record<string, RepositoryPosition>>
  /** Spool file (absolute) -> offset behind the last record logged. */
  readonly terminal: Readonly<Record<string, number>>
}

export interface PositionsFold {
  readonly initial: SourcePositions
  readonly evolve: (state: SourcePositions, event: Event) => SourcePositions
}
