/** Every projection of the registry, over generated logs and over a made day with the real decider and gate in it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { makeDay } from "../../build/day/makeDay.ts"
import { LogStore, type Projection } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { projections, viewed } from "../../src/loop/projections.ts"
import { projectionConformance } from "../conformance/projection.ts"
import { logs } from "../conformance/stories.ts"
import * as fc from "fast-check"

const day = await Effect.gen(function* () {
  const store = yield* LogStore
  yield* makeDay({ store, events: 1_200, seed: 7, home: "/home/dev" })
  return yield* Stream.runCollect(store.read({}))
}).pipe(Effect.provide(MemoryLogStore.layer), Effect.runPromise)

for (const projection of Object.values(projections))
  projectionConformance(projection as unknown as Projection<unknown>, day)

describe("the registry", () => {
  it("gives each projection a name of its own", () => {
    const names = Object.values(projections).map(({ name }) => name)
    assert.lengthOf(new Set(names), names.length)
    for (const shown of Object.values(viewed)) assert.include(Object.values(projections), shown)
  })

  it("is held to logs in which suggestions are made, answered, done and erased", () => {
    const types = new Set(
      fc.sample(logs, { numRuns: 150, seed: 1 }).flatMap((events) => events.map(({ type }) => type)),
    )
    const wanted =
      "decision.draft approval.approved tool.finished tool.undone approval.rejected log.erased tool.requested policy.granted policy.revoked"
    assert.includeMembers([...types], wanted.split(" "))
  })
})
