/** A conversation from the first word to the last, over the real gate and tools: what is asked, run, waited for, stopped. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { promptOf } from "../../src/agent/session/prompt.ts"
import { transcriptOf } from "../../src/agent/session/transcript.ts"
import { draft, type EventOf } from "../../src/domain/event.ts"
import type { ModelRequest } from "../../src/domain/modelRequest.ts"
import { place } from "../loop/loopWorld.ts"
import { waiting } from "./agentStory.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, inOrder, say, type Scripted } from "./ScriptedModels.ts"

/** Results that the model was told last, as JSON. */
const toldLast = (request: ModelRequest): string => {
  const last = request.messages.at(-1)!
  return last.role === "tool" ? last.content.map(({ result }) => JSON.stringify(result)).join("\n") : ""
}

const writing = (id: string, path: string, content: string) =>
  calls(call(id, "write_file", { path, content }))

describe("a conversation", () => {
  it.live("answers, runs what the gate allows, tells the model, and rests", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\ntwo\n")
      const { ask, asked, loop, open } = yield* talk(
        at,
        inOrder(calls(call("t1", "read_file", { path: "a.txt" })), say("It says one and two.")),
      )
      const session = yield* open()
      const rested = yield* ask(session, "What is in a.txt?")
      assert.strictEqual(rested.reason, "completed")
      assert.lengthOf(asked, 2)
      const [first, second] = asked
      assert.deepStrictEqual(second!.request.messages.slice(0, first!.request.messages.length), [
        ...first!.request.messages,
      ])
      assert.include(toldLast(second!.request), "one\\ntwo")
      const types = (yield* loop.events()).map(({ type }) => type)
      assert.includeMembers(types, [
        "session.opened",
        "session.prepared",
        "tool.finished",
        "session.results",
        "session.rested",
      ])
    }).pipe(Effect.scoped),
  )

  it.live("has prompts that its events alone give again, byte for byte", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const { ask, asked, log, open } = yield* talk(
        at,
        inOrder(calls(call("t1", "read_file", { path: "a.txt" })), say("yes"), say("again")),
      )
      const session = yield* open()
      yield* ask(session, "first")
      yield* ask(session, "second")
      const events = yield* log.read(session)
      const requested = events.filter(
        (event): event is EventOf<"model.requested"> => event.type === "model.requested",
      )
      assert.lengthOf(requested, 3)
      for (const [index, event] of requested.entries()) {
        const transcript = transcriptOf(events.filter(({ seq }) => seq < event.seq))!
        const blobs = new Map<string, Uint8Array>()
        for (const hash of [
          transcript.prepared!.tools,
          ...transcript.prepared!.sections.map((one) => one.hash),
        ])
          blobs.set(hash, (yield* log.blob(hash))!)
        const again = promptOf(transcript, blobs, asked[index]!.request.maxOutput)
        assert.strictEqual(JSON.stringify(again), JSON.stringify(asked[index]!.request))
      }
    }).pipe(Effect.scoped),
  )

  it.live("prepares once: sections and tools that did not change are not said again", () =>
    Effect.gen(function* () {
      const at = yield* place
      const { ask, loop, open } = yield* talk(at, inOrder(say("one"), say("two")))
      const session = yield* open()
      yield* ask(session, "a")
      yield* ask(session, "b")
      assert.lengthOf(yield* loop.events("session.prepared"), 1)
    }).pipe(Effect.scoped),
  )

  it.live("waits for an approval over a restart, runs it once, and goes on", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const answering = inOrder(writing("t1", "b.txt", "hello"), say("Written."))
      const first = yield* talk(at, answering, backend)
      const session = yield* first.open()
      const seq = yield* first.say(session, "Write b.txt")
      const asks = yield* waiting(first)
      yield* first.crash
      const second = yield* talk(at, answering, backend)
      assert.strictEqual((yield* waiting(second)).id, asks.id)
      yield* second.loop.approve(asks.id)
      const rested = yield* Effect.orDie(second.sessions.rested(session, seq))
      assert.strictEqual(rested.payload.reason, "completed")
      assert.strictEqual(at.read("b.txt"), "hello")
      assert.lengthOf(yield* second.loop.events("tool.requested"), 1)
      assert.lengthOf(yield* second.loop.events("tool.started"), 1)
      assert.include(toldLast(second.asked[0]!.request), "b.txt")
    }).pipe(Effect.scoped),
  )

  it.live("tells the model what a person refused, and why", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(writing("t1", "b.txt", "x"), say("I left it.")))
      const session = yield* one.open()
      const asking = yield* Effect.forkChild(one.ask(session, "Write b.txt"), { startImmediately: true })
      yield* one.loop.answers.reject((yield* waiting(one)).id, "not in this branch", "tui")
      assert.strictEqual((yield* Fiber.join(asking)).reason, "completed")
      assert.include(toldLast(one.asked[1]!.request), "not in this branch")
    }).pipe(Effect.scoped),
  )

  it.live("stopped while a call waits takes it back, says so, and can go on", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(
        at,
        inOrder(
          calls(
            call("t1", "write_file", { path: "b", content: "x" }),
            call("t2", "write_file", { path: "c", content: "x" }),
          ),
          say("Fine."),
        ),
      )
      const session = yield* one.open()
      const asking = yield* Effect.forkChild(one.ask(session, "Write"), { startImmediately: true })
      const row = yield* waiting(one)
      yield* Effect.orDie(one.sessions.stop(session, "cli"))
      assert.strictEqual((yield* Fiber.join(asking)).reason, "stopped")
      assert.isFalse(["pending", "snoozed", "approved"].includes((yield* one.loop.row(row.id)).state))
      assert.lengthOf(yield* one.loop.events("tool.requested"), 1)
      assert.strictEqual((yield* one.ask(session, "Never mind.")).reason, "completed")
      assert.include(JSON.stringify(one.asked[1]!.request.messages), "stopped by the user")
    }).pipe(Effect.scoped),
  )

  it.live("stopped while it asks the user closes the question", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(
        at,
        inOrder(calls(call("t1", "ask_user", { question: "Which port?" })), say("Fine.")),
      )
      const session = yield* one.open()
      const asking = yield* Effect.forkChild(one.ask(session, "Start it"), { startImmediately: true })
      const row = yield* waiting(one)
      assert.isDefined(row.question)
      yield* Effect.orDie(one.sessions.stop(session, "cli"))
      assert.strictEqual((yield* Fiber.join(asking)).reason, "stopped")
      assert.notStrictEqual((yield* one.loop.row(row.id)).state, "pending")
    }).pipe(Effect.scoped),
  )

  it.live("stopped while the model answers breaks the answer off, and hears the next word", () =>
    Effect.gen(function* () {
      const at = yield* place
      const begun = yield* Deferred.make<void>()
      const gone = yield* Deferred.make<void>()
      const hanging: Scripted = {
        ...say("never"),
        before: Effect.andThen(
          Deferred.succeed(begun, undefined),
          Effect.onInterrupt(Effect.never, () => Deferred.succeed(gone, undefined)),
        ),
      }
      const one = yield* talk(at, inOrder(hanging, say("Here I am.")))
      const session = yield* one.open()
      const asking = yield* Effect.forkChild(one.ask(session, "Think long"), { startImmediately: true })
      yield* Deferred.await(begun)
      yield* Effect.orDie(one.sessions.stop(session, "cli"))
      yield* Deferred.await(gone)
      assert.strictEqual((yield* Fiber.join(asking)).reason, "stopped")
      assert.lengthOf(yield* one.loop.events("model.answered"), 0)
      assert.strictEqual((yield* one.ask(session, "Hello?")).reason, "completed")
    }).pipe(Effect.scoped),
  )

  it.live("hears at the next step what is said while it works, by whichever client", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const begun = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const slow: Scripted = {
        ...calls(call("t1", "read_file", { path: "a.txt" })),
        before: Effect.andThen(Deferred.succeed(begun, undefined), Deferred.await(go)),
      }
      const one = yield* talk(at, inOrder(slow, say("Both heard.")))
      const session = yield* one.open()
      const asking = yield* Effect.forkChild(one.ask(session, "first"), { startImmediately: true })
      yield* Deferred.await(begun)
      yield* Effect.all([one.say(session, "from the other window"), one.say(session, "and from a third")], {
        concurrency: 2,
      })
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual((yield* Fiber.join(asking)).reason, "completed")
      assert.lengthOf(one.asked, 2)
      const roles = one.asked[1]!.request.messages.filter(({ role }) => role !== "system").map(
        ({ role }) => role,
      )
      assert.deepStrictEqual(roles, ["user", "assistant", "tool", "user", "user"])
    }).pipe(Effect.scoped),
  )

  it.live("answers calls that cannot be made so that the model can mend them", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const one = yield* talk(
        at,
        inOrder(
          calls(
            call("t1", "raed_file", { path: "a.txt" }),
            call("t2", "read_file", '{"path": "a.t'),
            call("t3", "read_file", { file: "a.txt" }),
            call("t1", "read_file", { path: "a.txt" }),
          ),
          say("ok"),
        ),
      )
      const session = yield* one.open()
      assert.strictEqual((yield* one.ask(session, "go")).reason, "completed")
      const last = one.asked[1]!.request.messages.at(-1)!
      const told = last.role === "tool" ? last.content : []
      assert.lengthOf(told, 4)
      assert.deepStrictEqual(
        told.map(({ isFailure }) => isFailure),
        [true, true, true, false],
      )
      assert.include(String(told[0]!.result), "did you mean read_file")
      assert.include(String(told[1]!.result), "no JSON object")
      assert.include(String(told[2]!.result), "file")
      assert.include(String(told[3]!.result), "one")
      assert.strictEqual(new Set(told.map(({ id }) => id)).size, 4)
    }).pipe(Effect.scoped),
  )

  it.live("runs the first calls of a hundred, and gives all of them a result", () =>
    Effect.gen(function* () {
      const at = yield* place
      for (let n = 0; n < 40; n++) at.write(`f${n}`, `text ${n}`)
      const hundred = Array.from({ length: 100 }, (_, n) =>
        call(`t${n}`, "read_file", { path: `f${n % 40}` }),
      )
      const one = yield* talk(at, inOrder(calls(...hundred), say("ok")))
      const session = yield* one.open()
      assert.strictEqual((yield* one.ask(session, "read all")).reason, "completed")
      const last = one.asked[1]!.request.messages.at(-1)!
      const told = last.role === "tool" ? last.content : []
      assert.deepStrictEqual(
        told.map(({ id }) => id),
        hundred.map((part) => (part.type === "tool-call" ? part.id : "")),
      )
      assert.lengthOf(
        told.filter(({ isFailure }) => !isFailure),
        32,
      )
      assert.include(String(told[99]!.result), "only the first 32")
    }).pipe(Effect.scoped),
  )

  it.live("shortens itself when the model says it is too long, and asks once more", () =>
    Effect.gen(function* () {
      const at = yield* place
      let asked = 0
      const one = yield* talk(at, ({ purpose, request }) => {
        if (purpose === "compact") return "server"
        return ++asked === 3 ? "context" : say(`answer ${asked} to ${request.messages.length}`)
      })
      const session = yield* one.open()
      yield* one.ask(session, "my first word")
      yield* one.ask(session, "my second word")
      assert.strictEqual((yield* one.ask(session, "my third word")).reason, "completed")
      const [compacted] = yield* one.loop.events("session.compacted")
      assert.strictEqual(compacted?.type === "session.compacted" ? compacted.payload.reason : "", "window")
      const { messages } = one.asked.at(-1)!.request
      assert.include(JSON.stringify(messages), "said: my first word")
      assert.isTrue(messages.every(({ role }) => role === "system" || role === "user"))
    }).pipe(Effect.scoped),
  )

  it.live("rests with the reason and the cure when no model answers, and goes on from there", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder("overloaded", say("back")))
      const session = yield* one.open()
      const rested = yield* one.ask(session, "hello")
      assert.strictEqual(rested.reason, "failed")
      assert.include(rested.message, "overloaded")
      assert.strictEqual((yield* one.ask(session, "again")).reason, "completed")
    }).pipe(Effect.scoped),
  )

  it.live("asks the user when it goes round in circles", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, () => calls(call("t", "no_such_tool", { path: "a.txt" })))
      const session = yield* one.open()
      const rested = yield* one.ask(session, "go")
      assert.strictEqual(rested.reason, "loop")
      assert.match(rested.message, /3 times.*\?$/)
      assert.lengthOf(one.asked, 3)
    }).pipe(Effect.scoped),
  )

  it.live("is never the person who talks: its third same call in a row asks", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const one = yield* talk(at, () => calls(call("t", "read_file", { path: "a.txt" })))
      const session = yield* one.open()
      yield* Effect.forkChild(one.ask(session, "go"), { startImmediately: true })
      const row = yield* waiting(one)
      assert.strictEqual(row.requestedBy, "agent")
      assert.strictEqual(row.actions[0]!.rule, "repeated")
      assert.lengthOf(one.asked, 3)
    }).pipe(Effect.scoped),
  )

  it.live("asks no model while Claw is paused, and goes on by itself afterwards", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("Here.")))
      const session = yield* one.open()
      yield* one.loop.append(draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user" }))
      const asking = yield* Effect.forkChild(one.ask(session, "hello"), { startImmediately: true })
      const seen = one.log.follow(0).pipe(
        Stream.filter((events) => events.some(({ type }) => type === "session.prepared")),
        Stream.runHead,
      )
      yield* seen
      assert.lengthOf(one.asked, 0)
      const [resumed] = yield* one.loop.append(
        draft("daemon.resumed", { reason: "asked" }, { actor: "user" }),
      )
      assert.strictEqual((yield* Fiber.join(asking)).reason, "completed")
      const [requested] = yield* one.loop.events("model.requested")
      assert.isAbove(requested!.seq, resumed!.seq)
    }).pipe(Effect.scoped),
  )

  it.live("keeps keys out of the log and of every prompt", () =>
    Effect.gen(function* () {
      const at = yield* place
      const token = ["ghp", "_16C7e42F292c6912E7", "710c838347Ae178B4a"].join("")
      const one = yield* talk(at, inOrder(say("ok")))
      const session = yield* one.open()
      yield* Effect.orDie(
        one.sessions.say({
          session,
          text: `my key is ${token}`,
          surface: "cli",
          actor: "user:cli",
          files: [
            { path: "env.txt", mediaType: "text/plain", content: new TextEncoder().encode(`KEY=${token}\n`) },
          ],
        }),
      ).pipe(Effect.flatMap((seq) => Effect.orDie(one.sessions.rested(session, seq))))
      assert.notInclude(JSON.stringify(one.asked.map(({ request }) => request)), token)
      assert.notInclude(JSON.stringify(yield* one.loop.events()), token)
      assert.include(JSON.stringify(one.asked[0]!.request.messages), "env.txt")
    }).pipe(Effect.scoped),
  )
})
