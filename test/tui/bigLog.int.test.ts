/** A log of a million events: the screen holds little of it, asks for little, and stays on its feet while it grows. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mount } from "./mount.ts"
import { script } from "./samples.ts"

const million = 1_000_000

describe("a million events", () => {
  it.live("are walked by ranges, a screen's worth at a time", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([], { head: million }))
      yield* shown.until(`make step-${million}`)
      yield* shown.press("3", "g")
      yield* shown.until("make step-1 ")
      yield* shown.press("G", "k")
      yield* shown.until(`log ${million - 1} of ${million}`)
      for (let page = 0; page < 40; page++) yield* shown.press("\u0015")
      yield* shown.until((text) => !/^│ +\d+ ·/m.test(text))
      const asked = shown
        .called("range")
        .reduce((count, [, from, to]) => count + Number(to) - Number(from) + 1, 0)
      assert.isAtMost(asked, 5_000)
    }),
  )

  it.live("come in by the thousand without a paint for each", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([], { head: million }))
      yield* shown.until(`make step-${million}`)
      const before = shown.written().length
      for (let burst = 0; burst < 60; burst++) {
        yield* shown.append(500)
        yield* Effect.sleep(1)
      }
      yield* shown.until(`make step-${million + 30_000}`)
      // what is written is bounded by frames of the screen, not by events
      assert.isBelow(shown.written().length - before, 30_000 * 4)
      assert.include(shown.text(), "⋯ live")
      yield* shown.press("3", "k")
      yield* shown.append(500)
      yield* shown.until(`log ${million + 29_999} of ${million + 30_500}`)
      assert.include(shown.text(), `make step-${million + 29_999}`)
    }),
  )

  it.live("are filtered from the newest on, and the matches grow with the log", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([], { head: 30_000 }))
      yield* shown.until("make step-30000")
      yield* shown.press("3", "/", ..."step-299", "\r")
      yield* shown.until("log /step-299 1")
      yield* shown.until("make step-29999")
      assert.notInclude(shown.text(), "step-30000")
      yield* shown.press("k")
      yield* shown.until("make step-29998")
      yield* shown.press("\u001b")
      yield* shown.until("make step-30000")
    }),
  )
})
