/** A disk that takes nothing holds up neither the kill switch nor a stop; an approval in a daemon's first moment runs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { until } from "../cli/claws.ts"
import { boot, disk, ended, place, write } from "./loopWorld.ts"

describe("while the disk takes nothing", () => {
  it.live("the kill switch answers, and what waited for the disk does not run when it is mended", () =>
    Effect.gen(function* () {
      const at = yield* place
      const state = disk()
      const loop = yield* boot(at, memoryBackend(), { disk: state })
      yield* loop.suggest("s_1", write("a.txt", "one"))
      Object.assign(state, { refuses: "no space", only: "tool.started", tried: 0 })
      yield* loop.approve("s_1")
      yield* until("its start was tried", () => state.tried > 0)
      yield* loop.executor.hold
      assert.isTrue(yield* loop.executor.isHeld)
      state.refuses = null
      const row = yield* loop.rowWhen("s_1", ended)
      assert.strictEqual(row.state, "failed")
      assert.isFalse(existsSync(join(at.workspace, "a.txt")))
    }).pipe(Effect.scoped),
  )

  it.live("an append that waits ends once nothing is to be waited for any more", () =>
    Effect.gen(function* () {
      const at = yield* place
      const state = disk()
      const loop = yield* boot(at, memoryBackend(), { disk: state, executor: false })
      state.refuses = "no space"
      const health = { component: "x", state: "running" as const, backend: null, detail: "" }
      const waiting = yield* Effect.forkChild(
        Effect.exit(loop.appender.append([draft("daemon.health", health, { actor: "daemon" })])),
      )
      yield* until("it was tried", () => state.tried > 0)
      yield* loop.appender.giveUp
      assert.isTrue(Exit.isFailure(yield* Fiber.join(waiting)))
    }).pipe(Effect.scoped),
  )
})

it.live("an approval that comes before the executor looks is run, not taken for one of an earlier life", () =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at, memoryBackend(), { executor: false })
    yield* loop.suggest("s_1", write("a.txt", "one"))
    yield* loop.approve("s_1")
    yield* Effect.forkScoped(loop.executor.run)
    assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
    assert.strictEqual(at.read("a.txt"), "one")
    assert.lengthOf(yield* loop.events("tool.started"), 1)
  }).pipe(Effect.scoped),
)
