/** What the user did since: never overwritten; kept, or merged where both go together, as a person says. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { until } from "../cli/claws.ts"
import { boot, ended, place, write, type Loop, type Place } from "./loopWorld.ts"

const lines = (...changed: ReadonlyArray<readonly [number, string]>): string =>
  Array.from({ length: 9 }, (_, n) => changed.find(([at]) => at === n)?.[1] ?? `line ${n}`).join("\n") + "\n"

/** One suggestion that changed line 1 of `a.txt` and made `b.txt`. */
const changed = (at: Place, loop: Loop) =>
  Effect.gen(function* () {
    at.write("a.txt", lines())
    yield* loop.suggest("s_1", write("a.txt", lines([1, "claw's"])), write("b.txt", "made"))
    yield* loop.approve("s_1")
    yield* loop.rowWhen("s_1", ended)
  })

describe("a conflict of an undo", () => {
  it.live("names each file with the three sides, and nothing is touched", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* changed(at, loop)
      at.write("a.txt", lines([1, "claw's"], [7, "mine"]))
      const error = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
      const [conflict, ...more] = error.conflicts ?? []
      assert.lengthOf(more, 0)
      assert.strictEqual(conflict?.path, "a.txt")
      assert.strictEqual(conflict?.what, "edited")
      assert.isTrue(conflict?.mergeable)
      assert.match(conflict?.mine ?? "", /-line 7\n\+mine/)
      assert.match(conflict?.back ?? "", /-claw's\n\+line 1/)
      assert.match(conflict?.merged ?? "", /-claw's\n\+line 1/)
      assert.notMatch(conflict?.merged ?? "", /line 7\n\+/)
      assert.strictEqual(at.read("a.txt"), lines([1, "claw's"], [7, "mine"]))
      const [refused] = yield* loop.events("tool.undo-refused")
      assert.deepStrictEqual(refused?.type === "tool.undo-refused" && refused.payload.conflicts, ["a.txt"])
      // the newer call had no conflict: that much was taken back, and the rest can still be
      assert.isFalse(existsSync(join(at.workspace, "b.txt")))
    }).pipe(Effect.scoped),
  )

  it.live("merged: the call's change goes, mine stays, and the log says so", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* changed(at, loop)
      at.write("a.txt", lines([1, "claw's"], [7, "mine"]))
      const row = yield* loop.answers.undo("s_1", "cli", { stance: "merge" })
      assert.strictEqual(row.state, "undone")
      assert.strictEqual(at.read("a.txt"), lines([7, "mine"]))
      const undone = yield* loop.events("tool.undone")
      const merged = undone.flatMap((event) => (event.type === "tool.undone" ? [event.payload.merged] : []))
      assert.deepStrictEqual(merged, [undefined, ["a.txt"]])
      const asked = (yield* loop.events("approval.undo")).at(-1)
      assert.deepStrictEqual(asked?.type === "approval.undo" && asked.payload.choice, { stance: "merge" })
    }).pipe(Effect.scoped),
  )

  it.live("where both changed the same lines there is no merge, only to keep or to stop", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* changed(at, loop)
      at.write("a.txt", lines([1, "mine, over claw's"]))
      const error = yield* Effect.flip(loop.answers.undo("s_1", "cli", { stance: "merge" }))
      assert.isFalse(error.conflicts?.[0]?.mergeable)
      assert.strictEqual(at.read("a.txt"), lines([1, "mine, over claw's"]))
      const row = yield* loop.answers.undo("s_1", "cli", { stance: "stop", paths: { "a.txt": "keep" } })
      assert.strictEqual(row.state, "undone")
      assert.strictEqual(at.read("a.txt"), lines([1, "mine, over claw's"]))
      const undone = (yield* loop.events("tool.undone")).at(-1)
      assert.deepStrictEqual(undone?.type === "tool.undone" && undone.payload.kept, ["a.txt"])
    }).pipe(Effect.scoped),
  )

  it.live("a file of mine in a folder the call made stays, with the folder", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* loop.suggest("s_1", write("new/deep/a.txt", "made"))
      yield* loop.approve("s_1")
      yield* loop.rowWhen("s_1", ended)
      at.write("new/mine.txt", "precious")
      const error = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
      assert.strictEqual(error.conflicts?.[0]?.what, "in-the-way")
      assert.isTrue(existsSync(join(at.workspace, "new/deep/a.txt")))
      yield* loop.answers.undo("s_1", "cli", { stance: "keep" })
      assert.deepStrictEqual(readdirSync(join(at.workspace, "new")), ["mine.txt"])
    }).pipe(Effect.scoped),
  )

  it.live("what was removed or replaced since stays so; what is as before already is no conflict", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* changed(at, loop)
      rmSync(join(at.workspace, "a.txt"))
      const gone = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
      assert.deepStrictEqual(
        gone.conflicts?.map(({ mergeable, what }) => [what, mergeable]),
        [["removed", false]],
      )
      at.write("a.txt", lines())
      assert.strictEqual((yield* loop.answers.undo("s_1", "cli")).state, "undone")
      assert.strictEqual(at.read("a.txt"), lines())
    }).pipe(Effect.scoped),
  )

  it.live("a file that was only touched since comes back: nobody's work is lost", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* changed(at, loop)
      utimesSync(join(at.workspace, "a.txt"), 1_700_000_000, 1_700_000_000)
      yield* loop.answers.undo("s_1", "cli")
      assert.strictEqual(at.read("a.txt"), lines())
    }).pipe(Effect.scoped),
  )
})

