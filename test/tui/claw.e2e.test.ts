/** The whole way, in a real terminal: a real daemon, a real repository, a secret staged, approved away, taken back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hasTmux, untilShown } from "./pane.ts"
import { stageSecret, world } from "./world.ts"

describe.skipIf(!hasTmux)("claw in a terminal", { timeout: 90_000 }, () => {
  it.live("sees a secret staged, unstages it on approval, takes that back, and lives through a restart", () =>
    Effect.gen(function* () {
      const shown = yield* world
      yield* stageSecret(shown)
      assert.include(shown.shot(), "urgent")
      shown.keys("a")
      yield* untilShown(
        shown,
        (shot) => shot.includes("are you sure?") || shot.includes("✓ Secret staged"),
        20,
      )
      if (shown.shot().includes("are you sure?")) {
        yield* Effect.sleep(200)
        shown.keys("y")
      }
      yield* untilShown(shown, "✓ Secret staged", 20)
      assert.strictEqual(shown.git("status", "--short").trim(), "?? cred.txt")
      shown.keys("u")
      yield* untilShown(shown, "↶ Secret staged", 20)
      assert.strictEqual(shown.git("status", "--short").trim(), "A  cred.txt")
      shown.keys("@")
      yield* untilShown(shown, (shot) => /evidence +git.staged/.test(shot))
      shown.keys("G")
      yield* untilShown(shown, "approval.approved")
      shown.claw("down")
      yield* untilShown(shown, "disconnected, retrying")
      yield* untilShown(shown, "the daemon is not running: start it with claw up")
      shown.claw("up")
      yield* untilShown(shown, "● watching", 20)
      shown.keys("C-c")
      yield* untilShown(shown, (shot) => !shot.includes("1 queue"))
      assert.strictEqual(shown.modes(), "0 1")
    }),
  )
})
