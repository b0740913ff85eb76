/** The kill switch is thrown while something starts: what came to run meanwhile is stopped with the rest. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LanguageServers } from "../../src/act/lsp/LanguageServers.ts"
import { Tasks } from "../../src/act/tasks/Tasks.ts"
import { Executor } from "../../src/loop/Executor.ts"
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
    Layer.mock(LanguageServers, { stopAll: stops("a language server") }),
  )
  return Effect.gen(function* () {
    const { stop } = yield* StopWork
    yield* stop("paused")
    assert.deepStrictEqual([...running], [])
  }).pipe(Effect.provide(StopWork.layer.pipe(Layer.provide(parts))))
})
