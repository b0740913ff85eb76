/** Calls that go over the past (`backtests.ts`). They change nothing. */
import { BacktestRpcs } from "../../rpc/backtests.ts"
import { makeBacktests } from "../backtests.ts"

export const backtestHandlers = (options: { readonly home: string }) =>
  BacktestRpcs.toLayer(makeBacktests(options))
