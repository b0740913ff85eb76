/** A tool run by hand in a real terminal with a real daemon: one the gate allows, one it asks about. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasTmux, untilShown } from "./pane.ts"
import { world } from "./world.ts"

describe.skipIf(!hasTmux)("running a tool in a terminal", { timeout: 90_000 }, () => {
  it.live("picks it, fills it in, hears the gate, and sees what it printed or answers for it", () =>
    Effect.gen(function* () {
      const shown = yield* world
      writeFileSync(join(shown.repository, "notes.txt"), "first line\nsecond line\n")
      shown.keys("!")
      yield* untilShown(shown, "run a tool", 20)
      yield* untilShown(shown, "apply_patch", 20)
      shown.keys("read_f")
      yield* untilShown(shown, "tool: read_f")
      shown.keys("Enter")
      yield* untilShown(shown, "path*")
      shown.keys("notes.txt")
      yield* untilShown(shown, "notes.txt")
      shown.keys("Enter")
      yield* untilShown(shown, "enter runs it", 20)
      shown.keys("Enter")
      yield* untilShown(shown, "second line", 20)
      assert.include(shown.shot(), "2 output")

      shown.keys("!")
      yield* untilShown(shown, "run a tool")
      shown.keys("write_f")
      yield* untilShown(shown, "tool: write_f")
      shown.keys("Enter")
      yield* untilShown(shown, "content*")
      shown.keys("made.txt")
      yield* untilShown(shown, "made.txt")
      shown.keys("Tab")
      yield* untilShown(shown, "▸ content*")
      shown.keys("hello")
      yield* untilShown(shown, "hello")
      shown.keys("Enter")
      yield* untilShown(shown, "into the queue", 20)
      shown.keys("Enter")
      yield* untilShown(shown, "Create made.txt", 20)
      assert.isFalse(existsSync(join(shown.repository, "made.txt")))
      // a key right after it came onto the screen answers nothing
      yield* Effect.sleep(300)
      shown.keys("a")
      yield* untilShown(shown, "✓ write_file: made.txt", 20)
      assert.strictEqual(readFileSync(join(shown.repository, "made.txt"), "utf8"), "hello")
      shown.keys("C-c")
      yield* untilShown(shown, (shot) => !shot.includes("1 queue"))
    }),
  )
})
