/** A causal chain as clients see it: each step with its event and one line of what it says. Pure. */
import { unremarkable } from "../decide/watch/unremarkable.ts"
import { describe } from "../domain/describe.ts"
import type { WhyStep } from "../loop/why.ts"
import type { Why } from "../rpc/shapes.ts"
import { eventRecord } from "./eventRecord.ts"

export const whySteps = (chain: ReadonlyArray<WhyStep>): Why["steps"] =>
  chain.map(({ role, event }) => ({ role, event: eventRecord(event), text: describe(event) }))

/** Why an observation that stands alone was no reason to say anything. */
export const silenceOf = (chain: ReadonlyArray<WhyStep>): string | null => {
  const [only] = chain
  return chain.length === 1 && only !== undefined ? unremarkable(only.event) : null
}

/** What the thinking in a chain cost: a call whose price is not known counts as a call. */
export const costOf = (chain: ReadonlyArray<WhyStep>): Why["cost"] => {
  const ends = chain.flatMap(({ event }) =>
    (event.type === "model.answered" || event.type === "model.failed") && (event.payload as unknown) !== null
      ? [event.payload.usd ?? 0]
      : [],
  )
  return { usd: ends.reduce((sum, usd) => sum + usd, 0), modelCalls: ends.length }
}
