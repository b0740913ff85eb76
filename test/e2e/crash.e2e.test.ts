/** The daemon killed in the midst of everything; the long form is `build/crash.ts`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { brokenPromises } from "./accounting.ts"
import { ordeal } from "./Ordeal.ts"

const kills = 12

it.live(
  `keeps every promise over ${kills} kills`,
  () =>
    Effect.gen(function* () {
      const ending = yield* ordeal(kills)
      assert.deepStrictEqual(brokenPromises(ending), [])
      // the ordeal was one: clients were told things, actions ran, work was done while it was down
      assert.isAtLeast(ending.account.told.size, kills * 5)
      assert.isAtLeast(ending.account.approvals.size, kills)
      assert.include(ending.runs, "end r")
      assert.isAtLeast(ending.replayed.decisions, kills)
    }).pipe(Effect.scoped),
  180_000,
)
