/** Prices: four buckets, tiers, what is not known; held against the library they come from. */
import { assert, describe, it } from "@effect/vitest"
import { calcPrice } from "@pydantic/genai-prices"
import { Effect } from "effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { makePrices, usdOf, worstUsdOf } from "../../src/model/prices.ts"
import { libraryVersion, overrides } from "../../src/model/pricesTable.ts"
import { knownModels } from "../../src/model/routingTable.ts"
import { settingsOf } from "./modelWorld.ts"

const now = Date.parse("2026-11-22T12:00:00Z")
const none = settingsOf({}).models
const of = (name: string, settings = none) =>
  Effect.flatMap(makePrices, (prices) => prices.of(settings, name, now))
const used = (input: number, output = 0, cacheRead = 0, cacheWrite = 0, cacheWriteHour = 0) => ({
  input,
  output,
  cacheRead,
  cacheWrite,
  cacheWriteHour,
})

describe("a price", () => {
  it.effect("is the library's, to the last digit, for every model it knows under its own id", () =>
    Effect.gen(function* () {
      let compared = 0
      for (const [provider, models] of Object.entries(knownModels)) {
        for (const id of Object.keys(models)) {
          const name = `${provider}/${id}`
          if (name in overrides) continue
          const theirs = calcPrice({ input_tokens: 1 }, id, {
            providerId: provider,
            timestamp: new Date(now),
          })
          const ours = yield* of(name)
          if (theirs === null || theirs.model.id !== id) {
            assert.isNull(ours, name)
            continue
          }
          compared++
          fc.assert(
            fc.property(
              fc.tuple(fc.nat(400_000), fc.nat(50_000), fc.nat(400_000), fc.nat(90_000), fc.nat(90_000)),
              ([input, output, read, written, hour]) => {
                const usage = used(input, output, read, written + hour, hour)
                const priced = calcPrice(
                  {
                    input_tokens: input + read + written + hour,
                    output_tokens: output,
                    cache_read_tokens: read,
                    cache_write_tokens: written + hour,
                    cache_write_1h_tokens: hour,
                  },
                  id,
                  { providerId: provider, timestamp: new Date(now) },
                )
                assert.approximately(usdOf(ours, usage)!, priced!.total_price, 1e-9, name)
              },
            ),
            { numRuns: 30 },
          )
        }
      }
      assert.isAtLeast(compared, 15)
    }),
  )

  it.effect("of our own table goes by the prompt's length, all buckets counted", () =>
    Effect.gen(function* () {
      const haiku = yield* of("anthropic/claude-haiku-5-5")
      assert.strictEqual(usdOf(haiku, used(100_000, 1_000)), 0.0105)
      assert.approximately(usdOf(haiku, used(60_000, 1_000, 40_001))!, 0.0345, 1e-5)
      assert.approximately(usdOf(haiku, used(0, 0, 0, 2_000, 1_000))!, 0.000325, 1e-12)
      assert.deepStrictEqual(yield* of("anthropic/claude-haiku-5-5-20261007"), haiku)
      const terra = yield* of("openai/gpt-6.1-terra")
      assert.strictEqual(usdOf(terra, used(1_000_000 / 4)), 0.25)
      assert.isNull(usdOf(terra, used(300_000)))
    }),
  )

  it.effect("that is not known is null, and not that of a model it begins like", () =>
    Effect.gen(function* () {
      assert.isNull(yield* of("anthropic/claude-sonnet-5-7"))
      assert.isNull(yield* of("anthropic/claude-opus-9"))
      assert.isNull(yield* of("local/qwen3"))
      assert.isNull(usdOf(null, used(1, 1)))
      assert.isNull(worstUsdOf(null, 1, 1, false))
    }),
  )

  it.effect("is nothing only where the settings say so, and what they say comes first", () =>
    Effect.gen(function* () {
      const { models } = settingsOf({
        models: {
          providers: {
            local: { kind: "chat", free: true },
            team: {
              kind: "chat",
              baseUrl: "https://models.example.com/v1",
              models: { big: { price: { input: 1, output: 2 } } },
            },
          },
        },
      })
      assert.strictEqual(usdOf(yield* of("local/qwen3", models), used(5, 5, 5, 5, 5)), 0)
      const big = yield* of("team/big", models)
      assert.strictEqual(usdOf(big, used(1_000_000, 1_000_000)), 3)
      assert.isNull(usdOf(big, used(1, 1, 1)))
      assert.isNull(yield* of("team/small", models))
    }),
  )

  it.effect("at worst reads nothing from a cache and writes all of it", () =>
    Effect.gen(function* () {
      const opus = yield* of("anthropic/claude-opus-5-5")
      assert.strictEqual(worstUsdOf(opus, 1_000_000, 1_000, false), 5.02)
      assert.strictEqual(worstUsdOf(opus, 1_000_000, 1_000, true), 8.02)
    }),
  )

  it("is said with the version of the library that is installed", () => {
    const manifest = new URL("../../node_modules/@pydantic/genai-prices/package.json", import.meta.url)
    assert.strictEqual(JSON.parse(readFileSync(manifest, "utf8")).version, libraryVersion)
  })
})
