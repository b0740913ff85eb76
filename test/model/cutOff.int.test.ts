/** What an answer costs that did not end: what the server had counted by then, and only the rest at its worst. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { costReport } from "../../src/domain/costReport.ts"
import type { ModelFacts } from "../../src/config/modelSettings.ts"
import { anthropicTranslator } from "../../src/model/anthropic/translate.ts"
import { answerFold } from "../../src/model/answer.ts"
import { chatTranslator } from "../../src/model/openai/chatTranslate.ts"
import { makeProvider } from "../../src/model/routingProviders.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { asks, boot, hurried, says, settingsOf } from "./modelWorld.ts"

const price: ModelFacts = { price: { input: 10, output: 20, cacheRead: 1, cacheWrite: 12 } }

const over = (turns: ReadonlyArray<Turn>, facts: ModelFacts = price) =>
  Effect.gen(function* () {
    const server = yield* modelServer({ turns })
    const near = { kind: "anthropic" as const, baseUrl: server.baseUrl, models: { m: facts } }
    const settings = { models: { default: "near/m", providers: { near } } }
    const own = settingsOf(settings).models
    const provider = yield* Effect.orDie(makeProvider("near", own.providers["near"]!, own.timeouts))
    const world = yield* boot(memoryBackend(), () => says("not over HTTP"), { settings, provider })
    const call = yield* world.call({ request: asks("What is it?", { model: "near/m" }) })
    return { call, server, world }
  })

const used = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 }
const story = "a story that is long enough to be cut in the middle of it, whatever comes before it"

describe("an answer that broke off", () => {
  it.live("after the server had counted the prompt costs that, and all the output it might have had", () =>
    Effect.gen(function* () {
      const { call, world } = yield* over([
        { text: story, usage: used, fault: { kind: "cut", afterBytes: 700 } },
        { text: "A cat.", usage: used },
      ])
      yield* world.models.answer(call)
      const [failed] = yield* world.events("model.failed")
      assert.strictEqual(failed!.payload.usage?.input, 10)
      assert.approximately(failed!.payload.usd!, (10 * 10 + 1000 * 20) / 1e6, 1e-12)
      const { spent } = yield* world.log.costs
      assert.approximately(spent[`day:${failed!.at.slice(0, 10)}`]!.usd, 0.0201 + 0.0002, 1e-9)
    }).pipe(hurried),
  )

  it.live("after all of it had been counted costs no more than that", () =>
    Effect.gen(function* () {
      const { call, world } = yield* over([
        { text: story, usage: used, fault: { kind: "truncated", dropped: 1 } },
        { text: "A cat.", usage: used },
      ])
      yield* world.models.answer(call)
      const [failed] = yield* world.events("model.failed")
      assert.strictEqual(failed!.payload.usage?.output, 5)
      assert.approximately(failed!.payload.usd!, (10 * 10 + 5 * 20) / 1e6, 1e-12)
    }).pipe(hurried),
  )

  it.live("because it was stopped counts the same", () =>
    Effect.gen(function* () {
      const { call, world } = yield* over([
        { text: story, usage: used, fault: { kind: "stall", afterBytes: 700 } },
      ])
      const begun = yield* Deferred.make<void>()
      const fiber = yield* world.models.stream(call).pipe(
        Stream.runForEach(() => Deferred.succeed(begun, undefined)),
        Effect.forkChild,
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      const [failed] = yield* world.events("model.failed")
      assert.strictEqual(failed!.payload.reason, "cancelled")
      assert.approximately(failed!.payload.usd!, 0.0201, 1e-12)
    }).pipe(hurried),
  )

  it.live("and has no price is counted as unpriced, in the ceilings and in the report", () =>
    Effect.gen(function* () {
      const { call, world } = yield* over(
        [{ text: story, usage: used, fault: { kind: "cut", afterBytes: 700 } }, { text: "A cat." }],
        {},
      )
      const answered = yield* world.models.answer(call)
      const [failed] = yield* world.events("model.failed")
      assert.isNull(failed!.payload.usd)
      assert.strictEqual((yield* world.log.costs).spent[`day:${answered.at.slice(0, 10)}`]?.unpriced, 2)
      assert.strictEqual(costReport("day", [failed!, answered]).total.unpriced, 2)
    }).pipe(hurried),
  )
})

describe("what a stream has told of its tokens", () => {
  it("is nothing where a server counts the prompt as none, as some do until the end", () => {
    const fold = answerFold()
    const { take } = anthropicTranslator("near")(null)
    const start = { id: "m", model: "m", usage: { input_tokens: 0, output_tokens: 1 } }
    for (const part of take({ type: "message_start", message: start } as never)) fold.take(part)
    assert.isNull(fold.counted())
  })

  it("is all of it in Chat Completions once the answer has said why it ended", () => {
    const fold = answerFold()
    const { take } = chatTranslator(null)
    const usage = { prompt_tokens: 7, completion_tokens: 2 }
    const chunk = (delta: object, finish_reason: string | null, told: object | null) => {
      const one = { id: "c", model: "m", choices: [{ index: 0, delta, finish_reason }], usage: told }
      for (const part of take(one as never)) fold.take(part)
    }
    chunk({ content: "A" }, null, null)
    assert.isNull(fold.counted())
    chunk({ content: " cat" }, null, usage)
    assert.deepStrictEqual(fold.counted(), {
      usage: { input: 7, output: 2, cacheRead: 0, cacheWrite: 0 },
      whole: false,
    })
    chunk({}, "stop", { ...usage, completion_tokens: 3 })
    assert.strictEqual(fold.counted()?.whole, true)
    assert.strictEqual(fold.counted()?.usage.output, 3)
  })
})
