/** Talking with the user over the real gate, executor and log: questions, messages, lists, and being woken. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, SubscriptionRef } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ToolContext } from "../../src/act/Tool.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import type { EventOf } from "../../src/domain/event.ts"
import { boot, type Loop, type Place, place } from "./loopWorld.ts"

const call = (tool: string, input: ToolCall["input"]): ToolCall => ({ tool, input })
const from = (at: Place, session: string | null = null) => ({
  workspace: at.workspace,
  actor: "agent",
  trust: "trusted" as const,
  session,
})

/** The question that is asked, once it stands in the queue. */
const asked = (loop: Loop, count = 1) =>
  Effect.gen(function* () {
    for (;;) {
      const events = yield* loop.events("session.asked")
      const event = events[count - 1] as EventOf<"session.asked"> | undefined
      if (event !== undefined) {
        yield* loop.folds.reached(event.seq)
        return event.payload.question
      }
      yield* Effect.sleep("5 millis")
    }
  })

const ask = (loop: Loop, at: Place, input: ToolCall["input"], session: string | null = null) =>
  Effect.forkChild(loop.calls.call({ ...from(at, session), call: call("ask_user", input) }))

const toolContext = (at: Place, call: string, session: string | null): ToolContext => ({
  call,
  session,
  actor: "agent",
  trust: "trusted",
  workspace: at.workspace,
  cwd: at.workspace,
  home: at.home,
  commands: [],
  permits: { write: [], network: false, hosts: [], shell: false, unsandboxed: false },
  timeoutMs: 60_000,
})

