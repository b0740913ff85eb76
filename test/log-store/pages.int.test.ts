/** Pages of a log's file gone wrong: found or harmless, and never shown. Whole by `npm run test:crash`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { damagePages } from "../faults/pages.ts"

it.live(
  "finds a page that went wrong, or takes no harm, and recovers what was sealed",
  () =>
    Effect.gen(function* () {
      const { broken, figures } = yield* damagePages({
        batches: 60,
        kinds: "zeros,noise,bit,cut,swap,old",
        cases: 48,
        offset: Math.floor(performance.timeOrigin) % 97,
      })
      assert.deepStrictEqual(broken, [])
      assert.match(figures[0]!, /: [1-9]\d* found/)
    }),
  60_000,
)
