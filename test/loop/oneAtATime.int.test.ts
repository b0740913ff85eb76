/** Two approved suggestions of one workspace do not run at once: each one's undo takes back its own work only. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { until } from "../cli/claws.ts"
import { asksAgain, boot, ended, place, write } from "./loopWorld.ts"

it.live(
  "what is approved while another runs waits for it, and stays when that is taken back",
  () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
      const command = "touch ran; until test -e go; do sleep 0.02; done; touch done"
      yield* loop.suggest("s_1", { tool: "bash", input: { command } })
      yield* loop.suggest("s_2", write("b.txt", "two"))
      yield* loop.approve("s_1")
      yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
      yield* loop.approve("s_2")
      at.write("go", "")
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
      assert.strictEqual((yield* loop.rowWhen("s_2", ended)).state, "done")
      const order = (yield* loop.events("tool.started", "tool.finished")).map(
        (event) => `${event.type} ${event.correlationId}`,
      )
      assert.deepStrictEqual(order, [
        "tool.started s_1",
        "tool.finished s_1",
        "tool.started s_2",
        "tool.finished s_2",
      ])
      yield* loop.answers.undo("s_1", "cli")
      assert.isFalse(existsSync(join(at.workspace, "done")))
      assert.strictEqual(at.read("b.txt"), "two")
    }).pipe(Effect.scoped),
  60_000,
)

it.live(
  "the kill switch also stops what only waits, which is a question again",
  () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
      yield* loop.suggest("s_1", { tool: "bash", input: { command: "touch ran; sleep 30" } })
      yield* loop.suggest("s_2", write("b.txt", "two"))
      yield* loop.approve("s_1")
      yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
      yield* loop.approve("s_2")
      yield* loop.executor.hold
      assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "failed")
      assert.match((yield* loop.rowWhen("s_2", asksAgain)).note ?? "", /stopped|paused/)
      assert.isFalse(existsSync(join(at.workspace, "b.txt")))
    }).pipe(Effect.scoped),
  60_000,
)
