/** Conversations as a whole: opened, forked, gone back in, shown in part, held to a form, taken up after crashes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream, SubscriptionRef } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelCall } from "../../src/model/Models.ts"
import { place } from "../loop/loopWorld.ts"
import { talk, type Talk } from "./agentWorld.ts"
import { call, calls, inOrder, say } from "./ScriptedModels.ts"
import { promptText, saidSeqs, waiting } from "./agentStory.ts"

/** Says yes to whatever asks, until interrupted. */
const approving = ({ loop }: Talk) =>
  SubscriptionRef.changes(loop.folds.snapshot).pipe(
    Stream.runForEach(({ queue }) =>
      Effect.forEach(
        Object.values(queue.suggestions).filter(
          ({ actions, proposed, state }) =>
            state === "pending" && actions.length === proposed.length && actions.length > 0,
        ),
        ({ id }) => Effect.ignore(loop.approve(id)),
        { discard: true },
      ),
    ),
    Effect.forkChild({ startImmediately: true }),
  )

describe("a fork", () => {
  it.live("begins with what was said, and each goes its own way", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(
        at,
        inOrder(say("the answer is forty-two"), say("in the fork"), say("in the first")),
      )
      const session = yield* one.open()
      yield* one.ask(session, "What is it?")
      const fork = yield* Effect.orDie(one.sessions.fork(session, null))
      yield* one.ask(fork, "Say it again")
      assert.include(promptText(one.asked[1]!), "forty-two")
      yield* one.ask(session, "And now?")
      assert.notInclude(promptText(one.asked[2]!), "in the fork")
    }).pipe(Effect.scoped),
  )
  it.live("of an early place knows nothing of what came later", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("first answer"), say("second answer"), say("third")))
      const session = yield* one.open()
      yield* one.ask(session, "one")
      const upTo = (yield* one.log.read(session)).at(-1)!.seq
      yield* one.ask(session, "two")
      const fork = yield* Effect.orDie(one.sessions.fork(session, upTo))
      yield* one.ask(fork, "three")
      assert.include(promptText(one.asked[2]!), "first answer")
      assert.notInclude(promptText(one.asked[2]!), "second answer")
    }).pipe(Effect.scoped),
  )
})

describe("a fork of a conversation that works", () => {
  it.live("leaves to it what is under way there, and goes on without", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(
        at,
        inOrder(
          calls(call("t1", "write_file", { path: "a.txt", content: "x" })),
          say("Something else, then."),
        ),
      )
      const session = yield* one.open()
      yield* one.say(session, "Write it")
      const row = yield* waiting(one)
      const fork = yield* Effect.orDie(one.sessions.fork(session, null))
      assert.strictEqual((yield* one.ask(fork, "Something else")).reason, "completed")
      assert.include(promptText(one.asked.at(-1)!), "goes on there")
      assert.strictEqual((yield* one.loop.row(row.id)).state, "pending")
      assert.isFalse(existsSync(join(at.workspace, "a.txt")))
    }).pipe(Effect.scoped),
  )
})

