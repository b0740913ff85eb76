/** The kill switch over answers that come in: their sockets close at once, their calls end in the log, and the work goes on. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import type { Backend } from "../../log-store/Backend.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelDelta } from "../../src/model/Models.ts"
import { makeProvider } from "../../src/model/routingProviders.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { asks, boot, hurried, says, settingsOf, stuckAfter, textParts } from "./modelWorld.ts"

const kinds = ["anthropic", "openai", "chat"] as const

const story = "a story that is long enough that its first words come before it says nothing more at all"
const stuck: Turn = { text: story, pieces: 8, fault: { kind: "stall", afterBytes: 1_200 } }

const over = (kind: (typeof kinds)[number], turns: ReadonlyArray<Turn>) =>
  Effect.gen(function* () {
    const server = yield* modelServer({ turns })
    const baseUrl = kind === "anthropic" ? server.baseUrl : server.openaiUrl
    const settings = { models: { default: "near/m", providers: { near: { kind, baseUrl } } } }
    const own = settingsOf(settings).models
    const provider = yield* Effect.orDie(makeProvider("near", own.providers["near"]!, own.timeouts))
    const real = memoryBackend()
    let held: Promise<void> | null = null
    const backend: Backend = {
      ...real,
      commit: async (commit) => {
        if (held !== null) await held
        await real.commit(commit)
      },
    }
    const world = yield* boot(backend, () => says("not over HTTP"), { settings, provider })
    const call = yield* world.call({ request: asks("What is it?", { model: "near/m" }) })
    const gate = Promise.withResolvers<void>()
    const fill = Effect.sync(() => void (held = gate.promise))
    const empty = Effect.sync(() => {
      held = null
      gate.resolve()
    })
    return { call, empty, fill, server, world }
  })

/** Deltas as they come, and a wait for the first of a kind. */
const watched = (stream: Stream.Stream<ModelDelta, unknown>) =>
  Effect.gen(function* () {
    const seen: Array<ModelDelta> = []
    const text = yield* Deferred.make<void>()
    const again = yield* Deferred.make<void>()
    const fiber = yield* Effect.forkChild(
      Stream.runForEach(stream, (delta) => {
        seen.push(delta)
        return delta._tag === "text"
          ? Deferred.succeed(text, undefined)
          : delta._tag === "again"
            ? Deferred.succeed(again, undefined)
            : Effect.void
      }),
    )
    return { again: Deferred.await(again), fiber, seen, text: Deferred.await(text) }
  })

describe("the kill switch", () => {
  for (const kind of kinds) {
    it.live(`breaks off an answer in ${kind}'s protocol, and it is asked for again once it is released`, () =>
      Effect.gen(function* () {
        const { call, server, world } = yield* over(kind, [stuck, { text: "A cat." }])
        const { again, fiber, seen, text } = yield* watched(world.models.stream(call))
        yield* text
        yield* world.killSwitch.throw
        assert.strictEqual(yield* Effect.promise(() => server.journal[0]!.ended), "dropped")
        yield* again
        const [failed] = yield* world.events("model.failed")
        assert.strictEqual(failed!.payload.reason, "cancelled")
        assert.deepStrictEqual((yield* world.log.costs).open, {})
        // a call that begins meanwhile waits as well
        const second = yield* world.call({ request: asks("And that?", { model: "near/m" }) })
        yield* server.push({ text: "A dog." })
        const other = yield* Effect.forkChild(world.models.answer(second), { startImmediately: true })
        yield* Effect.promise(() => new Promise((go) => setImmediate(go)))
        assert.lengthOf(server.journal, 1)
        assert.lengthOf(yield* world.events("model.requested"), 1)
        yield* world.killSwitch.release
        yield* Fiber.join(fiber)
        yield* Fiber.join(other)
        assert.strictEqual(seen.at(-1)?._tag, "answered")
        const requested = yield* world.events("model.requested")
        const mine = requested.filter(({ causationId }) => causationId === call.cause.id)
        assert.deepStrictEqual(
          mine.map(({ payload }) => [payload.attempt, payload.of]),
          [
            [1, null],
            [2, mine[0]!.payload.call],
          ],
        )
      }).pipe(hurried),
    )
  }

  it.live("closes the socket though the disk takes no word of it", () =>
    Effect.gen(function* () {
      const { again, call, empty, fill, server, world } = yield* Effect.gen(function* () {
        const parts = yield* over("anthropic", [stuck])
        const seen = yield* watched(parts.world.models.stream(parts.call))
        yield* seen.text
        return { ...parts, ...seen }
      })
      yield* fill
      yield* world.killSwitch.throw
      assert.strictEqual(yield* Effect.promise(() => server.journal[0]!.ended), "dropped")
      yield* empty
      yield* again
      const [failed] = yield* world.events("model.failed")
      assert.strictEqual(failed!.causationId, (yield* world.log.callsOf(call.cause))[0]!.requested.id)
    }).pipe(hurried),
  )

  it.live("leaves whoever waits free to go away, and asks nothing for them", () =>
    Effect.gen(function* () {
      const silent = yield* Deferred.make<void>()
      const world = yield* boot(memoryBackend(), () => stuckAfter(textParts(["It"]).slice(0, 3), silent))
      const { again, fiber } = yield* watched(world.models.stream(yield* world.call()))
      yield* Deferred.await(silent)
      yield* world.killSwitch.throw
      yield* again
      yield* Fiber.interrupt(fiber)
      yield* world.killSwitch.release
      assert.lengthOf(yield* world.events("model.failed"), 1)
      assert.lengthOf(world.sent, 1)
    }).pipe(hurried),
  )
})
