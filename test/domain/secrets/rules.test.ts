/**
 * Laws that hold for every rule and every text: each rule is reached through its own keyword, spans are in
 * order and inside the text, and redaction leaves none of them behind.
 */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  findSecrets,
  namedRules,
  redactSecrets,
  tokenRules,
} from "../../../src/domain/secrets/findSecrets.ts"
import { structures } from "../../../src/domain/secrets/structures.ts"

/** Looking around is left out for making examples; it only ever narrows. */
const withoutLookaround = (source: string): string => {
  let out = ""
  for (let i = 0; i < source.length; i++) {
    const around = /^\((?:\?=|\?!|\?<=|\?<!)/.exec(source.slice(i))
    if (around === null) {
      out += source[i]
      continue
    }
    let depth = 0
    let inClass = false
    do {
      const c = source[i]
      if (c === "\\") i++
      else if (c === "[") inClass = true
      else if (c === "]") inClass = false
      else if (!inClass && c === "(") depth++
      else if (!inClass && c === ")") depth--
      i++
    } while (depth > 0)
    i--
  }
  return out
}

/** Written out, so that examples draw letters more often than the few signs beside them. */
const spelledOut = (source: string): string => source.replace(/(?<!\\)\\w/g, "A-Z0-9a-z_")

const examples = (pattern: RegExp): ReadonlyArray<string> => {
  const form = new RegExp(`^(?:${spelledOut(withoutLookaround(pattern.source))})$`)
  return fc.sample(fc.noBias(fc.stringMatching(form)), { numRuns: 40, seed: 11 })
}

describe("every token rule", () => {
  for (const [at, rule] of tokenRules.entries())
    it(`${rule.id} (${at}) is reached through its keyword`, () => {
      const found = examples(rule.pattern).filter((each) =>
        findSecrets(` ${each} `).some((span) => span.start <= each.length && span.end > 1),
      )
      assert.isAbove(found.length, 0)
    })
  it("has lower-case keywords of its own pattern", () => {
    for (const rule of tokenRules)
      assert.deepStrictEqual(
        rule.keywords,
        rule.keywords.map((each) => each.toLowerCase()),
      )
  })
})

describe("every named rule", () => {
  for (const [at, rule] of namedRules.entries())
    it(`${rule.id} (${at}) is reached through each of its words`, () => {
      const values = examples(rule.value)
      for (const word of rule.words) {
        const found = values.filter((each) => findSecrets(`${word} = "${each}"`).length > 0)
        assert.isAbove(found.length, 0, word)
      }
    })
})

const pieces = fc.oneof(
  fc.constantFrom(
    ...structures.flatMap(([words]) => words),
    ...tokenRules.flatMap((rule) => rule.keywords),
    "token",
    "password",
    "secret",
    "api_key",
    " = ",
    ": ",
    '"',
    "'",
    "`",
    "\\",
    "\n",
    "-u ",
    "<",
    ">",
    "${",
    "=>",
    "-----BEGIN RSA ",
    "PRIVATE KEY-----",
    "kind: Secret\ndata:\n",
    "Bearer ",
    "@host",
    "--",
  ),
  fc.string({ maxLength: 12 }),
  fc.stringMatching(/^[A-Za-z0-9+/_-]{8,64}$/),
)
const texts = fc.array(pieces, { maxLength: 40 }).map((each) => each.join(""))

describe("any text", () => {
  it("gives ordered spans inside the text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        let end = 0
        for (const span of findSecrets(text)) {
          assert.isAtLeast(span.start, end)
          assert.isAbove(span.end, span.start)
          end = span.end
        }
        assert.isAtMost(end, text.length)
      }),
      { numRuns: 1500 },
    )
  })
  it("keeps all that is outside the spans", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const spans = findSecrets(text)
        let rest = redactSecrets(text)
        let at = 0
        for (const span of spans) {
          const kept = text.slice(at, span.start)
          assert.strictEqual(rest.slice(0, kept.length), kept)
          const mark = `<redacted:${span.rule}>`
          assert.strictEqual(rest.slice(kept.length, kept.length + mark.length), mark)
          rest = rest.slice(kept.length + mark.length)
          at = span.end
        }
        assert.strictEqual(rest, text.slice(at))
      }),
      { numRuns: 800 },
    )
  })
})
