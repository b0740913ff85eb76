/** Attention and reflexes in a file of their own: what is taken, and how what is wrong is named. */
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { type Problem, showProblem } from "../../src/config/problems.ts"
import { readAttention, readReflexes } from "../../src/config/settingsPart.ts"

const problems = (
  read: (file: string, text: string) => Result.Result<object, ReadonlyArray<Problem>>,
  file: string,
  text: string,
) => {
  const result = read(file, text)
  return Result.isFailure(result) ? result.failure.map(showProblem) : []
}

describe("attention in a file", () => {
  it("takes what is given, in TOML or JSON, and nothing more", () => {
    const toml = readAttention("a.toml", "# calm\nperHour = 2\nquietAfterEditMs = 30_000\n")
    expect(Result.getOrThrow(toml)).toEqual({ perHour: 2, quietAfterEditMs: 30_000 })
    expect(Result.getOrThrow(readAttention("a.json", '{ "burst": 3 }'))).toEqual({ burst: 3 })
    expect(Result.getOrThrow(readAttention("a.toml", ""))).toEqual({})
  })

  it("names file, line and key of what it does not know, and what was meant", () => {
    expect(problems(readAttention, "a.toml", "perHour = 2\n\nquitAfterEditMs = 1\nperDay = 2")).toEqual([
      'a.toml:3: quitAfterEditMs: unknown key (did you mean "quietAfterEditMs"?)',
      "a.toml:4: perDay: unknown key (there are perHour, burst, quietAfterEditMs, awayAfterMs, quietHours, timeZone, bar, learn, costs)",
    ])
    expect(problems(readAttention, "a.json", '{\n  "perHour": 1,\n  "brust": 3\n}')).toEqual([
      'a.json:3: brust: unknown key (did you mean "burst"?)',
    ])
  })

  it("names values out of range, and text that is neither", () => {
    expect(problems(readAttention, "a.toml", "burst = 99")).toEqual([
      "a.toml:1: burst: Expected a value between 1 and 10",
    ])
    expect(problems(readAttention, "a.toml", "burst =")[0]).toMatch(/^a\.toml:1: /)
    expect(problems(readAttention, "a.json", "{ burst")).toHaveLength(1)
  })
})

describe("reflexes in a file", () => {
  it("takes the names of those that are off", () => {
    const read = readReflexes("r.toml", 'disabledReflexes = ["run-again"]')
    expect(Result.getOrThrow(read)).toEqual({ disabledReflexes: ["run-again"] })
    expect(problems(readReflexes, "r.toml", "disabledReflex = []")[0]).toContain(
      'did you mean "disabledReflexes"?',
    )
  })
})
