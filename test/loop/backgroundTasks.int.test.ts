/** Commands that outlive their call, through gate, executor, log and undo. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { alive } from "../act/alive.ts"
import { until } from "../cli/claws.ts"
import { boot, ended, type Loop, place } from "./loopWorld.ts"

const background = (command: string): ToolCall => ({
  tool: "bash",
  input: { command, run_in_background: true },
})
const taskEnded = (loop: Loop) =>
  Effect.gen(function* () {
    for (;;) {
      const [event] = yield* loop.events("task.ended")
      if (event?.type === "task.ended") return event.payload
      yield* Effect.sleep("10 millis")
    }
  })

it.live("a background command is done at once, taken back only when it ended, and then wholly", () =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
    at.write("a.txt", "before")
    yield* loop.suggest(
      "s_1",
      background("echo one > a.txt; touch ran; until test -e go; do sleep 0.02; done; echo two > b.txt"),
    )
    yield* loop.approve("s_1")
    assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
    yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
    const early = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
    assert.match(early.message, /still runs in the background/)
    assert.strictEqual(at.read("a.txt"), "one\n")
    at.write("go", "")
    const end = yield* taskEnded(loop)
    assert.deepStrictEqual([end.reason, end.exit], ["exited", 0])
    const row = yield* loop.answers.undo("s_1", "cli")
    assert.strictEqual(row.state, "undone")
    assert.strictEqual(at.read("a.txt"), "before")
    assert.isFalse(existsSync(join(at.workspace, "b.txt")))
  }).pipe(Effect.scoped),
)

it.live("the kill switch stops it with all it started, and the log says why", () =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
    const mark = "31337.875"
    const command = `trap '' TERM; setsid sleep ${mark} & touch ran; while :; do sleep ${mark}; done`
    yield* loop.suggest("s_1", background(command))
    yield* loop.approve("s_1")
    yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
    yield* loop.stopWork.stop("paused")
    assert.deepStrictEqual(alive(mark), [])
    assert.strictEqual((yield* taskEnded(loop)).reason, "paused")
    assert.isTrue(yield* loop.executor.isHeld)
  }).pipe(Effect.scoped),
)
