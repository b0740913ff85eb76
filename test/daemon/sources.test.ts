/** Which workspace a command belongs to, and whether it was watched by then. */
import { assert, it } from "@effect/vitest"
import { watchedThen } from "../../src/daemon/sources.ts"

const control = { workspaces: ["/w", "/w/inner"], since: { "/w": 10_400, "/w/inner": 20_000 } }

it("a command is its innermost watched folder's, if that was watched when it ended", () => {
  assert.strictEqual(watchedThen(control, "/w/src", 10_400), "/w")
  assert.strictEqual(watchedThen(control, "/w/inner/src", 30_000), "/w/inner")
  assert.strictEqual(watchedThen(control, "/elsewhere", 30_000), null)
  assert.strictEqual(watchedThen(control, "/wide", 30_000), null)
  assert.strictEqual(watchedThen(control, "/w", 10_399), null)
})
