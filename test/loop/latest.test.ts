/** What clients are told of a changing value under a flood. */
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream, SubscriptionRef } from "effect"
import { latest } from "../../src/loop/latest.ts"

it.live(
  "a slow reader hears the first and the last of ten thousand changes, and next to nothing between",
  () =>
    Effect.gen(function* () {
      const ref = yield* SubscriptionRef.make(0)
      const began = yield* Deferred.make<void>()
      const flooded = yield* Deferred.make<void>()
      const heard: Array<number> = []
      const reader = yield* latest(ref).pipe(
        Stream.tap((value) => Effect.sync(() => heard.push(value))),
        Stream.tap(() => Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(flooded))),
        Stream.takeUntil((value) => value === 10_000),
        Stream.runDrain,
        Effect.forkChild,
      )
      yield* Deferred.await(began)
      for (let n = 1; n <= 10_000; n++) {
        yield* SubscriptionRef.set(ref, n)
        if (n % 100 === 0) yield* Effect.yieldNow
      }
      yield* Deferred.succeed(flooded, undefined)
      yield* Fiber.join(reader)
      assert.strictEqual(heard[0], 0)
      assert.strictEqual(heard.at(-1), 10_000)
      assert.isAtMost(heard.length, 4)
    }),
)
