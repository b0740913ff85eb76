/** Tools to come: their contracts are closed and described, and the gate lets none of them be taken up unasked. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { toolContracts } from "../../src/act/contracts.ts"
import { tool } from "../policies/gate.ts"
import { withTools } from "./toolFixture.ts"

const inputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Skill: { skill: "review" },
  ToolSearch: { query: "notebook" },
}

describe("contracts of tools to come", () => {
  it("have closed schemas with every field described", () => {
    for (const { inputSchema, listed, name } of toolContracts()) {
      assert.isFalse(listed)
      assert.strictEqual(inputSchema["additionalProperties"], false, name)
      const properties = inputSchema["properties"] as Readonly<
        Record<string, { readonly description?: string }>
      >
      for (const [key, property] of Object.entries(properties)) {
        assert.isString(property.description, `${name}.${key}`)
      }
      assert.includeMembers(Object.keys(properties), Object.keys(inputs[name]!))
    }
  })

  it("are known to the gate, which lets nothing be taken up unasked", () => {
    assert.deepStrictEqual(
      toolContracts().map(({ name }) => [name, tool(name, inputs[name]!)]),
      [
        ["Skill", "ask"],
        ["ToolSearch", "allow"],
      ],
    )
  })

  it.live("are offered to nobody, and callable by nobody", () =>
    withTools(({ plan, registry }) =>
      Effect.gen(function* () {
        for (const { name } of toolContracts()) {
          assert.isUndefined(registry.get(name))
          const error = yield* Effect.flip(plan(name, inputs[name]!))
          assert.strictEqual(error.reason, "input")
          assert.include(error.message, `there is no tool ${name}`)
        }
      }),
    ),
  )
})
