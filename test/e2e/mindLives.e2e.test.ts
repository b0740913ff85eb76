/** The work of models, cut off: daemon, client and both killed at random points. The long form is `build/minds.ts`. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mindLives } from "./mindLives.ts"

const kills = 6

it.live(
  `does nothing twice and loses nothing over ${kills} kills of the daemon and its clients`,
  () =>
    Effect.gen(function* () {
      const lives = yield* mindLives({ kills, seed: 3, only: "policy" })
      assert.deepStrictEqual(lives.broken, [])
      // the kills fell into work: it asked models and changed things
      assert.isAtLeast(lives.effects.commits, 1)
      assert.isAtLeast(lives.requests, kills)
    }).pipe(Effect.scoped),
  180_000,
)
