/** What fades and what never does. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { dueToForget, worth } from "../../../src/agent/memory/forgetting.ts"
import type { Memory } from "../../../src/domain/memories.ts"

const start = Date.parse("2026-01-01T00:00:00.000Z")
const day = 86_400_000
const memory = (more: Partial<Memory> = {}): Memory => ({
  id: "k_a",
  layer: "fact",
  scope: "workspace",
  workspace: "/w",
  text: "t",
  topic: "t",
  evidence: [],
  confidence: 1,
  origin: "extraction",
  replaces: [],
  session: null,
  trust: "trusted",
  state: "known",
  reason: null,
  seq: 1,
  since: 1,
  proposedAt: new Date(start).toISOString(),
  usedAt: null,
  uses: 0,
  ...more,
})

describe("forgetting", () => {
  it("halves the worth with every half-life", () => {
    assert.strictEqual(worth(memory(), start), 1)
    assert.ok(Math.abs(worth(memory(), start + 21 * day) - 0.5) < 1e-9)
    assert.ok(Math.abs(worth(memory({ uses: 1 }), start + 42 * day) - 0.5) < 1e-9)
  })

  it("never lets go of rules, of what a person said, and of what does not count anyhow", () => {
    const never = [
      memory({ layer: "rule" }),
      memory({ origin: "said" }),
      memory({ state: "proposed" }),
      memory({ state: "forgotten" }),
      memory({ state: "rejected" }),
    ]
    assert.deepStrictEqual(dueToForget(never, start + 10_000 * day), [])
    assert.deepStrictEqual(dueToForget([memory()], start + 10_000 * day), ["k_a"])
  })

  it("names what is least worth first", () => {
    const at = start + 400 * day
    const rows = [memory({ id: "k_1", confidence: 0.9 }), memory({ id: "k_2", confidence: 0.1 })]
    assert.deepStrictEqual(dueToForget(rows, at), ["k_2", "k_1"])
  })

  it("only ever loses worth with time, and gains by use", () => {
    const row = fc.record({
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      uses: fc.nat({ max: 50 }),
    })
    fc.assert(
      fc.property(row, fc.nat({ max: 2_000 }), fc.nat({ max: 2_000 }), (fields, days, more) => {
        const one = memory(fields)
        const at = worth(one, start + days * day)
        assert.ok(at >= 0 && at <= 1)
        assert.ok(worth(one, start + (days + more) * day) <= at)
        const told = memory({
          ...fields,
          uses: fields.uses + 1,
          usedAt: new Date(start + days * day).toISOString(),
        })
        assert.ok(worth(told, start + days * day) >= at)
      }),
    )
  })

  it("takes a clock that stands before the memory for now", () => {
    assert.strictEqual(worth(memory(), start - 100 * day), 1)
  })
})
