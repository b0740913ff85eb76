/** Calls asked for by name, over the real gate, tools and undo: allowed ones run, denied ones end, the rest waits. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { why } from "../../src/loop/why.ts"
import { askedBy, boot, place, read, write } from "./loopWorld.ts"

describe("a call that the gate allows", () => {
  it.live("runs unasked and has its output; the log says who wanted it and why nobody was asked", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\ntwo\n")
      const loop = yield* boot(at)
      const result = yield* loop.calls.call({ ...askedBy(at), call: read("a.txt") })
      assert.strictEqual(result.outcome, "done")
      assert.isTrue(result.ok)
      assert.include(result.text, "one\ntwo")
      assert.strictEqual(result.verdict?.verdict, "allow")
      assert.isNull(result.problem)
      const events = yield* loop.events()
      assert.deepStrictEqual(
        events.map((event) => [event.type, event.actor]),
        [
          ["tool.requested", "user:cli"],
          ["policy.verdict", "gate"],
          ["approval.waived", "gate"],
          ["tool.started", "claw"],
          ["tool.finished", "claw"],
        ],
      )
      const chain = yield* why(loop.store, result.call!)
      assert.deepStrictEqual(
        chain?.map(({ role }) => role),
        ["decision", "verdict", "approval", "action", "action"],
      )
    }).pipe(Effect.scoped),
  )

  it.live("has an id of its own each time, also when asked for at once", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const loop = yield* boot(at)
      const results = yield* Effect.forEach(
        Array.from({ length: 12 }),
        (_, index) =>
          loop.calls.call({
            ...askedBy(at),
            call: { tool: "read_file", input: { path: "a.txt", limit: index + 1 } },
          }),
        { concurrency: "unbounded" },
      )
      assert.lengthOf(new Set(results.map(({ suggestion }) => suggestion)), 12)
      for (const { ok, suggestion } of results) {
        assert.isTrue(ok)
        assert.match(suggestion!, /^s_[0-9a-f]{16}$/)
      }
    }).pipe(Effect.scoped),
  )

  it.live("that goes wrong says how, with the tool's own reason", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const result = yield* loop.calls.call({ ...askedBy(at), call: read("absent.txt") })
      assert.strictEqual(result.outcome, "failed")
      assert.isFalse(result.ok)
      assert.include(result.problem?.message ?? "", "absent.txt")
      assert.include(result.text, "absent.txt")
    }).pipe(Effect.scoped),
  )

  it.live("does not run while Claw is paused, and says so", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const loop = yield* boot(at)
      yield* loop.append(draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user" }))
      const result = yield* loop.calls.call({ ...askedBy(at), call: read("a.txt") })
      assert.strictEqual(result.outcome, "failed")
      assert.include(result.text, "paused")
      assert.lengthOf(yield* loop.events("tool.started"), 0)
    }).pipe(Effect.scoped),
  )
})

describe("a call that the gate asks about", () => {
  it.live("waits in the queue until a person approves, then gives its result, and can be undone", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const asked = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "one")] })
      assert.strictEqual(asked.state, "asking")
      const row = yield* loop.row(asked.suggestion)
      assert.strictEqual(row.state, "pending")
      assert.isNotNull(row.visibleAt)
      assert.strictEqual(row.actions[0]?.verdict, "ask")
      const waiting = yield* Effect.forkChild(loop.calls.results(asked.suggestion), {
        startImmediately: true,
      })
      yield* loop.approve(asked.suggestion)
      const [result] = yield* Fiber.join(waiting)
      assert.strictEqual(result?.outcome, "done")
      assert.isTrue(result?.undoable)
      assert.strictEqual(at.read("a.txt"), "one")
      yield* loop.answers.undo(asked.suggestion, "cli")
      assert.throws(() => at.read("a.txt"))
      const [after] = yield* loop.calls.results(asked.suggestion)
      assert.isFalse(after?.undoable)
    }).pipe(Effect.scoped),
  )

  it.live("and is refused by a person gives the reason, and did nothing", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const asked = yield* loop.calls.request({ ...askedBy(at, "agent"), calls: [write("a.txt", "one")] })
      yield* loop.answers.reject(asked.suggestion, "not in this branch", "tui")
      const [result] = yield* loop.calls.results(asked.suggestion)
      assert.strictEqual(result?.outcome, "rejected")
      assert.include(result?.text ?? "", "not in this branch")
      assert.throws(() => at.read("a.txt"))
    }).pipe(Effect.scoped),
  )

  it.live("can be edited: judged anew by itself, run as edited, and the result says so", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const asked = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "one")] })
      yield* loop.answers.edit(asked.suggestion, [write("b.txt", "two")], "cli")
      yield* loop.rowWhen(asked.suggestion, (row) => row.actions.length === 1)
      yield* loop.approve(asked.suggestion)
      const [result] = yield* loop.calls.results(asked.suggestion)
      assert.strictEqual(result?.outcome, "done")
      assert.isTrue(result?.edited)
      assert.deepStrictEqual(result?.input, { path: "b.txt", content: "two" })
      assert.strictEqual(at.read("b.txt"), "two")
    }).pipe(Effect.scoped),
  )

  it.live("and that nothing can be done of is no question: it ends at once and says why", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const loop = yield* boot(at)
      const edit = (from: string) => ({
        tool: "edit_file",
        input: { path: "a.txt", old_string: from, new_string: "two" },
      })
      for (const actor of ["user:tui", "agent"]) {
        const asked = yield* loop.calls.request({
          ...askedBy(at, actor),
          calls: [edit("one"), edit("absent")],
        })
        assert.strictEqual(asked.state, "refused")
        const row = yield* loop.row(asked.suggestion)
        assert.strictEqual(row.state, "failed")
        const [first, second] = yield* loop.calls.results(asked.suggestion)
        assert.strictEqual(first?.outcome, "skipped")
        assert.strictEqual(second?.outcome, "failed")
        assert.include(second?.text ?? "", "does not hold the text to replace")
      }
      assert.lengthOf(yield* loop.events("tool.started", "approval.waived"), 0)
      assert.strictEqual(at.read("a.txt"), "one\n")
    }).pipe(Effect.scoped),
  )

  it.live("and failed is asked for once more for whoever asked first, not for who wants it again", () =>
    Effect.gen(function* () {
      const at = yield* place
      const dir = join(at.home, ".config", "claw", "policies")
      mkdirSync(dir, { recursive: true })
      writeFileSync(
        join(dir, "mine.toml"),
        '[[rule]]\nname = "people-may-write"\nverdict = "allow"\neffect = ["read", "write"]\npath = "*.txt"\nactor = "user:cli"\n',
      )
      const loop = yield* boot(at)
      const edit = (path: string) => ({
        tool: "edit_file",
        input: { path, old_string: "one", new_string: "two" },
      })
      const caller = { ...askedBy(at, "agent"), session: "talk" }
      const asked = yield* loop.calls.request({ ...caller, calls: [edit("a.txt")] })
      assert.strictEqual(asked.state, "refused", "there is no such file yet")
      at.write("a.txt", "one\n")
      const again = yield* loop.retrier.retry(asked.suggestion, "cli")
      assert.strictEqual(again.state, "asking")
      const [retried] = yield* loop.events("approval.retried")
      assert.strictEqual(retried?.actor, "user:cli")
      assert.strictEqual((yield* loop.events("tool.requested")).at(-1)?.actor, "agent")
    }).pipe(Effect.scoped),
  )

  it.live("can be taken back by who asked, once and not after an answer", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const asked = yield* loop.calls.request({ ...askedBy(at), calls: [write("a.txt", "one")] })
      assert.isTrue(yield* loop.calls.withdraw(asked.suggestion, "the conversation ended"))
      assert.isFalse(yield* loop.calls.withdraw(asked.suggestion, "again"))
      const [result] = yield* loop.calls.results(asked.suggestion)
      assert.strictEqual(result?.outcome, "withdrawn")
      assert.include(result?.text ?? "", "the conversation ended")
      const approved = yield* Effect.result(loop.approve(asked.suggestion))
      assert.isTrue(Result.isFailure(approved))
    }).pipe(Effect.scoped),
  )

  it.live("is still there after a crash, and its result can be waited for again", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const first = yield* boot(at, backend)
      const asked = yield* first.calls.request({ ...askedBy(at), calls: [write("a.txt", "one")] })
      yield* first.answers.edit(asked.suggestion, [write("a.txt", "two")], "cli")
      yield* first.crash
      const second = yield* boot(at, backend)
      yield* second.rowWhen(asked.suggestion, (row) => row.actions.length === 1)
      yield* second.approve(asked.suggestion)
      const [result] = yield* second.calls.results(asked.suggestion)
      assert.strictEqual(result?.outcome, "done")
      assert.strictEqual(at.read("a.txt"), "two")
    }).pipe(Effect.scoped),
  )

  it.live("asks where its origin is untrusted, though a trusted one would run", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const command = { tool: "notify", input: { title: "hello", body: "there" } }
      const trusted = yield* loop.calls.request({ ...askedBy(at), calls: [command] })
      const tainted = yield* loop.calls.request({
        ...askedBy(at),
        trust: "untrusted",
        calls: [write("a.txt", "one")],
      })
      assert.notStrictEqual(trusted.state, "refused")
      assert.strictEqual(tainted.state, "asking")
      assert.isTrue((yield* loop.row(tainted.suggestion)).tainted)
      for (const event of yield* loop.events())
        if (event.correlationId === tainted.suggestion) assert.strictEqual(event.trust, "untrusted")
    }).pipe(Effect.scoped),
  )
})

describe("a call that a rule denies", () => {
  it.live("ends at once with rule, file and line; nothing of the request runs", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const loop = yield* boot(at)
      const asked = yield* loop.calls.request({
        ...askedBy(at),
        calls: [read("a.txt"), read("/etc/passwd"), read("a.txt")],
      })
      assert.strictEqual(asked.state, "refused")
      const results = yield* loop.calls.results(asked.suggestion)
      assert.deepStrictEqual(
        results.map(({ outcome }) => outcome),
        ["skipped", "denied", "skipped"],
      )
      assert.match(results[1]!.text, /denied by [a-z-]+ \(.+\.toml:\d+\)/)
      assert.strictEqual(results[1]!.verdict?.verdict, "deny")
      const row = yield* loop.row(asked.suggestion)
      assert.strictEqual(row.state, "failed")
      assert.match(row.note ?? "", /denied by/)
      assert.lengthOf(yield* loop.events("tool.started", "approval.waived"), 0)
      assert.isTrue(Result.isFailure(yield* Effect.result(loop.approve(asked.suggestion))))
    }).pipe(Effect.scoped),
  )

  it.live("is denied for the one whom the rule names, and its tool not offered to them", () =>
    Effect.gen(function* () {
      const at = yield* place
      const dir = join(at.home, ".config", "claw", "policies")
      mkdirSync(dir, { recursive: true })
      writeFileSync(
        join(dir, "mine.toml"),
        '[[rule]]\nname = "no-notes-for-agents"\nverdict = "deny"\ntool = "notify"\nactor = "agent"\n' +
          '[[rule]]\nname = "no-secrets-folder"\nverdict = "deny"\neffect = "read"\npath = "private/**"\ntool = "read_file"\n',
      )
      at.write("a.txt", "one\n")
      const loop = yield* boot(at)
      const call = { tool: "notify", input: { title: "hi", body: "there" } }
      const agent = yield* loop.calls.call({ ...askedBy(at, "agent"), call })
      assert.strictEqual(agent.outcome, "denied")
      assert.strictEqual(agent.verdict?.rule, "no-notes-for-agents")
      const asked = yield* loop.calls.request({ ...askedBy(at), calls: [call] })
      assert.notStrictEqual(asked.state, "refused")
      const names = (actor: string) =>
        Effect.map(loop.calls.offered(askedBy(at, actor)), (tools) => tools.map(({ name }) => name))
      assert.notInclude(yield* names("agent"), "notify")
      assert.include(yield* names("user:cli"), "notify")
      assert.include(yield* names("agent"), "read_file")
      assert.notInclude(yield* names("agent"), "WebSearch", "it is off until an engine is configured")
    }).pipe(Effect.scoped),
  )
})
