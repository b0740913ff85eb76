/** What was approved is done at most once, over restarts too; what runs is what was approved; a pause stops it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, symlinkSync, unlinkSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { until } from "../cli/claws.ts"
import { asksAgain, boot, disk, ended, place, write } from "./loopWorld.ts"

const started = (row: Suggestion, index: number): EventDraft =>
  draft(
    "tool.started",
    {
      suggestion: row.id,
      call: `${row.id}#${index}`,
      tool: row.actions[index]!.tool,
      input: row.actions[index]!.input,
      commands: [],
      sandbox: "not-needed",
      digest: row.actions[index]!.digest,
      undo: { possible: true, reason: null, before: [], refs: {} },
    },
    { actor: "claw", workspace: row.workspace, correlationId: row.id },
  )

const finished = (row: Suggestion, index: number): EventDraft =>
  draft(
    "tool.finished",
    {
      suggestion: row.id,
      call: `${row.id}#${index}`,
      ok: true,
      exit: null,
      output: { head: "", tail: "", bytes: 0, blob: null },
      durationMs: 1,
      after: [],
      refs: {},
    },
    { actor: "claw", workspace: row.workspace, correlationId: row.id },
  )

describe("an approved suggestion", () => {
  it.live("runs its actions in order, each started durably before it runs and followed by its end", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("a.txt", "one"), write("a.txt", "two"))
      yield* loop.approve("s_1")
      const row = yield* loop.rowWhen("s_1", ended)
      assert.strictEqual(row.state, "done")
      assert.isTrue(row.undoable)
      assert.strictEqual(at.read("a.txt"), "two")
      const events = yield* loop.events("approval.approved", "tool.started", "tool.finished")
      assert.deepStrictEqual(
        events.map(({ type, payload }) => [type, "call" in payload ? payload.call : null]),
        [
          ["approval.approved", null],
          ["tool.started", "s_1#0"],
          ["tool.finished", "s_1#0"],
          ["tool.started", "s_1#1"],
          ["tool.finished", "s_1#1"],
        ],
      )
      assert.strictEqual(events[1]?.causationId, events[0]?.id)
      assert.strictEqual(events[2]?.causationId, events[1]?.id)
    }).pipe(Effect.scoped),
  )

  it.live("stops at the first action that fails, and says which", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest(
        "s_1",
        write("there", "a file, no folder"),
        write("there/b.txt", "two"),
        write("c.txt", "three"),
      )
      yield* loop.approve("s_1")
      const row = yield* loop.rowWhen("s_1", ended)
      assert.strictEqual(row.state, "failed")
      assert.deepStrictEqual(readdirSync(at.workspace), ["there"])
      const failed = yield* loop.events("tool.failed")
      assert.deepStrictEqual(
        failed.map(({ payload }) => "call" in payload && payload.call),
        ["s_1#1"],
      )
      assert.isTrue(row.undoable, "what was done can be taken back")
    }).pipe(Effect.scoped),
  )
})

describe("a restart", () => {
  const interrupted = (name: string, before: (row: Suggestion) => ReadonlyArray<EventDraft>, call: string) =>
    it.live(name, () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend, { executor: false })
        const row = yield* first.suggest("s_1", write("a.txt", "one"), write("b.txt", "two"))
        yield* first.append(yield* first.approval("s_1"), ...before(row))
        yield* first.crash

        const second = yield* boot(at, backend)
        const end = yield* second.rowWhen("s_1", ended)
        assert.strictEqual(end.state, "failed")
        assert.match(end.note ?? "", /not run again/)
        const failures = yield* second.events("tool.failed")
        assert.lengthOf(failures, 1)
        assert.deepInclude(failures[0]!.payload, { call, reason: "interrupted" })
        assert.deepStrictEqual(readdirSync(at.workspace), [], "nothing was run")
        yield* second.crash

        const third = yield* boot(at, backend)
        const again = yield* Effect.flip(third.approve("s_1"))
        assert.strictEqual(again.reason, "stale")
        assert.lengthOf(yield* third.events("tool.failed"), 1, "it is said once")
      }).pipe(Effect.scoped),
    )

  interrupted("after the approval, before the start: it is not run", () => [], "s_1#0")
  interrupted("after the start, before the end: it is not run twice", (row) => [started(row, 0)], "s_1#0")
  interrupted(
    "between two actions: the second one is not run",
    (row) => [started(row, 0), finished(row, 0)],
    "s_1#1",
  )

  it.live("leaves what had ended, and what waits, as it was", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const first = yield* boot(at, backend)
      yield* first.suggest("s_1", write("a.txt", "one"))
      yield* first.suggest("s_2", write("b.txt", "two"))
      yield* first.approve("s_1")
      yield* first.rowWhen("s_1", ended)
      yield* first.crash
      const second = yield* boot(at, backend)
      assert.strictEqual((yield* second.row("s_1")).state, "done")
      assert.strictEqual((yield* second.row("s_2")).state, "pending")
      yield* second.approve("s_2")
      assert.strictEqual((yield* second.rowWhen("s_2", ended)).state, "done")
      assert.strictEqual(at.read("b.txt"), "two")
    }).pipe(Effect.scoped),
  )
})

describe("at most once", () => {
  it.live("a second approval of the same suggestion in the log runs nothing again", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("a.txt", "one"))
      yield* loop.approve("s_1")
      yield* loop.rowWhen("s_1", ended)
      at.write("a.txt", "the user's own by now")
      yield* loop.append(yield* loop.approval("s_1"))
      yield* until(
        "it was refused",
        Effect.map(loop.events("tool.failed"), (found) => found.length > 0),
      )
      assert.strictEqual(at.read("a.txt"), "the user's own by now")
      assert.lengthOf(yield* loop.events("tool.started"), 1)
    }).pipe(Effect.scoped),
  )
})

describe("what changed between approval and run", () => {
  it.live("is seen: a path that leads elsewhere now is refused", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const loop = yield* boot(at, backend, { executor: false })
      at.write("real.txt", "x")
      yield* loop.suggest("s_1", write("real.txt", "one"))
      const approval = yield* loop.approval("s_1")
      yield* loop.crash
      unlinkSync(join(at.workspace, "real.txt"))
      symlinkSync("/etc/hostname", join(at.workspace, "real.txt"))
      const again = yield* boot(at, backend)
      yield* again.append(approval)
      const row = yield* again.rowWhen("s_1", asksAgain)
      assert.match(row.note ?? "", /changed since it was approved|denied by/)
      assert.lengthOf(yield* again.events("tool.started"), 0)
    }).pipe(Effect.scoped),
  )
})

describe("the kill switch", () => {
  it.live(
    "stops what runs, with its processes, and starts nothing until it is released",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
        yield* loop.suggest("s_1", {
          tool: "bash",
          input: { command: "touch ran; sleep 30; touch ended" },
        })
        yield* loop.suggest("s_2", write("b.txt", "two"))
        yield* loop.approve("s_1")
        yield* until("it runs", () => existsSync(join(at.workspace, "ran")))
        yield* loop.executor.hold
        const row = yield* loop.rowWhen("s_1", ended)
        assert.strictEqual(row.state, "failed")
        assert.deepInclude((yield* loop.events("tool.failed"))[0]!.payload, { reason: "stopped" })
        assert.isFalse(existsSync(join(at.workspace, "ended")))

        yield* loop.approve("s_2")
        const held = yield* loop.rowWhen("s_2", asksAgain)
        assert.match(held.note ?? "", /paused/)
        assert.isFalse(existsSync(join(at.workspace, "b.txt")))

        yield* loop.executor.release
        yield* loop.approve("s_2")
        assert.strictEqual((yield* loop.rowWhen("s_2", ended)).state, "done")
        yield* loop.suggest("s_3", write("c.txt", "three"))
        yield* loop.approve("s_3")
        assert.strictEqual((yield* loop.rowWhen("s_3", ended)).state, "done")
      }).pipe(Effect.scoped),
    60_000,
  )
})

it.live("without a sandbox a command runs only after an approval that says so", () =>
  Effect.gen(function* () {
    const loop = yield* boot(yield* place)
    const command = { tool: "bash", input: { command: "echo hello > made.txt" } }
    yield* loop.suggest("s_1", command)
    const refused = yield* Effect.flip(loop.approve("s_1"))
    assert.strictEqual(refused.reason, "stale")
    assert.match(refused.message, /without a sandbox/)
    yield* loop.answers.approve("s_1", { ...(yield* loop.shown("s_1")), unsandboxed: true }, "cli")
    assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
  }).pipe(Effect.scoped),
)

it.live("a disk that is full when the start is to be logged: nothing runs until it was logged", () =>
  Effect.gen(function* () {
    const at = yield* place
    const state = disk()
    const loop = yield* boot(at, memoryBackend(), { disk: state })
    yield* loop.suggest("s_1", write("a.txt", "one"))
    state.only = "tool.started"
    state.refuses = "No space left on device"
    yield* loop.approve("s_1")
    yield* until("it tried again to log the start", () => state.tried > 1)
    assert.isFalse(existsSync(join(at.workspace, "a.txt")))
    state.refuses = null
    assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
    assert.strictEqual(at.read("a.txt"), "one")
  }).pipe(Effect.scoped),
)
