/** How likely one name is typed for another. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { typingCost } from "../../../src/observe/probes/keyboard.ts"

describe("typingCost", () => {
  it.each([
    ["gti", "git", "gtk"],
    ["sl", "ls", "ld"],
    ["npn", "npm", "npx"],
    ["gitt", "git", "gist"],
    ["dicker", "docker", "dinker"],
    ["pyhton", "python", "pythoN3"],
  ])("holds that %s was meant to be %s rather than %s", (typed, meant, other) => {
    expect(typingCost(typed, meant)).toBeLessThan(typingCost(typed, other))
  })
  it("is nothing for the word itself and something for any other", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(typingCost(a, a)).toBe(0)
        if (a.toLowerCase() !== b.toLowerCase()) expect(typingCost(a, b)).toBeGreaterThan(0)
      }),
    )
  })
})