describe("a question", () => {
  it.live("stands in the queue until a person answers it; the answer is the result", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const fiber = yield* ask(loop, at, {
        question: "Which branch?\nThink first.",
        options: ["main", "next"],
      })
      const id = yield* asked(loop)
      const row = yield* loop.row(id)
      assert.match(id, /^q_[0-9a-f]{16}$/)
      assert.deepInclude(row, {
        state: "pending",
        mode: "question",
        title: "Which branch?",
        rule: "ask_user",
      })
      assert.deepStrictEqual(row.question?.options, ["main", "next"])
      assert.isNotNull(row.visibleAt)
      const answered = yield* loop.answers.answer(id, { chosen: ["next"], text: null }, "cli")
      assert.strictEqual(answered.state, "done")
      const result = yield* Fiber.join(fiber)
      assert.strictEqual(result.outcome, "done")
      assert.strictEqual(result.text, "next")
      const [event] = yield* loop.events("session.answered")
      assert.deepInclude(event, { actor: "user:cli", trust: "trusted", correlationId: id })
    }).pipe(Effect.scoped),
  )

  it.live("is answered in words, once, and not by a yes", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const fiber = yield* ask(loop, at, { question: "What now?" })
      const id = yield* asked(loop)
      const yes = { digests: [], plans: [], unsandboxed: false }
      assert.include((yield* Effect.flip(loop.answers.approve(id, yes, "cli"))).message, "answer it")
      assert.include((yield* Effect.flip(loop.answers.edit(id, [], "cli"))).message, "answer it")
      const empty = yield* Effect.flip(loop.answers.answer(id, { chosen: [], text: " " }, "cli"))
      assert.strictEqual(empty.reason, "refused")
      const foreign = yield* Effect.flip(loop.answers.answer(id, { chosen: ["x"], text: null }, "cli"))
      assert.include(foreign.message, "does not offer")
      yield* loop.answers.answer(id, { chosen: [], text: "go on" }, "tui")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "go on")
      const late = yield* Effect.flip(loop.answers.answer(id, { chosen: [], text: "stop" }, "cli"))
      assert.strictEqual(late.reason, "stale")
      assert.lengthOf(yield* loop.events("session.answered"), 1)
    }).pipe(Effect.scoped),
  )

  it.live("that is declined is refused, with the reason", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const fiber = yield* ask(loop, at, { question: "May I?" })
      yield* loop.answers.reject(yield* asked(loop), "not your business", "cli")
      const result = yield* Fiber.join(fiber)
      assert.strictEqual(result.outcome, "failed")
      assert.include(result.text, "declined to answer: not your business")
    }).pipe(Effect.scoped),
  )

  it.live("has one answer where ten clients race", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const fiber = yield* ask(loop, at, { question: "Which?" })
      const id = yield* asked(loop)
      const answers = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, n) => `answer ${n}`),
        (text) => Effect.result(loop.answers.answer(id, { chosen: [], text }, "cli")),
        { concurrency: "unbounded" },
      )
      assert.lengthOf(
        answers.filter(({ _tag }) => _tag === "Success"),
        1,
      )
      const [event] = (yield* loop.events("session.answered")) as ReadonlyArray<EventOf<"session.answered">>
      assert.strictEqual((yield* Fiber.join(fiber)).text, event!.payload.answer.text)
    }).pipe(Effect.scoped),
  )

  it.live("that expires is closed and never answered; without an expiry it waits", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const short = yield* ask(loop, at, { question: "Quick?", expires_after_ms: 1000 })
      const id = yield* asked(loop)
      const waiting = yield* ask(loop, at, { question: "Slow?" })
      const other = yield* asked(loop, 2)
      const result = yield* Fiber.join(short)
      assert.strictEqual(result.problem?.reason, "timeout")
      assert.include(result.text, "nothing was decided")
      assert.strictEqual((yield* loop.row(id)).state, "expired")
      assert.strictEqual((yield* loop.row(other)).state, "pending")
      assert.lengthOf(yield* loop.events("session.answered"), 0)
      yield* Fiber.interrupt(waiting)
    }).pipe(Effect.scoped),
  )

  it.live("outlives the daemon in a conversation, and is the same when it is asked again", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const first = yield* boot(at, backend)
      yield* ask(first, at, { question: "Still there?" }, "c_1")
      yield* ask(first, at, { question: "Outside of one?" })
      const ids = [yield* asked(first), yield* asked(first, 2)]
      yield* first.crash
      const second = yield* boot(at, backend)
      const rows = yield* Effect.forEach(ids, (id) =>
        second.rowWhen(id, (row) => row.state !== "pending" || row.question?.text === "Still there?"),
      )
      const inside = rows.find(({ question }) => question?.text === "Still there?")!
      const outside = rows.find(({ question }) => question?.text === "Outside of one?")!
      assert.strictEqual(inside.state, "pending")
      assert.strictEqual(outside.state, "expired")
      const context = toolContext(at, "s_00000000000000bb#0", "c_1")
      const asking = { text: "Still there?", options: [], multiple: false, expiresAfterMs: null }
      const again = yield* Effect.forkChild(second.conversation.ask(asking, context), {
        startImmediately: true,
      })
      yield* second.answers.answer(inside.id, { chosen: [], text: "yes" }, "cli")
      const end = yield* Fiber.join(again)
      assert.deepStrictEqual(end, { _tag: "answered", answer: { chosen: [], text: "yes" } })
      assert.lengthOf(yield* second.events("session.asked"), 2)
    }).pipe(Effect.scoped),
  )

  it.live("holds up nothing else in the workspace", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const fiber = yield* ask(loop, at, { question: "When?" })
      yield* asked(loop)
      const row = yield* loop.suggest(
        "s_00000000000000aa",
        call("write_file", { path: "a.txt", content: "a" }),
      )
      yield* loop.approve(row.id)
      const done = yield* loop.rowWhen(row.id, ({ state }) => state === "done")
      assert.strictEqual(done.state, "done")
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.scoped),
  )
})

