/** Models over the real adapters and HTTP, against a server of this machine that speaks the vendors' protocols. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelMessage } from "../../src/domain/modelRequest.ts"
import { makeProvider } from "../../src/model/routingProviders.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { asks, boot, hurried, says, settingsOf } from "./modelWorld.ts"

const kinds = ["anthropic", "openai", "chat"] as const

const over = (kind: (typeof kinds)[number], turns: ReadonlyArray<Turn>) =>
  Effect.gen(function* () {
    const server = yield* modelServer({ turns })
    const baseUrl = kind === "anthropic" ? server.baseUrl : server.openaiUrl
    const settings = { models: { default: "near/m", providers: { near: { kind, baseUrl } } } }
    const own = settingsOf(settings).models
    const provider = yield* Effect.orDie(makeProvider("near", own.providers["near"]!, own.timeouts))
    const world = yield* boot(memoryBackend(), () => says("not over HTTP"), { settings, provider })
    return { server, world }
  })

describe("a call over HTTP", () => {
  for (const kind of kinds) {
    it.live(`in ${kind}'s protocol: limited, cut in mid-answer, and answered at last`, () =>
      Effect.gen(function* () {
        const { server, world } = yield* over(kind, [
          { fault: { kind: "rate-limit", afterMs: 20 } },
          { text: "half of it, and then the line breaks", fault: { kind: "cut", afterBytes: 700 } },
          { text: "A cat.", usage: { input: 50, output: 5 } },
        ])
        const call = yield* world.call({ request: asks("What is it?", { model: "near/m" }) })
        const deltas = yield* Stream.runCollect(world.models.stream(call))
        assert.strictEqual(deltas.filter(({ _tag }) => _tag === "again").length, 2)
        const failed = yield* world.events("model.failed")
        assert.strictEqual(failed[0]!.payload.reason, "rate-limit")
        assert.strictEqual(failed[0]!.payload.status, 429)
        assert.lengthOf(failed, 2)
        const [answered] = yield* world.events("model.answered")
        assert.deepStrictEqual(
          answered!.payload.content.map((part) => (part.type === "text" ? part.text : part.type)),
          ["A cat."],
        )
        assert.strictEqual(answered!.payload.usage.output, 5)
        assert.isNull(answered!.payload.usd)
        const requested = yield* world.events("model.requested")
        assert.deepStrictEqual(
          requested.map(({ payload }) => payload.of),
          [null, requested[0]!.payload.call, requested[1]!.payload.call],
        )
        assert.lengthOf(server.journal, 3)
      }).pipe(hurried),
    )
  }

  it.live("is not tried again once the account's limit is reached", () =>
    Effect.gen(function* () {
      const { server, world } = yield* over("anthropic", [{ fault: { kind: "spend-limit" } }])
      const error = yield* Effect.flip(
        world.models.answer(yield* world.call({ request: asks("x", { model: "near/m" }) })),
      )
      assert.strictEqual(error.reason, "spend-limit")
      assert.lengthOf(server.journal, 1)
    }).pipe(hurried),
  )
})

describe("a prompt's cache", () => {
  const messages = (first: string): ReadonlyArray<ModelMessage> => [
    { role: "system", content: first },
    { role: "user", content: [{ type: "text", text: "go on" }] },
  ]
  const turn = (cacheRead: number, cacheWrite: number): Turn => ({
    text: "x",
    usage: { input: 10, output: 1, cacheRead, cacheWrite },
  })

  it.live("that breaks is said with what changed; one that holds is not", () =>
    Effect.gen(function* () {
      const { world } = yield* over("anthropic", [
        turn(0, 8_000),
        turn(8_000, 100),
        turn(0, 8_000),
        turn(0, 8_000),
      ])
      const ask = (text: string, base: string | null) =>
        Effect.flatMap(
          world.call({ request: asks("", { model: "near/m", messages: messages(text) }), base }),
          world.models.answer,
        )
      const one = yield* ask("You are brief.", null)
      const two = yield* ask("You are brief.", one.payload.call)
      const three = yield* ask("You are not.", two.payload.call)
      const four = yield* ask("You are not.", three.payload.call)
      assert.isUndefined(one.payload.cacheBreak)
      assert.isUndefined(two.payload.cacheBreak)
      assert.deepStrictEqual(three.payload.cacheBreak, {
        expected: 8_100,
        read: 0,
        reason: "message 1 changed (a system section)",
      })
      assert.strictEqual(four.payload.cacheBreak?.reason, "nothing changed: the server did not keep it")
    }).pipe(hurried),
  )
})
