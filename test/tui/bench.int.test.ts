/** The benchmark of the screen measures each row that it names. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { benchTui } from "../../tui/bench.ts"
import { benchTimeline } from "../../tui/benchTimeline.ts"
import { scriptedClient } from "../../tui/ScriptedClient.ts"
import { moment, script } from "./samples.ts"

describe("the bench", () => {
  it.live(
    "measures every key of its rounds",
    () =>
      Effect.gen(function* () {
        const [row] = yield* benchTui({ quick: true })
        assert.strictEqual(row?.name, "tui.key_to_paint")
        assert.isAbove(row?.claw ?? 0, 0)
        assert.strictEqual(row?.met, (row?.claw ?? 0) <= 16)
      }),
    60_000,
  )

  it.live("measures from a key to the moment on the screen, the daemon's time in it", () =>
    Effect.gen(function* () {
      const head = 1_000
      const { client, calls } = yield* scriptedClient(
        script([], { head, moment: (seq) => moment(seq, { head }) }),
      )
      const slow = 25
      const rows = yield* benchTimeline(
        { ...client, moment: (point) => Effect.delay(client.moment(point), slow) },
        { jumps: 4, waitMs: 0 },
      )
      assert.deepStrictEqual(
        rows.map(({ name }) => name),
        ["tui.scrub", "tui.step"],
      )
      for (const row of rows) assert.isAtLeast(row.claw, slow - 1)
      // opened, warmed up, jumped, stepped
      assert.isAtLeast(calls.filter(([name]) => name === "moment").length, 1 + 4 + 4 + 5)
    }),
  )
})