describe("going back", () => {
  const written = Effect.gen(function* () {
    const at = yield* place
    const one = yield* talk(
      at,
      inOrder(
        say("hello"),
        calls(call("t1", "write_file", { path: "a.txt", content: "new\n" })),
        say("written"),
        say("after"),
      ),
    )
    at.write("a.txt", "old\n")
    const session = yield* one.open()
    yield* one.ask(session, "hi")
    const yes = yield* approving(one)
    yield* one.ask(session, "write a.txt")
    yield* Fiber.interrupt(yes)
    assert.strictEqual(at.read("a.txt"), "new\n")
    const [, second] = yield* saidSeqs(one, session)
    return { at, one, session, to: second! }
  })

  it.live("in the conversation leaves files, and the model knows nothing of it", () =>
    Effect.gen(function* () {
      const { at, one, session, to } = yield* written
      yield* Effect.orDie(one.sessions.rewind(session, to, "conversation", "cli"))
      assert.strictEqual(at.read("a.txt"), "new\n")
      yield* one.ask(session, "what did we say?")
      assert.notInclude(promptText(one.asked.at(-1)!), "write a.txt")
      assert.include(promptText(one.asked.at(-1)!), "hello")
    }).pipe(Effect.scoped),
  )
  it.live("in files takes back what its calls changed, and tells the model", () =>
    Effect.gen(function* () {
      const { at, one, session, to } = yield* written
      const done = yield* Effect.orDie(one.sessions.rewind(session, to, "files", "cli"))
      assert.lengthOf(done.undone, 1)
      assert.match(done.undone[0]!, /^write_file: .+ \(s_[0-9a-f]+#0\)$/)
      assert.strictEqual(at.read("a.txt"), "old\n")
      yield* one.ask(session, "go on")
      assert.include(promptText(one.asked.at(-1)!), "took back what 1 calls")
    }).pipe(Effect.scoped),
  )
  it.live("in both keeps what the user changed since, and says so", () =>
    Effect.gen(function* () {
      const { at, one, session, to } = yield* written
      at.write("a.txt", "mine\n")
      const done = yield* Effect.orDie(one.sessions.rewind(session, to, "both", "cli"))
      assert.strictEqual(at.read("a.txt"), "mine\n")
      assert.lengthOf(done.kept, 1)
    }).pipe(Effect.scoped),
  )
  it.live("is refused for what is no word of the user", () =>
    Effect.gen(function* () {
      const { one, session, to } = yield* written
      const error = yield* Effect.flip(one.sessions.rewind(session, to + 1, "conversation", "cli"))
      assert.strictEqual(error.reason, "input")
    }).pipe(Effect.scoped),
  )
})

describe("an answer of a form", () => {
  it.live("is asked for again with what is wrong, and is JSON in the end", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("forty-two"), say('{"n": 42}')))
      const format = {
        type: "object",
        properties: { n: { type: "integer" } },
        required: ["n"],
        additionalProperties: false,
      }
      const session = yield* one.open({ kind: "print", format })
      assert.strictEqual((yield* one.ask(session, "What is it?")).reason, "completed")
      assert.lengthOf(one.asked, 2)
      assert.include(promptText(one.asked[1]!), "it is not JSON")
      assert.deepStrictEqual(one.asked[0]!.request.format, { name: "answer", schema: format })
    }).pipe(Effect.scoped),
  )
  it.live("that no schema can hold is refused when it is opened", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("")))
      const opening = one.sessions.open({
        kind: "print",
        workspace: at.workspace,
        actor: "user:cli",
        format: { $ref: "#/nowhere" },
      })
      assert.strictEqual((yield* Effect.flip(opening)).reason, "input")
    }).pipe(Effect.scoped),
  )
})

describe("tools that are left out", () => {
  it.live("are found by a search, shown from then on, and stay after a restart", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const answering = inOrder(
        calls(call("t1", "ToolSearch", { query: "notebook cells" })),
        say("found"),
        say("still there"),
      )
      const one = yield* talk(at, answering, backend)
      const session = yield* one.open()
      yield* one.ask(session, "edit my notebook")
      const names = (index: number) => one.asked[index]!.request.tools.map(({ name }) => name)
      assert.notInclude(names(0), "NotebookEdit")
      assert.include(names(0), "ToolSearch")
      assert.deepStrictEqual(names(1), [...names(0), "NotebookEdit"])
      yield* one.crash
      const two = yield* talk(at, answering, backend)
      yield* two.ask(session, "again")
      assert.deepStrictEqual(
        two.asked[0]!.request.tools.map(({ name }) => name),
        names(1),
      )
    }).pipe(Effect.scoped),
  )
  it.live("are none where the conversation names its own", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(calls(call("t1", "bash", { command: "ls" })), say("no")))
      const session = yield* one.open({ tools: ["read_file", "Sleep"] })
      yield* one.ask(session, "go")
      assert.deepStrictEqual(
        one.asked[0]!.request.tools.map(({ name }) => name),
        ["Sleep", "call_output", "read_file"],
      )
      assert.include(promptText(one.asked[1]!), "it may use read_file, Sleep")
      assert.lengthOf(yield* one.loop.events("tool.requested"), 0)
    }).pipe(Effect.scoped),
  )
})