describe("a conversation", () => {
  it.live("wakes a sleeper with the user's next word in it", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const sleeper = yield* Effect.forkChild(
        loop.calls.call({ ...from(at, "c_1"), call: call("Sleep", { duration_ms: 600_000 }) }),
      )
      const elsewhere = yield* Effect.forkChild(
        loop.calls.call({ ...from(at, "c_2"), call: call("Sleep", { duration_ms: 600_000 }) }),
      )
      while ((yield* loop.events("tool.started")).length < 2) yield* Effect.sleep("5 millis")
      const question = yield* ask(loop, at, { question: "Awake?" }, "c_1")
      yield* loop.answers.answer(yield* asked(loop), { chosen: [], text: "yes" }, "cli")
      assert.match((yield* Fiber.join(sleeper)).text, /woken by the user after \d+ ms of 600000/)
      assert.strictEqual((yield* Fiber.join(question)).text, "yes")
      assert.isUndefined(elsewhere.pollUnsafe())
      yield* Fiber.interrupt(elsewhere)
    }).pipe(Effect.scoped),
  )

  it.live("sleeps as long as it was told", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const result = yield* loop.calls.call({ ...from(at), call: call("Sleep", { duration_ms: 20 }) })
      assert.strictEqual(result.text, "waited 20 ms")
    }).pipe(Effect.scoped),
  )

  it.live("keeps its list of things to do in the log, whole each time", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const todo = (content: string, status: string) => ({ content, activeForm: `${content}ing`, status })
      for (const todos of [
        [todo("Test", "pending")],
        [todo("Test", "completed"), todo("Ship", "in_progress")],
      ]) {
        const result = yield* loop.calls.call({ ...from(at, "c_1"), call: call("TodoWrite", { todos }) })
        assert.isTrue(result.ok)
      }
      yield* loop.calls.call({ ...from(at), call: call("TodoWrite", { todos: [] }) })
      const events = yield* loop.events("session.todos")
      yield* loop.folds.reached(events.at(-1)!.seq)
      const { todos } = yield* SubscriptionRef.get(loop.folds.snapshot)
      assert.deepStrictEqual(
        Object.values(todos).map((list) => [
          list.session,
          list.todos.map(({ content, status }) => [content, status]),
        ]),
        [
          [
            "c_1",
            [
              ["Test", "completed"],
              ["Ship", "in_progress"],
            ],
          ],
          [null, []],
        ],
      )
    }).pipe(Effect.scoped),
  )

  it.live("says words to the user, with files that may be read and no others", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("report.md", "# all is well\n")
      const loop = yield* boot(at)
      const said = (input: ToolCall["input"]) =>
        loop.calls.call({ ...from(at, "c_1"), call: call("SendUserMessage", input) })
      const result = yield* said({ message: "Done.", status: "proactive", attachments: ["report.md"] })
      assert.isTrue(result.ok)
      const [event] = yield* loop.events("session.message")
      assert.deepInclude(event, { correlationId: "c_1", actor: "claw" })
      assert.deepInclude((event as EventOf<"session.message">).payload, {
        message: "Done.",
        status: "proactive",
        attachments: [{ path: "report.md", bytes: 14 }],
      })
      const denied = [
        { message: "look", status: "normal", attachments: ["/etc/passwd"] },
        { message: "look", status: "normal", attachments: [".env"] },
        { message: "look", status: "normal", attachments: ["../../x"] },
        { message: "clear\u001b[2Jed", status: "normal" },
      ]
      for (const input of denied) {
        assert.strictEqual((yield* said(input)).outcome, "denied", JSON.stringify(input))
      }
      assert.strictEqual(
        (yield* said({ message: "x", status: "normal", attachments: ["no.md"] })).outcome,
        "failed",
      )
      assert.lengthOf(yield* loop.events("session.message"), 1)
    }).pipe(Effect.scoped),
  )

  it.live("hands over any object as its result", () =>
    Effect.gen(function* () {
      const at = yield* place
      const loop = yield* boot(at)
      const value = { verdict: "fine", list: [1, { deep: null }] }
      const result = yield* loop.calls.call({ ...from(at, "c_1"), call: call("StructuredOutput", value) })
      assert.deepStrictEqual(JSON.parse(result.text), value)
    }).pipe(Effect.scoped),
  )
})
