import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { benchTui } from "../../tui/bench.ts"

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
    20_000,
  )
})
