/** What keys look like, what is pasted, how long a token stands, and which addresses may be sent a credential. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { AuthSettings, isSafeEndpoint } from "../../../src/config/authSettings.ts"
import { keyProblem } from "../../../src/model/credentials/keyShape.ts"
import { OAuthError } from "../../../src/model/credentials/OAuthError.ts"
import { pastedAnswer } from "../../../src/model/credentials/pastedAnswer.ts"
import { standing } from "../../../src/model/credentials/storedCredential.ts"

const anthropic = { name: "anthropic", kind: "anthropic" }
const openai = { name: "openai", kind: "openai" }
const custom = { name: "work", kind: "openai", baseUrl: "https://models.example/v1" }
const body = "a1B2c3D4e5F6g7H8i9J0"

describe("a key", () => {
  it("fits its slot", () => {
    assert.isNull(keyProblem(anthropic, `sk-ant-api03-${body}`))
    assert.isNull(keyProblem(openai, `sk-proj-${body}`))
    assert.isNull(keyProblem(openai, `sk-${body}`))
    assert.isNull(keyProblem(custom, "anything-goes=="))
    assert.isNull(keyProblem(custom, "YWJj="))
  })
  it("in the wrong slot is doubted", () => {
    assert.match(
      keyProblem(anthropic, `sk-proj-${body}`)?.message ?? "",
      /of OpenAI, and anthropic is Anthropic/,
    )
    assert.match(keyProblem(openai, `sk-ant-${body}`)?.message ?? "", /of Anthropic/)
    assert.match(keyProblem(openai, `ghp_${body}`)?.message ?? "", /of GitHub/)
    assert.match(keyProblem(anthropic, "sk-ant-x")?.message ?? "", /shorter/)
    for (const text of [`ghp_${body}`, `sk-ant-${body}`, body])
      assert.strictEqual(keyProblem(openai, text)?.certainty, "doubtful")
  })
  it("that cannot be one is refused, and not repeated", () => {
    for (const text of [
      "",
      "two words",
      `Bearer ${body}`,
      `export A=${body}`,
      `OPENAI_API_KEY=${body}`,
      `"${body}"`,
      `https://x.example/${body}`,
      `${body}\u0007`,
      `${body}\nmore`,
      "x".repeat(9_000),
    ]) {
      const problem = keyProblem(custom, text)
      assert.strictEqual(problem?.certainty, "refused", text)
      assert.notInclude(problem?.message ?? "", body)
    }
  })
})

describe("what is pasted", () => {
  const expected = { redirect: "http://127.0.0.1:4000/callback", state: "s1" }
  const of = (text: string) => {
    const answer = pastedAnswer(text, expected)
    return answer instanceof OAuthError ? answer.message : Object.fromEntries(answer)
  }
  it("is a code, with or without its state, or the address", () => {
    assert.deepStrictEqual(of(" abc\n"), { code: "abc", state: "s1" })
    assert.deepStrictEqual(of("abc#s2"), { code: "abc", state: "s2" })
    assert.deepStrictEqual(of("http://127.0.0.1:4000/callback?code=c&state=s3"), { code: "c", state: "s3" })
  })
  it("is nothing else", () => {
    for (const text of ["", "a b", "x".repeat(9_000), "a#b#\u001b", "http://127.0.0.1:4001/callback?code=c"])
      assert.isString(of(text), text)
    assert.notInclude(String(of("https://evil.example/callback?code=secret")), "secret")
  })
})

it("a token stands by the time that went by", () => {
  const hour = 3_600_000
  assert.strictEqual(standing(hour, 0), "good")
  assert.strictEqual(standing(hour, hour - 301_000), "good")
  assert.strictEqual(standing(hour, hour - 300_000), "early")
  assert.strictEqual(standing(hour, hour - 30_000), "due")
  assert.strictEqual(standing(hour, hour), "over")
  assert.strictEqual(standing(hour, -1_000), "good")
  assert.strictEqual(standing(hour, -hour), "unknown")
  assert.strictEqual(standing(null, 1e15), "good")
  // a short one is not renewed all the time
  assert.strictEqual(standing(60_000, 30_000), "good")
  assert.strictEqual(standing(60_000, 50_000), "early")
})

describe("an address a credential is sent to", () => {
  it("is encrypted, or on this machine", () => {
    for (const text of [
      "https://a.example/t",
      "http://127.0.0.1:1/t",
      "http://localhost/t",
      "http://[::1]:9/t",
    ])
      assert.isTrue(isSafeEndpoint(text), text)
    for (const text of [
      "http://a.example/t",
      "http://127.0.0.1.evil.example/t",
      "http://localhost.evil.example",
      "ftp://127.0.0.1/",
      "https://user:pass@a.example/",
      "https://a.example/#x",
      "file:///etc/passwd",
      "no address",
    ])
      assert.isFalse(isSafeEndpoint(text), text)
  })
  it("is an issuer's, or all that a login needs", () => {
    const is = Schema.is(AuthSettings)
    const base = { clientId: "c", scopes: [] }
    const https = (path: string) => `https://a.example/${path}`
    assert.isTrue(is({ ...base, issuer: https("") }))
    assert.isTrue(is({ ...base, tokenEndpoint: https("t"), deviceEndpoint: https("d") }))
    assert.isFalse(is(base))
    assert.isFalse(is({ ...base, tokenEndpoint: https("t") }))
    assert.isFalse(is({ ...base, issuer: "http://a.example" }))
    assert.isFalse(is({ ...base, issuer: https(""), scopes: ["two words"] }))
  })
})
