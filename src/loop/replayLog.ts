/** Folds the log again and runs the decider over it without acting; says the first decision that differs. */
import { Effect, Option, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { emptyReplay, replayStep } from "../decide/replay.ts"
import { type Pass, type Range, runPass } from "./backtest.ts"

export interface ReplayReport {
  readonly v: 1
  readonly events: number
  readonly decisions: number
  readonly same: boolean
  readonly difference: { readonly seq: number; readonly expected: string; readonly found: string } | null
}

/** Wants every event from the first on; decisions are compared from `from` on. */
export const replayPass = (from: number | null): Pass<never, ReplayReport> => {
  let state = emptyReplay(from ?? 1)
  return {
    take: (event) => {
      state = replayStep(state, event)
      return []
    },
    finish: () => ({
      rows: [],
      summary: {
        v: 1,
        events: state.events,
        decisions: state.decisions,
        same: state.difference === null,
        difference: state.difference,
      },
    }),
  }
}

/** The fold always starts at the first event; `from` and `to` bound which decisions are compared. */
export const replayPast = (store: typeof LogStore.Service, { from, to }: Range) =>
  runPass(store, replayPass(from), { from: null, to, rows: false })

export const replayLog = (
  store: typeof LogStore.Service,
  range: Range,
): Effect.Effect<ReplayReport, LogError> =>
  replayPast(store, range).pipe(
    Stream.runLast,
    Effect.map((last) => {
      const message = Option.getOrThrow(last)
      if (message._tag !== "summary") throw new Error("a replay ends with its report")
      return message.summary
    }),
  )
