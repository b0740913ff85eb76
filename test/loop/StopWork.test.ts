/** The kill switch: what came to run while it was thrown is stopped with the rest, and models wait until it is released. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { LanguageServers } from "../../src/act/lsp/LanguageServers.ts"
import { Tasks } from "../../src/act/tasks/Tasks.ts"
import { Executor } from "../../src/loop/Executor.ts"
import { KillSwitch } from "../../src/model/KillSwitch.ts"
import { StopWork } from "../../src/loop/StopWork.ts"

it.effect("stops what started while calls were being held", () => {
  const running = new Set<string>()
  const stops = (what: string) => Effect.sync(() => void running.delete(what))
  // the last thing a call does before it is held is to start both
  const hold = Effect.yieldNow.pipe(
    Effect.andThen(Effect.sync(() => void running.add("a task").add("a language server"))),
  )
  const parts = Layer.mergeAll(
    Layer.mock(Executor, { hold }),
    Layer.mock(Tasks, { stopAll: () => stops("a task") }),
    KillSwitch.layer(Effect.succeed(false)),
    Layer.mock(LanguageServers, { stopAll: stops("a language server") }),
  )
  return Effect.gen(function* () {
    const { stop } = yield* StopWork
    yield* stop("paused")
    assert.deepStrictEqual([...running], [])
  }).pipe(Effect.provide(StopWork.layer.pipe(Layer.provide(parts))))
})

it.effect("holds models until it is released, also in a daemon that starts paused", () => {
  const parts = Layer.mergeAll(
    Layer.mock(Executor, { hold: Effect.void, release: Effect.void }),
    Layer.mock(Tasks, { stopAll: () => Effect.void }),
    Layer.mock(LanguageServers, { stopAll: Effect.void }),
  )
  const held = (wait: Effect.Effect<void>) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(wait, { startImmediately: true })
      const waits = fiber.pollUnsafe() === undefined
      yield* Fiber.interrupt(fiber)
      return waits
    })
  const test = (paused: boolean) =>
    Effect.gen(function* () {
      const { release, stop } = yield* StopWork
      const { released, thrown } = yield* KillSwitch
      assert.deepStrictEqual([yield* held(released), yield* held(thrown)], [paused, !paused])
      yield* stop("paused")
      assert.deepStrictEqual([yield* held(released), yield* held(thrown)], [true, false])
      yield* release
      assert.deepStrictEqual([yield* held(released), yield* held(thrown)], [false, true])
    }).pipe(
      Effect.provide(
        StopWork.layer.pipe(
          Layer.provide(parts),
          Layer.provideMerge(KillSwitch.layer(Effect.succeed(paused))),
        ),
      ),
    )
  return Effect.andThen(test(false), test(true))
})
