/**
 * Goes over the past: replay, other rules, other reflexes, other attention, each as a stream of progress, rows and a
 * summary. The same for the daemon's clients and for a client that reads the log by itself.
 */
import { Effect, Stream } from "effect"
import { type LogError, LogStore } from "../../log-store/LogStore.ts"
import { PolicyBacktest } from "../../policies/backtest.ts"
import { pastTypes } from "../../policies/PastCalls.ts"
import { Policies } from "../../policies/Policies.ts"
import { RuleSuggestions } from "../../policies/suggest.ts"
import { AttentionBacktest } from "../decide/backtest/attention.ts"
import { ReflexBacktest } from "../decide/backtest/reflexes.ts"
import { reflexes } from "../decide/registry.ts"
import { nearest } from "../domain/nearest.ts"
import { runPass } from "../loop/backtest.ts"
import { replayPast } from "../loop/replayLog.ts"
import { BacktestError, BacktestRpcs } from "../rpc/backtests.ts"
import { seqOf } from "./Moments.ts"
import { showProblem } from "./policyRows.ts"

const unavailable = (error: LogError) => new BacktestError({ reason: "unavailable", message: error.message })
const input = (message: string) => new BacktestError({ reason: "input", message })

const noReflex = (name: string): string => {
  const meant = nearest(
    name,
    reflexes.map((reflex) => reflex.name),
  )
  return `there is no reflex ${JSON.stringify(name)}${meant === null ? "" : `, did you mean ${JSON.stringify(meant)}?`}`
}

export const makeBacktests = ({ home }: { readonly home: string }) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const policies = yield* Policies

    return BacktestRpcs.of({
      ReplayPast: (range) => Stream.mapError(replayPast(store, range), unavailable),
      BacktestPolicy: ({ files, from, ...range }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const options = yield* policies.past(files)
            const errors = options.rules.problems.filter((problem) => problem.severity === "error")
            if (files !== null && errors.length > 0)
              return yield* input(errors.slice(0, 5).map(showProblem).join("\n"))
            const pass = new PolicyBacktest({ ...options, home, from: from ?? 1 })
            return Stream.mapError(
              runPass(store, pass, { ...range, from: null, types: pastTypes }),
              unavailable,
            )
          }),
        ),
      SuggestRules: ({ since, ...wanted }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const options = yield* policies.past(null)
            // what came behind that moment
            const from = since === null ? 1 : (yield* Effect.mapError(seqOf(store, since), unavailable)) + 1
            const pass = new RuleSuggestions({ ...options, ...wanted, home, from })
            const range = { from: null, to: null, rows: false, types: pastTypes }
            return Stream.mapError(runPass(store, pass, range), unavailable)
          }),
        ),
      BacktestReflexes: ({ disable, only, from, ...range }) => {
        const unknown = disable.find((name) => reflexes.every((reflex) => reflex.name !== name))
        if (unknown !== undefined) return Stream.fail(input(noReflex(unknown)))
        const disabled = (then: ReadonlyArray<string>) => (only ? disable : [...then, ...disable])
        const pass = new ReflexBacktest({ reflexes, disabled, from: from ?? 1 })
        return Stream.mapError(runPass(store, pass, { ...range, from: null }), unavailable)
      },
      BacktestAttention: ({ settings, from, ...range }) => {
        const pass = new AttentionBacktest({ reflexes, settings, from: from ?? 1 })
        return Stream.mapError(runPass(store, pass, { ...range, from: null }), unavailable)
      },
    })
  })
