/** Undo through the log: newest first, over restarts, once, never over what changed since. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { chmodSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { recordUndo } from "../../src/act/recordUndo.ts"
import { defaultBounds } from "../../src/act/snapshot.ts"
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

describe("what a stop cut off", () => {
  it.live(
    "a command that was running: what it had done can be taken back, and it is said that this is not certain",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend, { executor: false })
        at.write("a.txt", "before")
        at.write("dir-file", "stays")
        const action = { tool: "bash", input: { command: "echo claw > a.txt; sleep 60" } }
        yield* first.suggest("s_1", action)
        const [approved] = yield* first.append(yield* first.approval("s_1"))
        const record = yield* recordUndo({
          workspace: at.workspace,
          paths: [at.workspace],
          git: true,
          bounds: defaultBounds,
          holdsSecret: () => false,
          beyond: null,
        })
        const start = {
          suggestion: "s_1",
          call: "s_1#0",
          ...action,
          commands: [],
          sandbox: "bubblewrap" as const,
          digest: "0".repeat(64),
          undo: record.undo,
        }
        const header = {
          actor: "claw",
          workspace: at.workspace,
          causationId: approved!.id,
          correlationId: "s_1",
        }
        yield* first.append({ ...draft("tool.started", start, header), blobs: record.blobs })
        at.write("a.txt", "claw")
        mkdirSync(join(at.workspace, "made"))
        at.write("made/b", "x")
        yield* first.crash

        const second = yield* boot(at, backend, { sandboxed: true })
        const row = yield* second.rowWhen("s_1", ended)
        assert.strictEqual(row.state, "failed")
        assert.isTrue(row.undoable)
        const [step] = yield* second.ranges.plan({ suggestion: "s_1" })
        assert.match(step?.unsure ?? "", /cut off/)
        assert.sameMembers([...(step?.paths ?? [])], ["a.txt", "made", "made/b"])
        assert.strictEqual((yield* second.answers.undo("s_1", "cli")).state, "undone")
        assert.strictEqual(at.read("a.txt"), "before")
        assert.isFalse(existsSync(join(at.workspace, "made")))
        assert.strictEqual(at.read("dir-file"), "stays")
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "an undo that was half-way: what it had moved is put back, it is said, and it can be asked for again",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const backend = memoryBackend()
        const first = yield* boot(at, backend)
        at.write("a.txt", "before")
        yield* first.suggest("s_1", write("a.txt", "one"))
        yield* first.approve("s_1")
        yield* first.rowWhen("s_1", ended)
        yield* first.append(
          draft(
            "approval.undo",
            { suggestion: "s_1", surface: "cli" },
            {
              actor: "user:cli",
              workspace: at.workspace,
              correlationId: "s_1",
            },
          ),
        )
        // as a kill between two renames leaves it: the file is aside, the old content not yet in place
        const stage = join(at.workspace, ".claw-undo~")
        mkdirSync(stage)
        const file = join(at.workspace, "a.txt")
        writeFileSync(join(stage, "0"), "before")
        renameSync(file, join(stage, "a0"))
        const ino = String(statSync(join(stage, "0"), { bigint: true }).ino)
        const move = { n: 0, path: file, stage, had: "file", mode: 0o644, becomes: "file", ino }
        writeFileSync(
          join(stage, "journal"),
          JSON.stringify({ v: 1, moves: [move], locks: [], stages: [stage] }),
        )
        yield* first.crash

        const second = yield* boot(at, backend)
        const row = yield* second.rowWhen("s_1", ({ note }) =>
          /Claw stopped while it was taken back/.test(note ?? ""),
        )
        assert.strictEqual(row.state, "done")
        assert.strictEqual(at.read("a.txt"), "one")
        assert.isFalse(existsSync(stage))
        yield* second.answers.undo("s_1", "cli")
        assert.strictEqual(at.read("a.txt"), "before")
      }).pipe(Effect.scoped),
  )
})
