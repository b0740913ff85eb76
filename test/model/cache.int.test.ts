/** Cache marks that survive between turns, against a server that keeps its cache as the vendor does. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { ModelMessage, Usage } from "../../src/domain/modelRequest.ts"
import { answerOf } from "../../src/model/answer.ts"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { messageParams } from "../../src/model/anthropic/params.ts"
import { responsesParams } from "../../src/model/openai/responsesParams.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { request, user } from "./requests.ts"

const marksIn = (value: unknown): number => JSON.stringify(value).split('"cache_control"').length - 1

/** Lets the conversation run through the turns; the usage of each. */
const conversation = (turns: ReadonlyArray<Turn>) =>
  Effect.gen(function* () {
    const server = yield* modelServer({ turns })
    const provider = anthropicProvider({ name: "anthropic", baseUrl: server.baseUrl })
    let messages: ReadonlyArray<ModelMessage> = [
      { role: "system", content: "You are Claw. ".repeat(40) },
      { role: "system", content: "The workspace is here. ".repeat(40) },
      user("Please begin."),
    ]
    const usages: Array<Usage> = []
    for (const _ of turns) {
      const parts = yield* Stream.runCollect(provider.stream(request({ messages, stable: 2 }), null))
      const { content, usage } = answerOf(parts)
      usages.push(usage!)
      const calls = content.filter((part) => part.type === "tool-call")
      messages = [
        ...messages,
        { role: "assistant", content },
        calls.length === 0
          ? user("Go on.")
          : {
              role: "tool",
              content: calls.map(({ id, name }) => ({
                type: "tool-result" as const,
                id,
                name,
                isFailure: false,
                result: `result of ${id}`,
              })),
            },
      ]
    }
    return { usages, journal: server.journal }
  })

const calls = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: "Read", input: { path: `${n}.ts` } }))

describe("the prompt cache", () => {
  it.live("each turn reads what the turns before it wrote", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { journal, usages } = yield* conversation([
          { reasoning: "Let me see.", text: "Looking.", calls: calls(2) },
          { text: "All read." },
          { calls: calls(100) },
          { text: "That was much." },
          { text: "Yes." },
        ])
        for (const { body } of journal) assert.isAtMost(marksIn(body), 4)
        usages.slice(1).forEach((usage, at) => {
          const before = usages[at]!
          assert.strictEqual(usage.cacheRead, before.cacheRead + before.cacheWrite, `turn ${at + 2}`)
          assert.isAbove(usage.cacheWrite, 0)
        })
      }),
    ),
  )

  it("another conversation under the same system reads tools and system", () => {
    const one = messageParams(request(), "anthropic", { hourly: false })
    const other = messageParams(
      request({ messages: [...request().messages.slice(0, 1), user("Else?")] }),
      "anthropic",
      {
        hourly: false,
      },
    )
    assert.deepStrictEqual(one.system, other.system)
    assert.strictEqual(marksIn(one.system), 1)
    assert.strictEqual(marksIn(one.tools), 1)
    assert.strictEqual(marksIn(one.messages), 1)
  })

  it("the long-lived marks come before the short-lived", () => {
    const params = messageParams(request(), "anthropic", { hourly: true })
    assert.include(JSON.stringify(params.system), '"ttl":"1h"')
    assert.include(JSON.stringify(params.tools), '"ttl":"1h"')
    assert.notInclude(JSON.stringify(params.messages), '"ttl"')
  })

  it("the cache key of Responses stays through a conversation and changes with its beginning", () => {
    const first = request()
    const later = request({
      messages: [...first.messages, { role: "assistant", content: [] }, user("More?")],
    })
    const other = request({ messages: [{ role: "system", content: "You are not." }, user("Hello?")] })
    const keyOf = (one: typeof first) => responsesParams(one, "openai").prompt_cache_key
    assert.strictEqual(keyOf(first), keyOf(later))
    assert.notStrictEqual(keyOf(first), keyOf(other))
  })
})
