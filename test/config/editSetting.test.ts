/** One setting written into a file of settings, and everything else left as it was. */
import { Result } from "effect"
import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { newConfig, withSetting } from "../../src/config/editSetting.ts"

const set = (text: string, section = "attention", key = "perHour", value: string | number | boolean = 4) => {
  const result = withSetting(text, section, key, value)
  return Result.isSuccess(result) ? result.success : `refused: ${result.failure}`
}
/** What the file means: the config files of these tests are plain enough to run. */
const meaning = (text: string): unknown =>
  // eslint-disable-next-line no-new-func
  new Function("defineConfig", text.replace(/^import .*$/m, "").replace("export default", "return"))(
    (value: unknown) => value,
  )

describe("one setting of a file", () => {
  it("is replaced, and nothing else", () => {
    const text = `// mine: { attention: { perHour: 1 } }
import { defineConfig } from "claw-assistant/config"

export default defineConfig({
  watch: { budget: 0.5 }, /* attention: { perHour: 2 } */
  "attention": {
    burst: 3,   // perHour: 9
    'perHour': 1, awayAfterMs: 60_000,
  },
})
`
    assert.strictEqual(set(text), text.replace("'perHour': 1,", "'perHour': 4,"))
    assert.strictEqual(set(text, "attention", "awayAfterMs", 70000), text.replace("60_000", "70000"))
  })

  it.each([
    ["export default { attention: { perHour: -1 } }", "export default { attention: { perHour: 4 } }"],
    ["export default {}", "export default { attention: { perHour: 4 } }"],
    [
      "export default defineConfig({\n})\n",
      "export default defineConfig({\n  attention: { perHour: 4 },\n})\n",
    ],
    [
      "export default defineConfig({\n  watch: {},\n})\n",
      "export default defineConfig({\n  attention: { perHour: 4 },\n  watch: {},\n})\n",
    ],
    [
      "export default {\n\tattention: {\n\t\tburst: 2,\n\t},\n}",
      "export default {\n\tattention: {\n\t\tperHour: 4,\n\t\tburst: 2,\n\t},\n}",
    ],
    ["export default { attention: {} }", "export default { attention: { perHour: 4 } }"],
    ["export default { attention: { burst: 2 } }", "export default { attention: { perHour: 4, burst: 2 } }"],
  ])("in %j", (before, after) => {
    assert.strictEqual(set(before), after)
    assert.deepStrictEqual((meaning(after) as { attention: { perHour: number } }).attention.perHour, 4)
  })

  it.each([
    "const config = {}\nexport default config",
    "export default make({ attention: { perHour: 1 } })",
    "export default { attention: base }",
    "export default { attention: { perHour: 1 + 1 } }",
    "export default { attention: { perHour: process.env.N } }",
    "export default { attention: { perHour: [1] } }",
    "export default { attention: { perHour: 1 ",
    "",
  ])("is left to its owner in %j", (text) => assert.match(set(text), /^refused/))

  it("is set in any file that is written out, and the rest means what it meant", () => {
    const blank = fc.constantFrom("", " ", "\n  ", " /* { */ ", " // }\n")
    const value = fc.constantFrom("1", "'}'", '"{"', "true", "-3", "[1, { a: 2 }]", "{ x: { y: '`' } }")
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "attention", '"c d"'), value, blank), {
          selector: ([key]) => key,
        }),
        blank,
        (members, gap) => {
          const body = members
            .map(([key, text, space]) =>
              key === "attention"
                ? `${space}attention:${space}{${gap}burst: ${"2"}, perHour${space}: 1 }`
                : `${key}:${space}${text}`,
            )
            .join(`,${gap}`)
          const before = `export default {${gap}${body}${gap}}`
          const after = set(before)
          const expected = meaning(before) as Record<string, unknown>
          const old = (expected["attention"] ?? {}) as object
          assert.deepStrictEqual(meaning(after), { ...expected, attention: { ...old, perHour: 4 } })
        },
      ),
      { numRuns: 300 },
    )
  })

  it("makes a file of its own where there is none", () => {
    assert.deepStrictEqual(meaning(newConfig("notifications", "others", true)), {
      notifications: { others: true },
    })
  })
})