describe("an undo and what runs", () => {
  it.live(
    "waits for the workspace's turn, and says that it is taken where that lasts",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at)
        yield* changed(at, loop)
        const turn = loop.turns.in(at.workspace)
        yield* turn.take(1)
        const undoing = yield* Effect.forkChild(loop.answers.undo("s_1", "cli"), { startImmediately: true })
        yield* until("it was asked", () => true)
        assert.strictEqual(at.read("a.txt"), lines([1, "claw's"]))
        yield* turn.release(1)
        assert.strictEqual((yield* Fiber.join(undoing)).state, "undone")
        assert.strictEqual(at.read("a.txt"), lines())
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "takes back what a command did, and neither what I saved before it began nor files it cannot write",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
        at.write("a.txt", "before")
        at.write("package.json", "{}")
        at.write(".npmrc", "mine")
        const command =
          "touch running; until test -e go; do sleep 0.02; done; echo claw > a.txt; echo n > new.txt"
        yield* loop.suggest("s_1", { tool: "bash", input: { command } })
        yield* loop.approve("s_1")
        yield* until("it runs", () => existsSync(join(at.workspace, "running")))
        at.write(".npmrc", "mine, changed while it ran")
        at.write("go", "")
        assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
        const finished = (yield* loop.events("tool.finished")).at(-1)
        const paths = finished?.type === "tool.finished" ? finished.payload.after.map(({ path }) => path) : []
        assert.notInclude(paths, join(at.workspace, ".npmrc"))
        yield* loop.answers.undo("s_1", "cli")
        assert.strictEqual(at.read("a.txt"), "before")
        assert.strictEqual(at.read(".npmrc"), "mine, changed while it ran")
        assert.isFalse(existsSync(join(at.workspace, "new.txt")))
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "a file that changed in the run and again after it is a conflict",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const loop = yield* boot(at, memoryBackend(), { sandboxed: true })
        at.write("a.txt", lines())
        yield* loop.suggest("s_1", {
          tool: "bash",
          input: { command: "sed -i 's/line 1/claw/' a.txt; echo x > b.txt" },
        })
        yield* loop.approve("s_1")
        assert.strictEqual((yield* loop.rowWhen("s_1", ended)).state, "done")
        at.write("a.txt", lines([1, "claw"], [8, "mine"]))
        const before = statSync(join(at.workspace, "b.txt"), { bigint: true })
        const error = yield* Effect.flip(loop.answers.undo("s_1", "cli"))
        assert.deepStrictEqual(
          error.conflicts?.map(({ path }) => path),
          ["a.txt"],
        )
        assert.strictEqual(statSync(join(at.workspace, "b.txt"), { bigint: true }).mtimeNs, before.mtimeNs)
        yield* loop.answers.undo("s_1", "cli", { stance: "merge" })
        assert.strictEqual(at.read("a.txt"), lines([8, "mine"]))
        assert.isFalse(existsSync(join(at.workspace, "b.txt")))
      }).pipe(Effect.scoped),
    60_000,
  )
})
