/** The clock of a throw-away world: who sleeps wakes at his time, in order, however far it jumps. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { StoryClock } from "../../../src/daemon/story/StoryClock.ts"

const hour = 3_600_000

describe("a story's clock", () => {
  it.live("wakes those whose time a jump passes, earliest first, and no others", () =>
    Effect.gen(function* () {
      const clock = new StoryClock()
      const woken: Array<string> = []
      const sleeper = (name: string, ms: number) =>
        Effect.sleep(ms).pipe(
          Effect.andThen(Effect.sync(() => void woken.push(name))),
          Effect.provideService(Clock.Clock, clock),
          Effect.forkChild,
        )
      const late = yield* sleeper("late", 3 * hour)
      const second = yield* sleeper("second", 2 * hour)
      const first = yield* sleeper("first", hour)
      yield* Effect.yieldNow
      assert.isTrue(clock.wakesWithin(hour))
      assert.isFalse(clock.wakesWithin(hour / 2))
      const before = clock.currentTimeMillisUnsafe()
      clock.advanceTo(before + 2.5 * hour)
      yield* Fiber.join(first)
      yield* Fiber.join(second)
      assert.deepStrictEqual(woken, ["first", "second"])
      assert.isAtLeast(clock.currentTimeMillisUnsafe(), before + 2.5 * hour)
      clock.advanceTo(before)
      assert.isAtLeast(clock.currentTimeMillisUnsafe(), before + 2.5 * hour)
      clock.advanceTo(before + 4 * hour)
      yield* Fiber.join(late)
      assert.isFalse(clock.wakesWithin(100 * hour))
    }),
  )

  it.live("runs as the system's does between jumps, and forgets who was interrupted", () =>
    Effect.gen(function* () {
      const clock = new StoryClock()
      clock.advanceTo(clock.currentTimeMillisUnsafe() + hour)
      // so that the loop's own time, from which Node counts, lies behind the clock's
      for (const until = performance.now() + 5; performance.now() < until;);
      const from = clock.monotonicTimeNanosUnsafe()
      yield* Effect.provideService(Effect.sleep(20), Clock.Clock, clock)
      assert.isAtLeast(Number(clock.monotonicTimeNanosUnsafe() - from), 20_000_000)
      const fiber = yield* Effect.sleep(hour).pipe(
        Effect.provideService(Clock.Clock, clock),
        Effect.forkChild,
      )
      yield* Effect.yieldNow
      assert.isTrue(clock.wakesWithin(2 * hour))
      yield* Fiber.interrupt(fiber)
      assert.isFalse(clock.wakesWithin(2 * hour))
    }),
  )

  it("says of a time that the system wrote down what was shown here then", () => {
    const clock = new StoryClock()
    const before = Date.now() - 1
    assert.strictEqual(clock.outside(before), before)
    clock.advanceTo(Date.now() + hour)
    const shown = clock.currentTimeMillisUnsafe()
    assert.strictEqual(clock.outside(before), before)
    assert.isAtMost(Math.abs(clock.outside(Date.now()) - shown), 1_000)
    clock.advanceTo(shown + hour)
    assert.strictEqual(clock.outside(before), before)
    assert.isAtLeast(clock.outside(Date.now()), shown + hour)
  })
})
