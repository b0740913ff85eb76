/** Corrections that ship as data keep what their own examples say. */
import { assert, describe, it } from "@effect/vitest"
import { shippedRules } from "../../../src/decide/corrections/shipped/shippedRules.ts"
import { checkData } from "../../../src/decide/rules/check.ts"
import { checkExamples } from "../../../src/decide/rules/examples.ts"

describe("shipped rules", () => {
  for (const rule of shippedRules)
    it(rule.name, () => {
      assert.deepStrictEqual(checkData(rule), [])
      assert.deepStrictEqual(checkExamples(rule), [])
      assert.isAtLeast(rule.match?.length ?? 0, 1)
    })
  it("have names of their own", () => {
    assert.strictEqual(new Set(shippedRules.map(({ name }) => name)).size, shippedRules.length)
  })
})
