/** Background commands for real: started, watched, stopped, bounded, and gone with the daemon. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import * as fs from "node:fs"
import { join } from "node:path"
import { mostRunning, taskIdOf, Tasks } from "../../../src/act/tasks/Tasks.ts"
import type { ToolContext } from "../../../src/act/Tool.ts"
import { alive } from "../alive.ts"
import { memoryJournal } from "../memoryJournal.ts"
import { secretMark, undoOf, withTools, type Tools } from "../toolFixture.ts"

const permits = (tools: Tools, write = true): Pick<ToolContext, "permits"> => ({
  permits: {
    write: write ? [tools.place.workspace] : [],
    network: false,
    hosts: [],
    shell: true,
    unsandboxed: false,
  },
})
const call = (n: number): string => `s_00000000000000${n.toString(16).padStart(2, "0")}#0`
const starting = (tools: Tools, command: string, n = 1, more: Readonly<Record<string, unknown>> = {}) =>
  tools.text("bash", { command, run_in_background: true, ...more }, { ...permits(tools), call: call(n) })
const ended = (tools: Tools, task: string) =>
  tools.journal.when("task.ended", (event) => event.payload.task === task)

describe("a command in the background", () => {
  it.live("is nobody's to read or end from another workspace but the user's", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const task = taskIdOf(call(1))
        yield* starting(tools, "echo of-another; sleep 30")
        const elsewhere = { workspace: tools.place.home, cwd: tools.place.home, actor: "agent" }
        for (const tool of ["task_output", "task_stop"]) {
          const error = yield* Effect.flip(tools.plan(tool, { task_id: task }, elsewhere))
          assert.deepInclude(error, { reason: "refused" })
          assert.notInclude((error as Error).message, "of-another")
        }
        assert.isNull((yield* tools.tasks.get(task)).ended)
        const byUser = { ...elsewhere, actor: "user:cli" }
        assert.match(yield* tools.text("task_stop", { task_id: task }, byUser), /ended \(stopped\)/)
      }),
    ),
  )

  it.live("answers at once with an id, is read by cursor, waited for, and ends with a receipt", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { journal, place, text } = tools
        const task = taskIdOf(call(1))
        const said = yield* starting(
          tools,
          "echo one; until [ -e go ]; do sleep 0.02; done; echo two >&2; printf three; exit 7",
        )
        assert.include(said, `Runs in the background as ${task} `)
        const started = journal.of("task.started")[0]!
        assert.deepStrictEqual(
          [started.payload.call, started.payload.watched, started.correlationId, started.payload.sandbox],
          [call(1), false, "s_0000000000000001", "bubblewrap"],
        )
        let first = ""
        while (!first.startsWith("one\n")) {
          first = yield* text("task_output", { task_id: task })
          yield* Effect.sleep("5 millis")
        }
        assert.strictEqual(first, `one\n[${task} runs; 4 bytes so far]\n[next: 4]`)
        const idle = yield* text("task_output", { task_id: task, from: 4, wait: true, timeout_ms: 20 })
        assert.strictEqual(idle, `[${task} runs; 4 bytes so far]\n[next: 4]`)
        fs.writeFileSync(join(place.workspace, "go"), "")
        const rest = yield* text("task_output", { task_id: task, from: 4, wait: true })
        assert.match(
          rest,
          new RegExp(`^two\nthree\n\\[${task} ended \\(exited, exit 7\\) after \\d+ ms\\]\n\\[next: 13\\]$`),
        )
        const end = yield* ended(tools, task)
        assert.deepStrictEqual(
          [end.payload.reason, end.payload.exit, end.payload.output.head, end.trust, end.causationId],
          ["exited", 7, "one\ntwo\nthree", "untrusted", started.id],
        )
      }),
    ),
  )

  it.live("is stopped with all it started, deaf or not, and stays stopped", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const mark = "31337.03125"
        const task = taskIdOf(call(1))
        yield* starting(
          tools,
          `trap '' TERM HUP; setsid sleep ${mark} & touch ready; echo up; while :; do sleep ${mark}; done`,
        )
        while (!fs.existsSync(join(tools.place.workspace, "ready"))) yield* Effect.sleep("5 millis")
        assert.isAbove(alive(mark).length, 0)
        const said = yield* tools.text("task_stop", { task_id: task })
        assert.match(said, /ended \(stopped\) after \d+ ms: it was stopped/)
        assert.deepStrictEqual(alive(mark), [])
        const again = yield* tools.text("task_stop", { task_id: task })
        assert.strictEqual(again, said)
        assert.lengthOf(tools.journal.of("task.ended"), 1)
        const read = yield* tools.text("task_output", { task_id: task })
        assert.isTrue(read.startsWith("up\n"), read)
      }),
    ),
  )

  it.live("cannot be taken back while it runs, and wholly once it ended", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan, journal } = tools
        fs.writeFileSync(join(place.workspace, "kept"), "old")
        const planned = yield* plan(
          "bash",
          {
            command: "echo new > kept; echo more > made; until [ -e go ]; do sleep 0.02; done",
            run_in_background: true,
          },
          { ...permits(tools), call: call(1) },
        )
        assert.match(planned.undo.reason ?? "", /only once it ended/)
        assert.match(planned.summary, /^Run echo new .* in the background$/)
        const result = yield* planned.run
        const early = yield* Effect.flip(undoOf(place, planned, result))
        assert.strictEqual(early.reason, "refused")
        fs.writeFileSync(join(place.workspace, "go"), "")
        const end = yield* journal.when("task.ended")
        assert.deepStrictEqual(end.payload.after.map(({ path }) => path.split("/").at(-1)).sort(), [
          "go",
          "kept",
          "made",
        ])
        yield* undoOf(place, planned, end.payload)
        assert.deepStrictEqual(fs.readdirSync(place.workspace), ["kept"])
        assert.strictEqual(fs.readFileSync(join(place.workspace, "kept"), "utf8"), "old")
      }),
    ),
  )

  it.live("lives no longer than it may", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const mark = "31337.015625"
        yield* starting(tools, `echo up; sleep ${mark}`, 1, { timeout: 300 })
        const end = yield* ended(tools, taskIdOf(call(1)))
        assert.deepStrictEqual(
          [end.payload.reason, end.payload.exit, end.payload.output.head],
          ["lifetime", null, "up\n"],
        )
        assert.deepStrictEqual(alive(mark), [])
      }),
    ),
  )

  it.live("is one of so many, and the next is refused until one ends", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const mark = "31337.0078125"
        for (let n = 0; n < mostRunning; n++) yield* starting(tools, `sleep ${mark}`, n)
        const refused = yield* Effect.flip(starting(tools, "echo late", 40))
        assert.deepStrictEqual([refused.reason, /16 commands run/.test(refused.message)], ["refused", true])
        assert.lengthOf(tools.journal.of("task.started"), mostRunning)
        yield* tools.text("task_stop", { task_id: taskIdOf(call(3)) })
        assert.include(yield* starting(tools, "echo late", 41), taskIdOf(call(41)))
        yield* tools.tasks.stopAll("paused")
        const reasons = tools.journal.of("task.ended").map(({ payload }) => payload.reason)
        assert.lengthOf(reasons, mostRunning + 1)
        assert.includeMembers(reasons, ["stopped", "paused"])
        assert.deepStrictEqual(alive(mark), [])
      }),
    ),
  )

  it.live("that cannot be started ends with the reason", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        yield* tools.text(
          "bash",
          { command: "no-such-program", run_in_background: true },
          { commands: [["no-such-program"]], call: call(1) },
        )
        const end = yield* ended(tools, taskIdOf(call(1)))
        assert.notStrictEqual(end.payload.exit, 0)
        assert.include(end.payload.output.head + end.payload.message, "no-such-program")
      }),
    ),
  )

  it.live("shows no secret in what is read of it, nor in its receipt", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        yield* starting(tools, `printf 'a planted'; sleep 0.1; echo '-secret b'`)
        const task = taskIdOf(call(1))
        const read = yield* tools.text("task_output", { task_id: task, wait: true })
        assert.isTrue(read.startsWith("a [redacted] b\n"), read)
        assert.strictEqual((yield* ended(tools, task)).payload.output.head, "a [redacted] b\n")
        assert.notInclude(JSON.stringify(tools.journal.of("task.ended")), secretMark)
      }),
    ),
  )

  it.live("with an unknown id: an error that names the ones there are", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        yield* starting(tools, "true")
        for (const tool of ["task_output", "task_stop"]) {
          const error = yield* Effect.flip(tools.plan(tool, { task_id: "t_000000000000" }))
          assert.deepStrictEqual(
            [error.reason, error.message],
            ["input", `there is no task t_000000000000; there are ${taskIdOf(call(1))}`],
          )
          const malformed = yield* Effect.flip(tools.plan(tool, { task_id: "../x" }))
          assert.strictEqual(malformed.reason, "input")
        }
      }),
    ),
  )
})

describe("a watched command", () => {
  const watching = (tools: Tools, command: string, more: Readonly<Record<string, unknown>> = {}) =>
    tools.text("monitor", { command, description: "tests", ...more }, { ...permits(tools), call: call(1) })

  it.live("tells its lines as they come, those that match, without secrets", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { journal, place } = tools
        yield* watching(
          tools,
          `echo 'ok 1'; echo 'FAIL a ${secretMark}'; until [ -e go ]; do sleep 0.02; done; echo 'FAIL b'; printf 'FAIL c'`,
          { match: "FAIL" },
        )
        const first = yield* journal.when("task.lines")
        assert.deepStrictEqual(
          [first.payload, first.trust, first.actor],
          [{ task: taskIdOf(call(1)), lines: ["FAIL a [redacted]"], dropped: 0 }, "untrusted", "source:task"],
        )
        fs.writeFileSync(join(place.workspace, "go"), "")
        yield* ended(tools, taskIdOf(call(1)))
        const lines = journal.of("task.lines").flatMap(({ payload }) => payload.lines)
        assert.deepStrictEqual(lines, ["FAIL a [redacted]", "FAIL b", "FAIL c"])
        const order = journal.drafts.map(({ type }) => type)
        assert.strictEqual(order.at(-1), "task.ended")
      }),
    ),
  )

  it.live("of a flood tells some, says how many it dropped, and is stopped at once", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { journal } = tools
        yield* watching(tools, "yes 'a line of a flood'", { persistent: true })
        yield* journal.when("task.lines", ({ payload }) => payload.dropped > 0)
        yield* tools.text("task_stop", { task_id: taskIdOf(call(1)) })
        const events = journal.of("task.lines")
        const kept = events.flatMap(({ payload }) => payload.lines)
        assert.isAtMost(kept.length, 400)
        assert.isTrue(kept.every((line) => line === "a line of a flood"))
        assert.isTrue(JSON.stringify(events).length < 40_000)
      }),
    ),
  )

  it.live("needs an approval for a shell, as bash does", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          tools.plan("monitor", { command: "a | b > c", description: "x" }, { commands: [["a"], ["b"]] }),
        )
        assert.deepStrictEqual([error.reason, /needs a shell/.test(error.message)], ["refused", true])
      }),
    ),
  )
})

describe("the daemon's end", () => {
  it.live("stops them and says so; what a crash cut off is closed at the next start", () =>
    Effect.gen(function* () {
      const journal = memoryJournal()
      const layer = Tasks.layer({ redact: (text) => text }).pipe(Layer.provide(journal.layer))
      const context = { call: call(1), session: null, workspace: "/w", trust: "trusted" } as ToolContext
      const gone = yield* Deferred.make<void>()
      const spec = (id: string) => ({
        context: { ...context, call: id },
        tool: "bash",
        title: "x",
        commands: [["x"]],
        sandbox: "bubblewrap" as const,
        lifetimeMs: 1000,
        watch: null,
        run: () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(gone, undefined)),
        aftermath: Effect.succeed({ after: [], refs: {} }),
      })
      const scope = yield* Scope.make()
      const tasks = yield* Effect.provide(Tasks, yield* Layer.buildWithScope(layer, scope))
      yield* tasks.start(spec(call(1)))
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(yield* Deferred.isDone(gone))
      assert.deepStrictEqual(
        journal.of("task.ended").map(({ payload }) => payload.reason),
        ["daemon-stopped"],
      )

      yield* Layer.build(layer).pipe(
        Effect.flatMap((built) => Effect.provide(Tasks, built)),
        Effect.flatMap((crashed) => crashed.start(spec(call(2)))),
        Effect.provideService(Scope.Scope, yield* Scope.make()),
      )
      const next = yield* Effect.provide(Tasks, yield* Layer.build(layer))
      yield* next.settle
      const closed = journal.of("task.ended").at(-1)!
      assert.deepStrictEqual(
        [closed.payload.task, closed.payload.reason, closed.payload.message],
        [taskIdOf(call(2)), "daemon-stopped", "Claw stopped before it ended; it is not run again"],
      )
      assert.isNotEmpty(closed.payload.refs)
      yield* next.settle
      assert.lengthOf(journal.of("task.ended"), 2)
      const view = yield* next.get(taskIdOf(call(2)))
      assert.strictEqual(view.ended?.reason, "daemon-stopped")
      assert.isNull(yield* next.output(taskIdOf(call(2)), 0, 100))
    }).pipe(Effect.scoped),
  )
})
