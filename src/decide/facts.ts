/** Logged facts as a rule reads them: by request, typed by the request's tag. */
import type { Fact, ProbeRequest } from "../domain/probe.ts"
import type { ProbeAnswer, ProbeTag } from "../domain/probeAnswers.ts"
import { canonical } from "./canonical.ts"
import type { Facts } from "./Decider.ts"

export const factsOf = (all: ReadonlyArray<Fact>): Facts => ({
  all,
  get: <T extends ProbeTag>(request: Extract<ProbeRequest, { readonly _tag: T }>) => {
    const wanted = canonical(request)
    const fact = all.find((each) => each.unavailable === null && canonical(each.probe) === wanted)
    return fact === undefined ? undefined : (fact.answer as ProbeAnswer<T>)
  },
})

export const noFacts: Facts = factsOf([])

export const uniqueRequests = (requests: ReadonlyArray<ProbeRequest>): ReadonlyArray<ProbeRequest> => {
  const seen = new Set<string>()
  return requests.filter((request) => {
    const text = canonical(request)
    if (seen.has(text)) return false
    seen.add(text)
    return true
  })
}
