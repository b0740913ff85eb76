/**
 * Folds the log again and runs the decider over it without acting, and makes the prompts of models again; says the first
 * decision and the first prompt that differ.
 */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { reflexes } from "../decide/registry.ts"
import { registryDigest } from "../decide/registryDigest.ts"
import { emptyReplay, type OtherRules, otherRules, replayWith } from "../decide/replay.ts"
import { deciderProjection } from "../decide/step.ts"
import { type BacktestMessage, type Pass, type Range, runPass } from "./backtest.ts"
import { type PromptsReport, replayPrompts } from "./replayPrompts.ts"

export interface DecisionsReport {
  readonly v: 1
  readonly events: number
  readonly decisions: number
  readonly same: boolean
  readonly difference: { readonly seq: number; readonly expected: string; readonly found: string } | null
  /** Payloads that are erased, and the first of them. */
  readonly erased: number
  readonly erasedFrom: number | null
  /** Stretches that other rules decided: no difference is one of theirs. */
  readonly otherRules: ReadonlyArray<OtherRules>
}
export interface ReplayReport extends DecisionsReport {
  readonly prompts: PromptsReport
}

/** Wants every event from the first on; decisions are compared from `from` on. */
export const replayPass = (from: number | null): Pass<never, DecisionsReport> => {
  const step = replayWith(deciderProjection, registryDigest(reflexes))
  let state = emptyReplay(from ?? 1)
  return {
    take: (event) => {
      state = step(state, event)
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
        erased: state.erased,
        erasedFrom: state.erasedFrom,
        otherRules: otherRules(state),
      },
    }),
  }
}

/** The fold always starts at the first event; `from` and `to` bound which decisions and prompts are compared. */
export const replayPast = (
  store: typeof LogStore.Service,
  { from, to }: Range,
): Stream.Stream<BacktestMessage<never, ReplayReport>, LogError> =>
  runPass(store, replayPass(from), { from: null, to, rows: false }).pipe(
    Stream.mapEffect((message): Effect.Effect<BacktestMessage<never, ReplayReport>, LogError> =>
      message._tag === "summary"
        ? Effect.map(replayPrompts(store, { from, to }), (prompts) => ({
            ...message,
            summary: { ...message.summary, prompts },
          }))
        : Effect.succeed(message),
    ),
  )
