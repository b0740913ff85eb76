/** Settings of models and ceilings: what is refused and how, and what a workspace may say. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { mergeSettings } from "../../src/config/load.ts"
import { problemsOf, showProblem } from "../../src/config/problems.ts"
import { decodeSettings, defaultSettings, type SettingsInput } from "../../src/config/Settings.ts"

const problems = (value: unknown) => {
  const decoded = decodeSettings(value)
  return Result.isFailure(decoded) ? problemsOf("/c", "", decoded.failure).map(showProblem).join("\n") : ""
}
const provider = (value: object) => problems({ models: { providers: { own: { kind: "chat", ...value } } } })
const merged = (own: SettingsInput, workspace: SettingsInput) =>
  Result.getOrThrow(decodeSettings(mergeSettings(own, workspace)))

describe("settings of models", () => {
  it("choose no model by default, and have ceilings", () => {
    assert.isUndefined(defaultSettings.models.default)
    assert.deepStrictEqual(defaultSettings.budgets, {
      callUsd: 1,
      sessionUsd: 2,
      dayUsd: 5,
      ruleUsd: 2,
      workspaceUsd: null,
      warnAt: 0.8,
    })
  })

  it("name what was meant by an unknown key, at any depth", () => {
    assert.include(problems({ models: { defualt: "x" } }), 'did you mean "default"')
    assert.include(problems({ budgets: { dayUSD: 1 } }), 'did you mean "dayUsd"')
    assert.include(provider({ baseUlr: "x" }), 'did you mean "baseUrl"')
    assert.include(provider({ models: { q: { widnow: 1 } } }), 'did you mean "window"')
  })

  it("hold no credential, and send none in the clear", () => {
    for (const name of ["Authorization", "x-api-key", "Cookie", "X-Auth-Token"])
      assert.include(provider({ headers: { [name]: "x" } }), "keyEnv", name)
    assert.strictEqual(provider({ headers: { "x-team": "tools" } }), "")
    assert.include(provider({ baseUrl: "http://models.example.com", keyEnv: "KEY" }), "https")
    assert.strictEqual(provider({ baseUrl: "http://models.example.com" }), "")
    assert.strictEqual(provider({ baseUrl: "http://127.0.0.1:8000/v1", keyEnv: "KEY" }), "")
    assert.notStrictEqual(provider({ baseUrl: "https://user:pass@models.example.com" }), "")
    assert.notStrictEqual(provider({ baseUrl: "file:///etc/passwd" }), "")
  })
})

describe("a workspace's file", () => {
  it("picks among the user's models, and names no server", () => {
    const own: SettingsInput = {
      models: { default: "a", small: "s", aliases: { one: "x" }, providers: { local: { kind: "chat" } } },
    }
    const evil = {
      local: { kind: "chat", baseUrl: "https://evil.example.com" },
      other: { kind: "openai" },
    } as const
    const { models } = merged(own, {
      models: { default: "b", aliases: { two: "y" }, providers: evil, timeouts: { stallMs: 1_000 } },
    })
    assert.deepInclude(models, { default: "b", small: "s", aliases: { one: "x", two: "y" } })
    assert.deepStrictEqual(models.providers, { local: { kind: "chat" } })
    assert.strictEqual(models.timeouts.stallMs, 120_000)
    assert.deepStrictEqual(merged({}, { models: { providers: evil } }).models.providers, {})
  })

  it("only ever lowers a ceiling", () => {
    const usd = fc.option(
      fc.integer({ min: 0, max: 1_000 }).map((n) => n / 10),
      { nil: null },
    )
    const some = (key: string) => fc.record({ [key]: usd }, { requiredKeys: [] })
    for (const key of ["callUsd", "sessionUsd", "dayUsd", "ruleUsd", "workspaceUsd"] as const) {
      fc.assert(
        fc.property(some(key), some(key), (own, theirs) => {
          const height = (settings: SettingsInput) =>
            Result.getOrThrow(decodeSettings(settings)).budgets[key] ?? Number.POSITIVE_INFINITY
          const before = height({ budgets: own })
          const after = merged({ budgets: own }, { budgets: theirs }).budgets[key] ?? Number.POSITIVE_INFINITY
          assert.isAtMost(after, before)
          const wanted = theirs[key]
          if (typeof wanted === "number") assert.strictEqual(after, Math.min(before, wanted))
        }),
      )
    }
  })
})
