/** TOML with the place of each value, and of what is wrong. */
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseToml } from "../../src/domain/toml.ts"

const text = `# a file
title = "x = [1]" # not a key: y = 2

[[rule]]
name = 'one'
match = [
  "a, b", # comment, with "quotes"
  { tool = "t", path = "p" },
]

[[rule]]
"quoted key" = """
[[rule]]
name = "in a string"
"""
deep.er = 1
[rule.sub]
x = 1979-05-27
`

const document = () => {
  const parsed = parseToml(text)
  if (Result.isFailure(parsed)) throw new Error(parsed.failure.message)
  return parsed.success
}

describe("places", () => {
  it.each([
    [["title"], 2, 1],
    [["rule", 0], 4, 1],
    [["rule", 0, "name"], 5, 1],
    [["rule", 0, "match", 0], 7, 3],
    [["rule", 0, "match", 1], 8, 3],
    [["rule", 0, "match", 1, "path"], 8, 17],
    [["rule", 1], 11, 1],
    [["rule", 1, "quoted key"], 12, 1],
    [["rule", 1, "deep", "er"], 16, 1],
    [["rule", 1, "sub", "x"], 18, 1],
    [["rule", 1, "nowhere"], 11, 1],
    [["nowhere"], 1, 1],
  ] as const)("%j stands at %i:%i", (path, line, column) => {
    expect(document().locate(path)).toEqual({ line, column })
  })
})

it("says where text is broken", () => {
  const parsed = parseToml('a = 1\nb = "x\nc = 2\n')
  expect(Result.isFailure(parsed) && parsed.failure.line).toBe(2)
})

it("refuses keys that would reach a prototype", () => {
  expect(Result.isFailure(parseToml("__proto__ = { a = 1 }"))).toBe(true)
})

it("never throws, and places stay inside the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab=.[]{}\"'#,\n 1\\") }), (source) => {
      const parsed = parseToml(source)
      if (Result.isFailure(parsed)) return
      for (const key of Object.keys(parsed.success.value)) {
        const { line, column } = parsed.success.locate([key])
        expect(line).toBeLessThanOrEqual(source.split("\n").length)
        expect(column).toBeGreaterThan(0)
      }
    }),
    { numRuns: 2000 },
  )
})
