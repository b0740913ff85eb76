/** A stretch of the log taken back: shown first, newest first, up to the first that cannot. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { stop } from "../../src/domain/undoConflict.ts"
import { draft } from "../../src/domain/event.ts"
import { boot, ended, place, write, type Loop, type Place } from "./loopWorld.ts"

const done = (
  loop: Loop,
  id: string,
  ...actions: Parameters<Loop["suggest"]> extends [string, ...infer A] ? A : never
) =>
  Effect.gen(function* () {
    yield* loop.suggest(id, ...actions)
    yield* loop.approve(id)
    yield* loop.rowWhen(id, ended)
  })

/** Three suggestions over one file, the middle one also makes another. */
const story = (at: Place, loop: Loop) =>
  Effect.gen(function* () {
    at.write("a.txt", "zero")
    yield* done(loop, "s_1", write("a.txt", "one"))
    yield* done(loop, "s_2", write("a.txt", "two"), write("b.txt", "made"))
    yield* done(loop, "s_3", write("a.txt", "three"))
  })
const calls = (steps: ReadonlyArray<{ readonly call: string }>) => steps.map(({ call }) => call)

describe("a range", () => {
  it.live("is planned newest first, each call as it will be once the newer ones are back", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* story(at, loop)
      const steps = yield* loop.ranges.plan({ from: 1 })
      assert.deepStrictEqual(calls(steps), ["s_3#0", "s_2#1", "s_2#0", "s_1#0"])
      assert.isTrue(steps.every(({ conflicts, refusal }) => conflicts.length === 0 && refusal === null))
      assert.deepStrictEqual(steps[1]?.paths, ["b.txt"])
      assert.strictEqual(steps[0]?.title, "write_file: a.txt")
      assert.strictEqual(at.read("a.txt"), "three")
      const report = yield* loop.ranges.undo({ from: 1 }, calls(steps), stop, "cli")
      assert.isNull(report.stopped)
      assert.deepStrictEqual(report.undone, calls(steps))
      assert.strictEqual(at.read("a.txt"), "zero")
      assert.isFalse(existsSync(join(at.workspace, "b.txt")))
      for (const id of ["s_1", "s_2", "s_3"]) assert.strictEqual((yield* loop.row(id)).state, "undone")
      assert.deepStrictEqual(yield* loop.ranges.plan({ from: 1 }), [])
    }).pipe(Effect.scoped),
  )

  it.live("from one suggestion to another, by seq, by time, or one workspace's only", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* story(at, loop)
      const [, second] = (yield* loop.events("tool.started")).map(({ at: time, seq }) => ({ time, seq }))
      const plan = (range: Parameters<Loop["ranges"]["plan"]>[0]) =>
        Effect.map(loop.ranges.plan(range), calls)
      assert.deepStrictEqual(yield* plan({ between: { first: "s_3", last: "s_2" } }), [
        "s_3#0",
        "s_2#1",
        "s_2#0",
      ])
      assert.deepStrictEqual(yield* plan({ to: second!.seq }), ["s_2#0", "s_1#0"])
      assert.deepStrictEqual(yield* plan({ suggestion: "s_1" }), ["s_1#0"])
      assert.include(yield* plan({ since: Date.parse(second!.time) }), "s_3#0")
      assert.deepStrictEqual(yield* plan({ from: 1, workspace: "/elsewhere" }), [])
      const error = yield* Effect.flip(loop.ranges.plan({ between: { first: "s_9", last: "s_1" } }))
      assert.strictEqual(error.reason, "no-such")
    }).pipe(Effect.scoped),
  )

  it.live("stops at the first conflict, says where, and leaves what is older alone", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* story(at, loop)
      at.write("b.txt", "mine")
      const steps = yield* loop.ranges.plan({ from: 1 })
      assert.deepStrictEqual(
        steps.map(({ conflicts }) => conflicts.map(({ path }) => path)),
        [[], ["b.txt"], [], []],
      )
      const report = yield* loop.ranges.undo({ from: 1 }, calls(steps), stop, "cli")
      assert.deepStrictEqual(report.undone, ["s_3#0"])
      assert.strictEqual(report.stopped?.call, "s_2#1")
      assert.strictEqual(at.read("a.txt"), "two")
      assert.strictEqual(at.read("b.txt"), "mine")
      const rest = yield* loop.ranges.plan({ from: 1 })
      const kept = yield* loop.ranges.undo({ from: 1 }, calls(rest), { stance: "keep" }, "cli")
      assert.deepStrictEqual([kept.stopped, kept.kept], [null, ["b.txt"]])
      assert.strictEqual(at.read("a.txt"), "zero")
      assert.strictEqual(at.read("b.txt"), "mine")
    }).pipe(Effect.scoped),
  )

  it.live("is asked again where something was done there since it was shown", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* story(at, loop)
      const shown = calls(yield* loop.ranges.plan({ from: 1 }))
      yield* done(loop, "s_4", write("c.txt", "later"))
      const error = yield* Effect.flip(loop.ranges.undo({ from: 1 }, shown, stop, "cli"))
      assert.strictEqual(error.reason, "stale")
      assert.strictEqual(at.read("a.txt"), "three")
    }).pipe(Effect.scoped),
  )

  it.live("says which commands of the user's own ran meanwhile", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      yield* story(at, loop)
      const [start] = yield* loop.events("tool.started")
      const command = {
        command: "vim a.txt",
        cwd: at.workspace,
        exit: 0,
        durationMs: 5,
        shell: "bash" as const,
        session: "bash-1-1",
        authorKind: "user" as const,
        startedAt: new Date(Date.parse(start!.at) - 1000).toISOString(),
        position: { file: "spool", offset: 1 },
      }
      yield* loop.append(
        draft("terminal.command", command, {
          actor: "source:terminal",
          workspace: at.workspace,
          trust: "untrusted",
        }),
      )
      const [step] = yield* loop.ranges.plan({ suggestion: "s_1" })
      assert.deepStrictEqual(step?.meanwhile, ["vim a.txt"])
    }).pipe(Effect.scoped),
  )
})

it.live("a range and a single undo at once take each call back once", () =>
  Effect.gen(function* () {
    const at = yield* place
    const loop = yield* boot(at)
    yield* story(at, loop)
    const shown = calls(yield* loop.ranges.plan({ from: 1 }))
    yield* Effect.all(
      [
        Effect.ignore(loop.ranges.undo({ from: 1 }, shown, stop, "cli")),
        Effect.ignore(loop.answers.undo("s_3", "tui")),
        Effect.ignore(loop.ranges.undo({ from: 1 }, shown, stop, "cli")),
      ],
      { concurrency: "unbounded" },
    )
    const undone = (yield* loop.events("tool.undone")).map(
      (event) => event.type === "tool.undone" && event.payload.call,
    )
    assert.include(undone, "s_3#0")
    assert.strictEqual(new Set(undone).size, undone.length)
  }).pipe(Effect.scoped),
)