describe("what a call printed", () => {
  it.live("is cut in its result, and can be asked for in parts; another conversation's cannot", () =>
    Effect.gen(function* () {
      const at = yield* place
      const text = Array.from({ length: 4_000 }, (_, n) => `line ${n} of it`).join("\n")
      at.write("long.txt", text)
      const one = yield* talk(at, (asked) => {
        const all = promptText(asked)
        const id = /call_output {\\+"id\\+": \\+"(s_[0-9a-f]+#0)/.exec(all)?.[1]
        if (asked.request.messages.at(-1)?.role !== "tool")
          return calls(call("t1", "read_file", { path: "long.txt" }))
        return all.includes("t2") || id === undefined
          ? say(id ?? "nothing was cut")
          : calls(call("t2", "call_output", { id, offset: 20_000, limit: 500 }))
      })
      const session = yield* one.open()
      yield* one.ask(session, "read it")
      const shown = one.asked.at(-1)!.request.messages.at(-1)!
      const part = shown.role === "tool" ? String(shown.content[0]!.result) : ""
      assert.match(part, /line \d+ of it/)
      assert.include(part, "offset 20500")
    }).pipe(Effect.scoped),
  )
})

describe("a crash", () => {
  it.live("at any event of a piece of work: it goes on, nothing happens twice, no answer is lost", () =>
    Effect.gen(function* () {
      const whole = yield* Effect.scoped(
        Effect.gen(function* () {
          const at = yield* place
          const one = yield* talk(
            at,
            inOrder(
              calls(
                call("t1", "read_file", { path: "a.txt" }),
                call("t2", "write_file", { path: "b.txt", content: "b" }),
              ),
              say("done"),
            ),
          )
          at.write("a.txt", "a\n")
          const session = yield* one.open()
          yield* approving(one)
          yield* one.ask(session, "go")
          return (yield* one.loop.events()).length
        }),
      )
      for (let stop = 3; stop < whole; stop++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const at = yield* place
            at.write("a.txt", "a\n")
            const backend = memoryBackend()
            const answering = (asked: ModelCall) =>
              asked.request.messages.at(-1)?.role === "tool"
                ? say("done")
                : calls(
                    call("t1", "read_file", { path: "a.txt" }),
                    call("t2", "write_file", { path: "b.txt", content: "b" }),
                  )
            const one = yield* talk(at, answering, backend)
            const session = yield* one.open()
            yield* approving(one)
            const seq = yield* one.say(session, "go")
            yield* one.loop.folds.reached(stop)
            yield* one.crash
            const two = yield* talk(at, answering, backend)
            yield* approving(two)
            const rested = yield* Effect.orDie(two.sessions.rested(session, seq))
            assert.strictEqual(rested.payload.reason, "completed", `stopped at ${stop}`)
            const events = yield* two.loop.events()
            const starts = events.flatMap((event) =>
              event.type === "tool.started" ? [event.payload.call] : [],
            )
            assert.strictEqual(new Set(starts).size, starts.length)
            assert.isAtMost(starts.length, 2)
            assert.lengthOf(
              events.filter(({ type }) => type === "tool.requested"),
              2,
            )
            const answers = events.filter(({ type }) => type === "model.answered")
            assert.lengthOf(answers, 2, `stopped at ${stop}`)
            const results = events.flatMap((event) =>
              event.type === "session.results" ? event.payload.results : [],
            )
            assert.deepStrictEqual(results.map(({ id }) => id).toSorted(), ["t1", "t2"])
          }),
        )
      }
    }).pipe(Effect.scoped),
  )
})

describe("the list", () => {
  it.live("titles a conversation by its first word, and puts archived ones away", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("hi")))
      const session = yield* one.open()
      yield* one.ask(session, "Fix the tests\nand then more")
      const row = () => Effect.map(one.log.sessions, (all) => all[session]!)
      assert.strictEqual((yield* row()).title, "Fix the tests")
      yield* Effect.orDie(one.sessions.archive(session, false))
      assert.strictEqual((yield* row()).state, "archived")
      const refused = yield* Effect.flip(
        one.sessions.say({ session, text: "more", files: [], surface: "cli", actor: "user:cli" }),
      )
      assert.strictEqual(refused.reason, "input")
      yield* Effect.orDie(one.sessions.archive(session, true))
      assert.strictEqual((yield* one.ask(session, "more")).reason, "completed")
    }).pipe(Effect.scoped),
  )
})
