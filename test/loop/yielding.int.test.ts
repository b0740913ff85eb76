/** A command that a conversation does not wait for: it goes on as a task, its end wakes the conversation, it is undone whole. */
import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { LogStore } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type EventOf } from "../../src/domain/event.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { TaskEnds } from "../../src/loop/TaskEnds.ts"
import { alive } from "../act/alive.ts"
import { until } from "../cli/claws.ts"
import { boot, ended, type Loop, place } from "./loopWorld.ts"
import { openedOf } from "./openedSession.ts"

const session = "c_0000000000000001"

const opened = (workspace: string) =>
  draft("session.opened", openedOf(session, { model: "local/one", cwd: workspace }), {
    actor: "user:cli",
    workspace,
    correlationId: session,
  })

const telling = (loop: Loop) =>
  Effect.gen(function* () {
    const given = Layer.mergeAll(
      Layer.succeed(LogStore, loop.store),
      Layer.succeed(Folds, loop.folds),
      Layer.succeed(Appender, loop.appender),
    )
    const context = yield* Layer.build(TaskEnds.layer.pipe(Layer.provide(given)))
    yield* Effect.forkScoped(Context.get(context, TaskEnds).run, { startImmediately: true })
  })

const first = <T extends "task.ended" | "session.said">(loop: Loop, type: T) =>
  loop.folds.follow(0).pipe(
    Stream.flattenIterable,
    Stream.filter((event) => event.type === type),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.orDie,
  ) as Effect.Effect<EventOf<T>>

const asked = (loop: Loop, workspace: string, id: string, command: string) =>
  loop.calls.request({
    id,
    workspace,
    actor: "user:cli",
    trust: "trusted",
    session,
    calls: [{ tool: "bash", input: { command } }],
  })

it.live("a long command goes on as a task, and its end is told once", () =>
  Effect.gen(function* () {
    const at = yield* place
    const backend = memoryBackend()
    const loop = yield* boot(at, backend, { sandboxed: true, blockingMs: 2_500 })
    yield* loop.append(opened(at.workspace))
    at.write("a.txt", "before")
    const id = "s_00000000000000a1"
    yield* asked(
      loop,
      at.workspace,
      id,
      "echo early; echo one > a.txt; touch ran; until test -e go; do sleep 0.02; done; echo late; exit 3",
    )
    yield* loop.approve(id)
    assert.strictEqual((yield* loop.rowWhen(id, ended)).state, "done")
    const [result] = yield* loop.calls.results(id)
    assert.match(result!.text, /goes on in the background as t_[0-9a-f]{12}/)
    assert.match(result!.text, /So far it printed:\nearly/)
    assert.isTrue(existsSync(join(at.workspace, "ran")))
    at.write("go", "")
    const end = yield* first(loop, "task.ended")
    assert.deepStrictEqual([end.payload.reason, end.payload.exit], ["exited", 3])
    assert.strictEqual(end.payload.output.head, "early\nlate\n")
    yield* telling(loop)
    const word = yield* first(loop, "session.said")
    assert.match(word.payload.text, /went on in the background, ended with exit 3/)
    assert.deepStrictEqual([word.trust, word.payload.surface], ["untrusted", null])
    // another start looks back, and tells nothing twice
    yield* telling(loop)
    yield* loop.append(draft("decision.tick", { dueMs: 1 }, { actor: "attention" }))
    assert.strictEqual((yield* loop.events("session.said")).length, 1)
    yield* loop.answers.undo(id, "cli")
    assert.strictEqual(at.read("a.txt"), "before")
  }).pipe(Effect.scoped),
)

it.live("a short one is waited for, and the kill switch ends one that went on", () =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at, memoryBackend(), { sandboxed: true, blockingMs: 2_000 })
    yield* loop.append(opened(at.workspace))
    const id = "s_00000000000000b1"
    yield* asked(loop, at.workspace, id, "echo done; exit 4 > b.txt")
    yield* loop.approve(id)
    yield* loop.rowWhen(id, ended)
    const [result] = yield* loop.calls.results(id)
    assert.deepStrictEqual([result!.exit, result!.text.trim()], [4, "done"])
    assert.strictEqual((yield* loop.events("task.started")).length, 0)

    const mark = "31337.625"
    const long = "s_00000000000000b2"
    yield* asked(loop, at.workspace, long, `touch ran; while :; do sleep ${mark}; done`)
    yield* loop.approve(long)
    yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
    yield* loop.rowWhen(long, ended)
    assert.strictEqual((yield* loop.events("task.started")).length, 1)
    yield* loop.stopWork.stop("paused")
    assert.deepStrictEqual(alive(mark), [])
    assert.strictEqual((yield* first(loop, "task.ended")).payload.reason, "paused")
  }).pipe(Effect.scoped),
)
