/**
 * The log's writer killed: at random moments under load, and at its named steps. Whole by `npm run test:crash`: nothing
 * acknowledged is lost or there twice, the chain holds, and the log goes on.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { killAtEach } from "../faults/steps.ts"
import { storeKills } from "../faults/storeKills.ts"

it.live(
  "keeps what it acknowledged over random kills",
  () =>
    Effect.gen(function* () {
      const { broken, figures } = yield* storeKills(20, Math.floor(performance.timeOrigin) % 100_000)
      assert.deepStrictEqual(broken, [])
      assert.match(figures[0]!, /^20 kills of the log's writer: \d{3,} events acknowledged/)
    }),
  60_000,
)

it.live(
  "keeps what it acknowledged when it is killed at a step",
  () =>
    Effect.gen(function* () {
      const { broken, figures } = yield* killAtEach(16)
      assert.deepStrictEqual(broken, [])
      assert.match(figures[0]!, /^killed at 1\d of \d{3} named steps/)
    }),
  60_000,
)
