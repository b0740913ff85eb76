/** Names of models, what is tried again and when, and the facts that are declared. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelFailure } from "../../src/domain/modelRequest.ts"
import { attemptsOfOne, mayBeBilled, nextAfter } from "../../src/model/retries.ts"
import { describeModel, resolveName } from "../../src/model/routing.ts"
import { boot, failure, hurried, info, says, settingsOf } from "./modelWorld.ts"

const { models: settings } = settingsOf({
  models: {
    default: "strong",
    strong: "claude-opus-5-5",
    aliases: { cheap: "haiku", haiku: "claude-haiku-5-5", round: "about", about: "round" },
    providers: {
      local: { kind: "chat", models: { "qwen3:8b": { window: 32_000, tools: false } } },
      gate: { kind: "chat", baseUrl: "https://gate.example.com/v1", models: { "meta/llama-4": {} } },
    },
  },
})
const found = (word: string, listed: ReadonlyArray<string> = []) => {
  const result = resolveName(settings, word, listed)
  return Result.isSuccess(result) ? result.success : `! ${result.failure.message} | ${result.failure.cure}`
}

describe("a name", () => {
  it("is an alias, a bare id, a prefix's or written out", () => {
    assert.strictEqual(found("default"), "anthropic/claude-opus-5-5")
    assert.strictEqual(found("small"), "anthropic/claude-opus-5-5")
    assert.strictEqual(found("cheap"), "anthropic/claude-haiku-5-5")
    assert.strictEqual(found("gpt-6-luna"), "openai/gpt-6-luna")
    assert.strictEqual(found("qwen3:8b"), "local/qwen3:8b")
    assert.strictEqual(found("meta/llama-4"), "gate/meta/llama-4")
    assert.strictEqual(found("claude-zephyr-7-20270101"), "anthropic/claude-zephyr-7-20270101")
    assert.strictEqual(found("anthropic/claude-opus-55"), "anthropic/claude-opus-55")
    assert.strictEqual(found("phi9", ["local/phi9"]), "local/phi9")
  })

  it("that leads nowhere says what was meant, and what to do", () => {
    assert.match(found("claude-opus-55"), /did you mean claude-opus-5-5\?.*anthropic\/claude-opus-55$/)
    assert.match(found("cheep"), /no model is called cheep \(did you mean cheap\?\)/)
    assert.match(found("antropic/x"), /no provider is called antropic \(did you mean anthropic\?\)/)
    assert.match(found("round"), /never ends/)
    assert.match(
      found("same", ["local/same", "gate/same"]),
      /more than one provider.*local\/same, gate\/same/,
    )
    const unset = resolveName(settingsOf({}).models, "default")
    assert.isTrue(Result.isFailure(unset) && /claw config edit/.test(unset.failure.cure))
  })

  it("brings what is declared of it: the server's word, the table, the settings over both; else it is not known", () => {
    assert.deepInclude(describeModel(settings, "local/qwen3:8b"), {
      window: 32_000,
      tools: false,
      maxOutput: null,
    })
    assert.deepInclude(describeModel(settings, "anthropic/claude-haiku-5-5"), {
      maxOutput: 128_000,
      caching: "marks",
    })
    assert.deepInclude(describeModel(settings, "openai/gpt-6-sol"), { window: null, caching: "automatic" })
    assert.deepInclude(describeModel(settings, "local/qwen3:8b", { ...info("x"), maxOutput: 9 }), {
      name: "local/qwen3:8b",
      maxOutput: 9,
      window: 32_000,
    })
    assert.strictEqual(describeModel(settings, "anthropic/claude-sonnet-4-5").retires, "2026-11-30")
  })
})

describe("what is tried again", () => {
  const next = (
    reason: ModelFailure,
    tried = 1,
    random = 0.5,
    fallback: string | null = null,
    retryAfterMs: number | null = null,
  ) =>
    nextAfter(
      failure(reason, { retryAfterMs }),
      tried,
      random,
      fallback === null ? null : { provider: fallback },
    )

  it("never is what asking again cannot mend", () => {
    for (const reason of [
      "spend-limit",
      "bad-request",
      "credentials",
      "context",
      "content-filter",
      "not-found",
      "cancelled",
      "paused",
      "interrupted",
    ] as const)
      assert.strictEqual(next(reason)._tag, "fail", reason)
  })

  it("keeps to the server's delay, and backs off with full jitter where it names none", () => {
    assert.deepStrictEqual(next("rate-limit", 1, 0, null, 7_000), { _tag: "retry", afterMs: 7_000 })
    assert.deepStrictEqual(next("rate-limit", 1, 0, null, 3_600_000), { _tag: "fail" })
    assert.deepStrictEqual(next("overloaded", 1, 0.5), { _tag: "retry", afterMs: 500 })
    assert.deepStrictEqual(next("overloaded", 4, 0.5), { _tag: "retry", afterMs: 4_000 })
    assert.deepStrictEqual(next("overloaded", 4, 0), { _tag: "retry", afterMs: 0 })
    assert.strictEqual(next("overloaded", attemptsOfOne)._tag, "fail")
    assert.strictEqual(next("malformed", 2)._tag, "fail")
  })

  it("goes to another model where this one cannot be reached or wants to be left alone for long", () => {
    assert.strictEqual(next("overloaded", attemptsOfOne, 0, "openai")._tag, "fallback")
    assert.strictEqual(next("rate-limit", 1, 0, "openai", 60_000)._tag, "fallback")
    assert.strictEqual(next("not-found", 1, 0, "anthropic")._tag, "fallback")
    assert.strictEqual(next("spend-limit", 1, 0, "openai")._tag, "fallback")
    // the same account is as spent
    assert.strictEqual(next("spend-limit", 1, 0, "anthropic")._tag, "fail")
    assert.strictEqual(next("bad-request", 1, 0, "openai")._tag, "fail")
    assert.strictEqual(next("credentials", 1, 0, "openai")._tag, "fail")
  })

  it("is billed only where an answer had begun, or nobody can tell", () => {
    assert.isFalse(mayBeBilled(failure("rate-limit")))
    assert.isTrue(mayBeBilled(failure("network", { begun: true })))
    assert.isTrue(mayBeBilled(failure("timeout")))
    assert.isTrue(mayBeBilled(failure("interrupted")))
  })
})

describe("the list", () => {
  it.live("says which provider failed and why; without a model nothing is available", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("x"), {
        settings: {},
        provider: { models: () => Effect.fail(failure("network")) },
      })
      assert.isFalse(yield* world.models.available(null))
      const { failed, models } = yield* world.models.list
      assert.lengthOf(models, 0)
      assert.deepStrictEqual(
        failed.map(({ reason }) => reason),
        ["network", "network"],
      )
      const error = yield* Effect.flip(world.models.resolve("default", null))
      assert.include(error.message, "no model is chosen")
    }).pipe(hurried),
  )

  it.effect("is asked for once, and what is old is renewed while nobody waits", () =>
    Effect.gen(function* () {
      let asked = 0
      const renewed = yield* Deferred.make<void>()
      const world = yield* boot(memoryBackend(), () => says("x"), {
        settings: {
          models: {
            default: "local/a",
            providers: { local: { kind: "chat", baseUrl: "http://127.0.0.1:1/v1" } },
          },
        },
        provider: {
          models: () =>
            Effect.gen(function* () {
              if (++asked === 2) {
                yield* Deferred.succeed(renewed, undefined)
                return yield* Effect.never
              }
              return [info("local/a")]
            }),
        },
      })
      assert.strictEqual((yield* world.models.info("local/a")).window, 200_000)
      yield* world.models.info("local/a")
      assert.strictEqual(asked, 1)
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual((yield* world.models.info("local/a")).window, 200_000)
      yield* Deferred.await(renewed)
      yield* world.models.info("local/a")
      assert.strictEqual(asked, 2)
    }).pipe(hurried),
  )

  it.live("gives a word in no table a meaning", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("x"), {
        settings: { models: { default: "local/qwen3", providers: { local: { kind: "chat" } } } },
        provider: { models: () => Effect.succeed([info("local/phi9")]) },
      })
      assert.isTrue(yield* world.models.available(null))
      assert.strictEqual(yield* world.models.resolve("phi9", null), "local/phi9")
      assert.strictEqual((yield* world.models.info("phi9")).window, 200_000)
    }).pipe(hurried),
  )
})
