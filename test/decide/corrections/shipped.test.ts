/** Corrections that ship as data keep what their own examples say. */
import { assert, describe, it } from "@effect/vitest"
import { clusterToolRules } from "../../../src/decide/corrections/shipped/clusterTools.ts"
import { toolRules } from "../../../src/decide/corrections/shipped/tools.ts"
import { checkData } from "../../../src/decide/rules/check.ts"
import { checkExamples } from "../../../src/decide/rules/examples.ts"

const rules = [...toolRules, ...clusterToolRules]

describe("shipped rules", () => {
  for (const rule of rules)
    it(rule.name, () => {
      assert.deepStrictEqual(checkData(rule), [])
      assert.deepStrictEqual(checkExamples(rule), [])
      assert.isAtLeast(rule.match?.length ?? 0, 1)
    })
  it("have names of their own", () => {
    assert.strictEqual(new Set(rules.map(({ name }) => name)).size, rules.length)
  })
})
