/** The benchmark of the gate measures each row that it names. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { benchGate, gateRows } from "../../src/daemon/benchGate.ts"

it.live("measures every row it names, with its limit", () =>
  Effect.gen(function* () {
    const rows = yield* benchGate({ quick: true })
    assert.deepStrictEqual(
      rows.map(({ name }) => name),
      [...gateRows],
    )
    for (const row of rows) {
      assert.isAbove(row.claw, 0, row.name)
      assert.strictEqual(row.unit, "ms")
      assert.match(row.note ?? "", /^2\d\d rules, /)
    }
    assert.deepStrictEqual(
      rows.map(({ goal }) => goal),
      [1, 1, 20, 20, 20],
    )
  }),
)
