/** Providers as `LanguageModel`s of effect/ai: text, objects, tools and streams through that service; and failures as its. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { languageModelLayer } from "../../src/model/languageModel.ts"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { type Script, scriptedProvider } from "./scriptedProvider.ts"
import { modelServer } from "../fixtures/models/server.ts"

const options = { model: "scripted/model", credential: null, maxOutput: 500, effort: "low" } as const

const scripted = (script: Script) => {
  const provider = scriptedProvider(script)
  return { provider, layer: languageModelLayer(provider, options) }
}

const Tools = Toolkit.make(
  Tool.make("Read", {
    description: "Reads a file",
    parameters: Schema.Struct({ path: Schema.String }),
    success: Schema.String,
  }),
  Tool.make("List", { parameters: Schema.Struct({}), success: Schema.String }),
)
const toolsLayer = Tools.toLayer({
  Read: ({ path }) => Effect.succeed(`contents of ${path}`),
  List: () => Effect.succeed("nothing"),
})

const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] })
const thought = {
  type: "reasoning" as const,
  text: "Let me read.",
  options: { scripted: { signature: "s1" } },
}

describe("LanguageModel", () => {
  it.effect("text, with its usage and reason", () => {
    const { layer, provider } = scripted([
      { ...text("Hello."), usage: { input: 7, output: 2, cacheRead: 3, cacheWrite: 1, reasoning: 1 } },
    ])
    return Effect.gen(function* () {
      const answer = yield* LanguageModel.generateText({ prompt: "Hi" })
      assert.strictEqual(answer.text, "Hello.")
      assert.strictEqual(answer.finishReason, "stop")
      assert.deepStrictEqual(
        { ...answer.usage.inputTokens },
        { uncached: 7, total: 11, cacheRead: 3, cacheWrite: 1 },
      )
      assert.deepStrictEqual({ ...answer.usage.outputTokens }, { total: 2, reasoning: 1, text: 1 })
      assert.deepStrictEqual(provider.asked[0]?.messages, [
        { role: "user", content: [{ type: "text", text: "Hi" }] },
      ])
      assert.strictEqual(provider.asked[0]?.effort, "low")
    }).pipe(Effect.provide(layer))
  })

  it.effect("tools run, and what was thought goes back as it came", () => {
    const { layer, provider } = scripted([
      { content: [thought, { type: "tool-call", id: "c1", name: "Read", params: { path: "a.ts" } }] },
      text("It says so."),
    ])
    return Effect.gen(function* () {
      const first = yield* LanguageModel.generateText({ prompt: "Look", toolkit: Tools })
      assert.strictEqual(first.toolResults.length, 1)
      const history = Prompt.concat(Prompt.make("Look"), Prompt.fromResponseParts(first.content))
      const second = yield* LanguageModel.generateText({
        prompt: history,
        toolkit: Tools,
        toolChoice: { oneOf: ["Read"] },
      })
      assert.strictEqual(second.text, "It says so.")
      const [, asked] = provider.asked
      assert.deepStrictEqual(
        asked?.messages.map(({ role }) => role),
        ["user", "assistant", "tool"],
      )
      assert.deepStrictEqual(asked?.messages[1]?.content[0], thought)
      assert.deepStrictEqual(asked?.messages[2]?.content, [
        { type: "tool-result", id: "c1", name: "Read", isFailure: false, result: "contents of a.ts" },
      ])
      assert.deepStrictEqual(
        asked?.tools.map(({ name }) => name),
        ["Read"],
      )
      assert.strictEqual(provider.asked[0]?.tools.length, 2)
      assert.deepStrictEqual(provider.asked[0]?.tools[0]?.inputSchema["required"] as unknown, ["path"])
    }).pipe(Effect.provide([layer, toolsLayer]))
  })

  it.effect("an object of a schema", () => {
    const { layer, provider } = scripted([text('{"kind":"bug","sure":0.9}')])
    const schema = Schema.Struct({ kind: Schema.Literals(["bug", "wish"]), sure: Schema.Finite })
    return Effect.gen(function* () {
      const { value } = yield* LanguageModel.generateObject({
        prompt: "Judge",
        schema,
        objectName: "Verdict",
      })
      assert.deepStrictEqual(value, { kind: "bug", sure: 0.9 })
      assert.strictEqual(provider.asked[0]?.format?.name, "Verdict")
      assert.deepStrictEqual(provider.asked[0]?.format?.schema["required"] as unknown, ["kind", "sure"])
    }).pipe(Effect.provide(layer))
  })

  it.live("a stream, from a server", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* modelServer({ turns: [{ reasoning: "hm", text: "one two three", pieces: 4 }] })
        const provider = anthropicProvider({ name: "anthropic", baseUrl: server.baseUrl })
        const parts = yield* LanguageModel.streamText({ prompt: "Count" }).pipe(
          Stream.runCollect,
          Effect.provide(languageModelLayer(provider, { ...options, model: "anthropic/claude-opus-5-5" })),
        )
        const said = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : []))
        assert.deepStrictEqual(said, ["one ", "two ", "thre", "e"])
        assert.strictEqual(parts.at(-1)?.type, "finish")
      }),
    ),
  )

  it.effect("failures in the service's own kinds", () => {
    const failing = (
      ["credentials", "rate-limit", "spend-limit", "context", "network", "malformed", "server"] as const
    ).map((reason) => ({ failure: { reason, retryAfterMs: 2000 } }))
    const { layer } = scripted(failing)
    return Effect.gen(function* () {
      const reasons: Array<string> = []
      for (const _ of failing) {
        const error = yield* Effect.flip(LanguageModel.generateText({ prompt: "Hi" }))
        assert.isTrue(AiError.isAiError(error))
        if (AiError.isAiError(error)) reasons.push(error.reason._tag)
      }
      assert.deepStrictEqual(reasons, [
        "AuthenticationError",
        "RateLimitError",
        "QuotaExhaustedError",
        "InvalidRequestError",
        "NetworkError",
        "InvalidResponseError",
        "InternalProviderError",
      ])
    }).pipe(Effect.provide(layer))
  })
})
