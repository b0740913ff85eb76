/** Whatever a rule file says and whatever happens then: the machine does not throw, does not stop and is not slow. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { ReflexData, situationNames } from "../../../src/config/reflexRules.ts"
import { compileGlobs } from "../../../src/decide/rules/globs.ts"
import { compilePattern, costly, firstBound } from "../../../src/decide/rules/patterns.ts"
import { readRules } from "../../../src/decide/rules/read.ts"
import { situationOf } from "../../../src/decide/rules/reflexExamples.ts"
import { compileReflex } from "../../../src/decide/rules/situations.ts"

const word = fc.constantFrom(
  "a",
  "{x}",
  "{y...}",
  "...",
  "a|b",
  "{file}",
  "{files}",
  "{branch}",
  "{line}",
  "**",
  "*",
  "!",
  "/",
  "$(id)",
  ";",
  ".",
  "\u202e",
  "{",
  "''",
  " ",
)
const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(" ").trim() || "a")
const glued = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(""))
const maybe = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })
const rule = fc
  .record({
    name: fc.constant("r"),
    when: fc.constantFrom(...situationNames),
    title: text,
    files: maybe(fc.array(glued, { maxLength: 3 })),
    branch: maybe(text),
    command: maybe(text),
    says: maybe(text),
    run: maybe(text),
    uncommitted: maybe(text),
    exists: maybe(text),
    min_duration: maybe(fc.constantFrom("5m", "0s", "5")),
    larger_than: maybe(fc.constantFrom("1MB", "1")),
    once_per: maybe(fc.constantFrom("day", "file", "hour")),
  })
  .map((made) => Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)))
const isRule = Schema.is(ReflexData)
const silentFacts = { all: [], get: () => undefined }

describe("rules of any text", () => {
  it("are read or refused, and never thrown at", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), fc.string(), (rules, noise) => {
        const read = readRules("x.ts", JSON.stringify({ reflex: rules }))
        assert.isAtMost(read.reflexes.length, rules.length)
        readRules("x.toml", noise)
        readRules("x.toml", `[[reflex]]\nname = "r"\n${noise}`)
      }),
      { numRuns: 300 },
    )
  })
  it("say something or are silent of whatever happens", () => {
    fc.assert(
      fc.property(rule, text, glued, (made, line, path) => {
        if (!isRule(made)) return
        const reflex = compileReflex(made, { workspace: null, file: "f" })
        const situation = situationOf(made.when, {
          command: line,
          output: line,
          files: [path],
          subject: line,
        })
        if (!reflex.applies(situation, { commands: [] })) return
        reflex.probes(situation, { commands: [] })
        reflex.propose(situation, silentFacts, { commands: [] })
      }),
      { numRuns: 500 },
    )
  })
  it("cost no more for a longer output than its length says", () => {
    // steps are not to be counted, so that an exploding pattern shows as a test that never ends
    const outputs = [
      "a ".repeat(8_000),
      "a".repeat(16_000),
      "a.a,".repeat(4_000),
      "a\n".repeat(8_000),
      " ".repeat(16_000),
    ]
    fc.assert(
      fc.property(fc.oneof(text, glued), (pattern) => {
        if (costly(pattern) !== null) return
        for (const output of outputs) firstBound(compilePattern(`${pattern} never`), output)
      }),
      { numRuns: 25, seed: 7 },
    )
    const deep = Array.from({ length: 400 }, () => "a").join("/")
    for (const glob of [`${"**/a/".repeat(80)}b`, `${"*a".repeat(200)}b`, "**/".repeat(150)])
      assert.deepStrictEqual(compileGlobs([glob])([deep, "a".repeat(900)]).length, glob.endsWith("/") ? 2 : 0)
  })
})
