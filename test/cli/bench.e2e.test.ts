/** `claw bench`: the rows of the contract, chosen by name. What they measure is never asserted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { clawWorld, ndjson } from "./claws.ts"

const keys = ["v", "name", "claw", "peer", "peerValue", "unit", "ratio", "goal", "met"]

describe("claw bench", () => {
  it.live("prints a row a line, each beside its goal", () =>
    Effect.gen(function* () {
      const { claw } = yield* clawWorld
      const ran = yield* claw("bench", "start", "--quick", "--json")
      assert.strictEqual(ran.exit, 0, ran.stderr)
      const rows = ndjson(ran.stdout)
      assert.deepStrictEqual(
        rows.map((row) => row["name"]),
        ["start.status", "start.daemon"],
      )
      for (const row of rows) {
        assert.deepStrictEqual(Object.keys(row).toSorted(), keys.toSorted())
        assert.isAbove(Number(row["claw"]), 0)
        assert.strictEqual(row["met"], Number(row["claw"]) <= Number(row["goal"]))
      }
    }),
  )

  it.live("prints one row where one is named, as a line for a reader", () =>
    Effect.gen(function* () {
      const { claw } = yield* clawWorld
      const ran = yield* claw("bench", "loop.command_to_queue", "--quick")
      assert.strictEqual(ran.exit, 0, ran.stderr)
      assert.match(ran.stdout, /^(met|MISSED) +loop\.command_to_queue: [\d.,]+ ms p95, limit 100\n$/)
    }),
  )

  it.live("names the groups where there is none of that name", () =>
    Effect.gen(function* () {
      const { claw } = yield* clawWorld
      const ran = yield* claw("bench", "speed")
      assert.strictEqual(ran.exit, 2)
      assert.strictEqual(ran.stdout, "")
      assert.include(ran.stderr, "log, fs, watch, loop, hooks, shell, sandbox, gate, mind, start, tui, idle")
    }),
  )

  it.live("takes no choice that nothing named reads", () =>
    Effect.gen(function* () {
      const { claw } = yield* clawWorld
      for (const [flag, value, said] of [
        ["--events", "1000", /^claw: claw bench gate does not read --events: log does\n/],
        ["--log", "/tmp", /^claw: claw bench gate does not read --log: tui does\n/],
      ] as const) {
        const ran = yield* claw("bench", "gate", flag, value)
        assert.strictEqual(ran.exit, 2)
        assert.strictEqual(ran.stdout, "")
        assert.match(ran.stderr, said)
      }
    }),
  )
})
