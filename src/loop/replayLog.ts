/** Folds the log again and runs the decider over it without acting; says the first decision that differs. */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { emptyReplay, replayStep, type ReplayState } from "../decide/replay.ts"

export interface ReplayReport {
  readonly v: 1
  readonly events: number
  readonly decisions: number
  readonly same: boolean
  readonly difference: { readonly seq: number; readonly expected: string; readonly found: string } | null
}

/** The fold always starts at the first event; `from` and `to` bound which decisions are compared. */
export const replayLog = (
  store: typeof LogStore.Service,
  range: { readonly from: number | null; readonly to: number | null },
): Effect.Effect<ReplayReport, LogError> =>
  store.read(range.to === null ? {} : { to: range.to }).pipe(
    Stream.runFold((): ReplayState => emptyReplay(range.from ?? 1), replayStep),
    Effect.map((state) => ({
      v: 1 as const,
      events: state.events,
      decisions: state.decisions,
      same: state.difference === null,
      difference: state.difference,
    })),
  )
