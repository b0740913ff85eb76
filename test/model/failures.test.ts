/** Failures by kind, in the words that vendors and local servers use; delays; and no key in any of it. */
import { assert, describe, it } from "@effect/vitest"
import { failureOf, requestIdOf, withoutSecrets } from "../../src/model/wire/failure.ts"
import { failureKind } from "../../src/model/wire/failureKind.ts"
import { retryAfterMs } from "../../src/model/wire/retryAfter.ts"

const kind = (status: number | null, message: string, type = "", code = "") =>
  failureKind({ status, message, type, code })

const now = Date.parse("2026-11-22T18:00:00Z")
const after = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now)
const at = { provider: "corp", secrets: ["corp-secret-12345"], now, begun: true, requestId: null }

describe("kinds", () => {
  it("a spending limit is no rate limit", () => {
    assert.strictEqual(kind(429, "Too many requests", "rate_limit_error"), "rate-limit")
    assert.strictEqual(kind(429, "You exceeded your current quota, please check your plan"), "spend-limit")
    assert.strictEqual(kind(400, "Your credit balance is too low to access the API"), "spend-limit")
    assert.strictEqual(
      kind(400, "You have reached your specified API usage limits. You will regain access on 2026-12-01"),
      "spend-limit",
    )
    assert.strictEqual(kind(402, "Payment required", "billing_error"), "spend-limit")
    assert.strictEqual(kind(null, "quota", "insufficient_quota"), "spend-limit")
  })

  it("what is too long is told from what is wrong", () => {
    for (const words of [
      "prompt is too long: 210000 tokens > 200000 maximum",
      "the request exceeds the available context size. try increasing the context size",
      "This model's maximum context length is 32768 tokens. However, you requested 40000 tokens",
    ])
      assert.strictEqual(kind(400, words), "context", words)
    assert.strictEqual(kind(413, "Request exceeds the maximum size", "request_too_large"), "context")
    assert.strictEqual(kind(500, "exceed_context_size_error"), "context")
    assert.strictEqual(kind(400, "messages.3: roles must alternate"), "bad-request")
  })

  it("the rest by status, and in mid-stream by type", () => {
    assert.strictEqual(kind(401, "no"), "credentials")
    assert.strictEqual(kind(403, "no"), "credentials")
    assert.strictEqual(kind(404, "no"), "not-found")
    assert.strictEqual(kind(400, 'model "qwen9" not found, try pulling it first'), "not-found")
    assert.strictEqual(kind(408, "no"), "timeout")
    assert.strictEqual(kind(504, "no"), "timeout")
    assert.strictEqual(kind(503, "loading model"), "overloaded")
    assert.strictEqual(kind(529, "Overloaded"), "overloaded")
    assert.strictEqual(kind(502, "bad gateway"), "server")
    assert.strictEqual(kind(418, "teapot"), "bad-request")
    assert.strictEqual(
      kind(400, "rejected by our safety system", "", "content_policy_violation"),
      "content-filter",
    )
    assert.strictEqual(kind(null, "Overloaded", "overloaded_error"), "overloaded")
    assert.strictEqual(kind(null, "slow down", "", "rate_limit_exceeded"), "rate-limit")
    assert.strictEqual(kind(null, "who knows", "aurora"), "server")
  })
})

describe("when to ask again", () => {
  it("milliseconds, seconds and dates", () => {
    assert.strictEqual(after({ "retry-after-ms": "1500", "retry-after": "9" }), 1500)
    assert.strictEqual(after({ "retry-after": "2.5" }), 2500)
    assert.strictEqual(after({ "retry-after": "Sun, 22 Nov 2026 18:00:30 GMT" }), 30_000)
    assert.strictEqual(after({ "retry-after": "Sun, 22 Nov 2026 17:00:00 GMT" }), 0)
  })

  it("nonsense is not a delay, and none is longer than a day", () => {
    for (const value of ["", "soon", "-3", "NaN", "1e9999", "Infinity", "Mon, 99 Foo"])
      assert.isNull(after({ "retry-after": value }), value)
    assert.isNull(after({}))
    assert.strictEqual(after({ "retry-after": "99999999999" }), 24 * 3600 * 1000)
  })
})

describe("what is said", () => {
  it("never the key, in any of its forms", () => {
    const secret = "corp-secret/+12345"
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")])
      assert.notInclude(withoutSecrets(`it was ${form}!`, [secret]), form)
    const echoed = "Incorrect API key provided: sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".repeat(4)
    assert.notInclude(withoutSecrets(echoed, []), "aB3dE6gH9jK2")
    assert.isNull(requestIdOf("corp-secret-12345", at.secrets))
    assert.isNull(requestIdOf("req\u001b[2J", at.secrets))
    assert.isNull(requestIdOf({}, at.secrets))
    assert.strictEqual(
      requestIdOf("req_011CSHoEeqs5C35K2UUqR7Fy", at.secrets),
      "req_011CSHoEeqs5C35K2UUqR7Fy",
    )
  })

  it("no more than fits, and all of it from wherever it came", () => {
    const long = failureOf(
      { status: 400, headers: new Headers(), error: { message: "x".repeat(100_000) } },
      at,
    )
    assert.isAtMost(long.message.length, 700)
    const deep = new Error("fetch failed", {
      cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" }),
    })
    assert.include(failureOf(deep, at).message, "ECONNREFUSED")
    assert.strictEqual(failureOf(deep, at).reason, "network")
    for (const odd of [
      null,
      undefined,
      "text",
      7,
      [],
      { status: "x" },
      { error: null },
      new TypeError("x.y"),
    ])
      assert.strictEqual(failureOf(odd, at)._tag, "ModelError")
  })

  it("a redirect is not followed and says so", () => {
    const error = failureOf({ status: 307, headers: new Headers(), error: {} }, at)
    assert.strictEqual(error.reason, "bad-request")
    assert.include(error.message, "base URL")
    assert.isFalse(error.begun)
  })
})
