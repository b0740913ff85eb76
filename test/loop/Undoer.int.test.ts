/** Undo through the log: newest first, over restarts, once, never over what changed since. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { chmodSync, existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { boot, ended, place, write } from "./loopWorld.ts"

describe("undo", () => {
  it.live("restores bytes, mode and time, newest action first, also after a restart", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      at.write("a.txt", "before")
      const file = join(at.workspace, "a.txt")
      chmodSync(file, 0o640)
      const old = statSync(file, { bigint: true })
      const first = yield* boot(at, backend)
      yield* first.suggest("s_1", write("a.txt", "one"), write("a.txt", "two"), write("new.txt", "three"))
      yield* first.approve("s_1")
      assert.strictEqual((yield* first.rowWhen("s_1", ended)).state, "done")
      assert.strictEqual(at.read("a.txt"), "two")
      yield* first.crash

      const second = yield* boot(at, backend)
      const row = yield* second.answers.undo("s_1", "cli")
      assert.strictEqual(row.state, "undone")
      assert.strictEqual(at.read("a.txt"), "before")
      assert.isFalse(existsSync(join(at.workspace, "new.txt")))
      const now = statSync(file, { bigint: true })
      assert.deepStrictEqual([now.mode, now.mtimeNs], [old.mode, old.mtimeNs])
      const undone = yield* second.events("tool.undone")
      assert.deepStrictEqual(
        undone.map(({ payload }) => "call" in payload && payload.call),
        ["s_1#2", "s_1#1", "s_1#0"],
      )
      const again = yield* Effect.flip(second.answers.undo("s_1", "cli"))
      assert.strictEqual(again.reason, "stale")
    }).pipe(Effect.scoped),
  )

  it.live("is refused where the file changed since, and leaves it alone", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      at.write("a.txt", "before")
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.approve("s_1")
      yield* loop.rowWhen("s_1", ended)
      at.write("a.txt", "the user's own")
      const error = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
      assert.strictEqual(error.reason, "refused")
      assert.include(error.message, "a.txt")
      assert.strictEqual(at.read("a.txt"), "the user's own")
      assert.lengthOf(yield* loop.events("tool.undo-refused"), 1)
      const row = yield* loop.row("s_1")
      assert.strictEqual(row.state, "done")
      assert.match(row.note ?? "", /cannot be taken back/)
    }).pipe(Effect.scoped),
  )

  it.live("asked ten times at once, is done once; nothing is said to be refused that was done", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      at.write("a.txt", "before")
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.approve("s_1")
      yield* loop.rowWhen("s_1", ended)
      const { lastSeq } = yield* loop.row("s_1")
      const undo = Effect.result(loop.answers.undo("s_1", "cli"))
      const underWay = loop.rowWhen("s_1", (row) => row.lastSeq > lastSeq)
      const results = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, n) => n),
        (n) => (n < 5 ? undo : Effect.andThen(underWay, undo)),
        { concurrency: "unbounded" },
      )
      assert.strictEqual(at.read("a.txt"), "before")
      assert.lengthOf(results.filter(Result.isSuccess), 1)
      assert.lengthOf(yield* loop.events("tool.undone"), 1)
      assert.lengthOf(yield* loop.events("tool.undo-refused"), 0)
      const row = yield* loop.row("s_1")
      assert.strictEqual(row.state, "undone")
      assert.strictEqual(row.note, "taken back")
    }).pipe(Effect.scoped),
  )

  it.live("takes back what a failed suggestion had done before it failed", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
      const failing = { tool: "bash", input: { command: "test -e nowhere" } }
      yield* loop.suggest("s_1", write("a.txt", "one"), failing)
      yield* loop.approve("s_1")
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "failed")
      assert.strictEqual((yield* loop.answers.undo("s_1", "cli")).state, "undone")
      assert.isFalse(existsSync(join(at.workspace, "a.txt")))
    }).pipe(Effect.scoped),
  )

  it.live("of what does nothing to take back says so", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      at.write("a.txt", "x")
      yield* loop.suggest("s_1", { tool: "read_file", input: { path: "a.txt" } })
      yield* loop.approve("s_1")
      const row = yield* loop.rowWhen("s_1", ended)
      assert.strictEqual(row.state, "done")
      assert.isFalse(row.undoable)
      const error = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
      assert.include(["stale", "refused"], error.reason)
      assert.match(error.message, /nothing/)
    }).pipe(Effect.scoped),
  )
})
