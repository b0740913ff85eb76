/** A server that fails is left alone for a while, and both its going and its coming are said once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { serverHealth } from "../../../src/agent/memory/serverHealth.ts"
import { failure } from "../../model/modelWorld.ts"
import { memoryWorld } from "./memoryWorld.ts"
import { AgentLog } from "../../../src/agent/AgentLog.ts"

const begun = Effect.gen(function* () {
  const world = yield* memoryWorld
  const log = yield* AgentLog.pipe(Effect.provide(world.layer))
  const said = () =>
    world.events.flatMap((event) => (event.type === "daemon.health" ? [event.payload.state] : []))
  return { health: serverHealth(log), said }
})

describe("a server of embeddings", () => {
  it.effect("is asked again after a minute, or when it wants to be", () =>
    Effect.gen(function* () {
      const { health, said } = yield* begun
      assert.isNull(yield* health.problem)
      yield* health.failed(failure("network"))
      assert.strictEqual(yield* health.problem, "it says network: wait")
      yield* TestClock.adjust("59 seconds")
      assert.isNotNull(yield* health.problem)
      yield* TestClock.adjust("1 second")
      assert.isNull(yield* health.problem)
      yield* health.failed(failure("rate-limit", { retryAfterMs: 300_000 }))
      yield* TestClock.adjust("299 seconds")
      assert.isNotNull(yield* health.problem)
      yield* TestClock.adjust("1 second")
      assert.isNull(yield* health.problem)
      yield* health.failed(failure("rate-limit", { retryAfterMs: 1e9 }))
      yield* TestClock.adjust("1 hour")
      assert.isNull(yield* health.problem)
      assert.deepStrictEqual(said(), ["degraded"])
      yield* health.answered
      yield* health.answered
      assert.deepStrictEqual(said(), ["degraded", "running"])
    }),
  )

  it.effect("has nothing to do with Claw being paused", () =>
    Effect.gen(function* () {
      const { health, said } = yield* begun
      yield* health.failed(failure("cancelled"))
      assert.isNull(yield* health.problem)
      assert.deepStrictEqual(said(), [])
    }),
  )

  it.effect("is complained of to conversations once, until it answers", () =>
    Effect.gen(function* () {
      const { health } = yield* begun
      assert.deepStrictEqual([health.once("away"), health.once("away")], ["away", null])
      yield* health.answered
      assert.strictEqual(health.once("away"), "away")
    }),
  )
})
