/** A causal chain as clients see it: each step with its event and one line of what it says. Pure. */
import { describe } from "../domain/describe.ts"
import type { WhyStep } from "../loop/why.ts"
import type { Why } from "../rpc/shapes.ts"
import { eventRecord } from "./eventRecord.ts"

export const whySteps = (chain: ReadonlyArray<WhyStep>): Why["steps"] =>
  chain.map(({ role, event }) => ({ role, event: eventRecord(event), text: describe(event) }))

/** No model takes part in anything yet. */
export const noCost: Why["cost"] = { usd: 0, modelCalls: 0 }
