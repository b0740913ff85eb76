/** Answers of Responses that outlive their connection: cut, taken up, given up, and cancelled where nobody waits for them. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import type { Response } from "effect/ai"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { decodeSettings } from "../../src/config/Settings.ts"
import { answerOf, streamPartsOf } from "../../src/model/answer.ts"
import { openaiProvider } from "../../src/model/openai/openaiProvider.ts"
import { describeModel } from "../../src/model/routing.ts"
import { makeProvider } from "../../src/model/routingProviders.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Turn } from "../fixtures/models/turns.ts"
import { asks, boot, hurried, says, settingsOf } from "./modelWorld.ts"
import { request } from "./requests.ts"

type Part = Response.StreamPartEncoded

const text =
  "a story that is long enough to be cut in the middle of it, twice, and told to its end all the same"
const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 }
/** Within the text; the second is a part of what comes after the first. */
const cut = { kind: "cut", afterBytes: 1500 } as const
const cutAgain = { kind: "cut", afterBytes: 500 } as const
const stalled = { kind: "stall", afterBytes: 1500 } as const

const over = (turn: Turn, limits: { readonly stallMs?: number; readonly times?: number } = {}) =>
  Effect.gen(function* () {
    const server = yield* modelServer({ turns: [turn] })
    const { stallMs = 5_000, times = 4 } = limits
    const endpoint = { name: "openai", baseUrl: server.openaiUrl, stallMs }
    const provider = openaiProvider(endpoint, { times, waitMs: 1 })
    const parts: Array<Part> = []
    const run = provider
      .stream(request(), null)
      .pipe(Stream.runForEach((part) => Effect.sync(() => parts.push(part))))
    const paths = () => server.others.map(({ method, path }) => `${method} ${path}`)
    return { server, provider, parts, run, paths }
  })

const textIn = (parts: ReadonlyArray<Part>): string =>
  parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : [])).join("")

const read = "GET /v1/responses/resp_r0001"
const cancelled = "POST /v1/responses/resp_r0001/cancel"

describe("an answer whose connection breaks", () => {
  it.live("is stored at the server and asked for once, and nothing is cancelled where nothing breaks", () =>
    Effect.gen(function* () {
      const { parts, paths, run, server } = yield* over({ text })
      yield* run
      assert.strictEqual(textIn(parts), text)
      assert.strictEqual(answerOf(parts).resumed, 0)
      const [asked] = server.journal
      assert.deepInclude(asked!.body, { store: true, background: true, stream: true })
      assert.deepStrictEqual(paths(), [])
    }).pipe(Effect.scoped),
  )

  it.live("twice is told once: its text, its calls and its usage", () =>
    Effect.gen(function* () {
      const calls = [{ name: "Read", input: { path: "a.ts" } }, { name: "Status" }]
      const { parts, paths, run, server } = yield* over({
        text,
        calls,
        usage,
        fault: cut,
        later: [{ fault: cutAgain }],
      })
      yield* run
      const answer = answerOf(parts)
      assert.strictEqual(textIn(parts), text)
      assert.deepStrictEqual(
        answer.content.map((part) => (part.type === "tool-call" ? part.name : part.type)),
        ["text", "Read", "Status"],
      )
      assert.strictEqual(parts.filter(({ type }) => type === "finish").length, 1)
      assert.strictEqual(answer.usage?.output, 5)
      assert.strictEqual(answer.resumed, 2)
      assert.strictEqual(server.journal.length, 1)
      assert.deepStrictEqual(paths(), [read, read])
      const [first, second] = server.others.map(({ query }) => Number(query["starting_after"]))
      assert.isAbove(first!, 1)
      assert.isAbove(second!, first!)
    }).pipe(Effect.scoped),
  )

  it.live("in its reasoning comes back sealed", () =>
    Effect.gen(function* () {
      const reasoning = "I think about this for long enough to be cut in the midst of my thinking about it."
      const { parts, run, server } = yield* over({ reasoning, text, fault: cut })
      yield* run
      const [thought] = answerOf(parts).content
      assert.strictEqual(thought?.type === "reasoning" ? thought.text : null, reasoning)
      assert.isString(thought?.options?.["openai"]?.["sealed"])
      assert.include(Object.keys(server.others[0]!.query).join(), "include")
    }).pipe(Effect.scoped),
  )

  it.live("after its last event is whole", () =>
    Effect.gen(function* () {
      const { parts, paths, run } = yield* over({ text, usage, fault: { kind: "cut", afterBytes: 1e9 } })
      yield* run
      assert.strictEqual(textIn(parts), text)
      assert.strictEqual(answerOf(parts).finish, "stop")
      assert.deepStrictEqual(paths(), [])
    }).pipe(Effect.scoped),
  )

  it.live("drops what the server sends again", () =>
    Effect.gen(function* () {
      const { parts, run } = yield* over({ text, usage, fault: cut, later: [{ shift: -1000 }] })
      yield* run
      assert.strictEqual(textIn(parts), text)
      assert.strictEqual(answerOf(parts).resumed, 1)
    }).pipe(Effect.scoped),
  )

  it.live("fails as a cut where the server leaves events out", () =>
    Effect.gen(function* () {
      const turn = { text, fault: cut, later: [{ shift: 1 }, { shift: 1 }, { shift: 1 }, { shift: 1 }] }
      const { parts, paths, run } = yield* over(turn)
      const error = yield* Effect.flip(run)
      assert.strictEqual(error.reason, "network")
      assert.isTrue(text.startsWith(textIn(parts)))
      assert.deepStrictEqual(paths(), [read, read, read, read, cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("waits out a server that is busy, but not for ever", () =>
    Effect.gen(function* () {
      const busy = { fault: { kind: "overloaded" } } as const
      const patient = yield* over({ text, fault: cut, later: [busy, busy] })
      yield* patient.run
      assert.strictEqual(textIn(patient.parts), text)
      assert.strictEqual(answerOf(patient.parts).resumed, 1)
      const given = yield* over({ text, fault: cut, later: [busy, busy] }, { times: 2 })
      const error = yield* Effect.flip(given.run)
      assert.strictEqual(error.reason, "network")
      assert.isTrue(error.begun)
      assert.deepStrictEqual(given.paths(), [read, read, cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("fails in the ordinary way where the server does not keep it", () =>
    Effect.gen(function* () {
      const { paths, run } = yield* over({ text, fault: cut, forgotten: true })
      const error = yield* Effect.flip(run)
      assert.strictEqual(error.reason, "network")
      assert.isTrue(error.begun)
      assert.deepStrictEqual(paths(), [read, cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("twice more often than it may be taken up fails, and asks no more", () =>
    Effect.gen(function* () {
      const again = { fault: { kind: "cut", afterBytes: 300 } } as const
      const { paths, run } = yield* over({ text, fault: cut, later: [again, again, again] }, { times: 2 })
      assert.strictEqual((yield* Effect.flip(run)).reason, "network")
      assert.deepStrictEqual(paths(), [read, read, cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("is not taken up where the server itself says that it failed", () =>
    Effect.gen(function* () {
      const fault = { kind: "error-event", type: "server_error", message: "no" } as const
      const { paths, run } = yield* over({ text, fault })
      assert.strictEqual((yield* Effect.flip(run)).reason, "server")
      assert.deepStrictEqual(paths(), [])
    }).pipe(Effect.scoped),
  )
})

describe("an answer that nobody waits for any more", () => {
  it.live("is cancelled at the server when it is stopped", () =>
    Effect.gen(function* () {
      const { paths, provider, server } = yield* over({ text, fault: stalled })
      const begun = yield* Deferred.make<void>()
      const fiber = yield* provider.stream(request(), null).pipe(
        Stream.runForEach(({ type }) =>
          type === "text-delta" ? Deferred.succeed(begun, undefined) : Effect.void,
        ),
        Effect.forkChild,
      )
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(paths(), [cancelled])
      assert.strictEqual(yield* Effect.promise(() => server.journal[0]!.ended), "dropped")
    }).pipe(Effect.scoped),
  )

  it.live("is cancelled when it is stopped between two tries to take it up", () =>
    Effect.gen(function* () {
      const busy = { fault: { kind: "overloaded" } } as const
      const server = yield* modelServer({ turns: [{ text, fault: cut, later: [busy, busy, busy] }] })
      const limits = { times: 4, waitMs: 600_000 }
      const provider = openaiProvider({ name: "openai", baseUrl: server.openaiUrl }, limits)
      const fiber = yield* Effect.forkChild(Stream.runDrain(provider.stream(request(), null)))
      while (server.others.length === 0)
        yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        server.others.map(({ method, path }) => `${method} ${path}`),
        [read, cancelled],
      )
    }).pipe(Effect.scoped),
  )

  it.live("is cancelled when it stalls", () =>
    Effect.gen(function* () {
      const { paths, run } = yield* over({ text, fault: stalled }, { stallMs: 60 })
      assert.strictEqual((yield* Effect.flip(run)).reason, "stalled")
      assert.deepStrictEqual(paths(), [cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("is cancelled when it does not keep to the protocol", () =>
    Effect.gen(function* () {
      const { paths, run } = yield* over({ text, fault: { kind: "malformed" } })
      assert.strictEqual((yield* Effect.flip(run)).reason, "malformed")
      assert.deepStrictEqual(paths(), [cancelled])
    }).pipe(Effect.scoped),
  )

  it.live("is cancelled as soon as it has a name, when it is stopped before that", () =>
    Effect.gen(function* () {
      const gate = Promise.withResolvers<Turn>()
      const server = yield* modelServer({ answer: () => gate.promise })
      const provider = openaiProvider({ name: "openai", baseUrl: server.openaiUrl }, { times: 4, waitMs: 1 })
      const fiber = yield* Effect.forkChild(Stream.runDrain(provider.stream(request(), null)))
      yield* server.asked(1)
      const stopping = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
      gate.resolve({ text })
      yield* Fiber.join(stopping)
      assert.deepStrictEqual(
        server.others.map(({ path }) => path),
        ["/v1/responses/resp_r0001/cancel"],
      )
    }).pipe(Effect.scoped),
  )
})

describe("the setting", () => {
  const near = { kind: "openai", baseUrl: "http://127.0.0.1:1/v1" } as const

  const world = (turns: ReadonlyArray<Turn>) =>
    Effect.gen(function* () {
      const server = yield* modelServer({ turns })
      const provider = { ...near, baseUrl: server.openaiUrl, resume: true }
      const settings = { models: { default: "near/m", providers: { near: provider } } }
      const own = settingsOf(settings).models
      const made = yield* Effect.orDie(makeProvider("near", own.providers["near"]!, own.timeouts))
      const world = yield* boot(memoryBackend(), () => says("not over HTTP"), { settings, provider: made })
      const call = yield* world.call({ request: asks("What is it?", { model: "near/m" }) })
      return { call, server, world }
    })

  it.live("makes one call of it, which says how often it was taken up", () =>
    Effect.gen(function* () {
      const { call, server, world: w } = yield* world([{ text, usage, fault: cut }])
      const answered = yield* w.models.answer(call)
      assert.strictEqual(answered.payload.resumed, 1)
      assert.deepStrictEqual(answered.payload.content, [{ type: "text", text }])
      assert.strictEqual(answered.payload.usage.output, 5)
      assert.strictEqual((yield* w.events("model.requested")).length, 1)
      assert.deepStrictEqual(yield* w.events("model.failed"), [])
      assert.strictEqual(server.journal.length, 1)
    }).pipe(hurried),
  )

  it.live("asks anew, as without it, where the server keeps nothing", () =>
    Effect.gen(function* () {
      const {
        call,
        server,
        world: w,
      } = yield* world([
        { text, usage, fault: cut, forgotten: true },
        { text: "A cat.", usage },
      ])
      const answered = yield* w.models.answer(call)
      assert.deepStrictEqual(answered.payload.content, [{ type: "text", text: "A cat." }])
      assert.notProperty(answered.payload, "resumed")
      const [failed] = yield* w.events("model.failed")
      assert.strictEqual(failed!.payload.reason, "network")
      assert.strictEqual(server.journal.length, 2)
    }).pipe(hurried),
  )

  it("survives the way through the log and back", () => {
    const answer = { ...answerOf([]), content: [{ type: "text" as const, text }], resumed: 2 }
    assert.strictEqual(answerOf(streamPartsOf(answer)).resumed, 2)
  })

  it.live("lets a pause cancel what is on its way", () =>
    Effect.gen(function* () {
      const { call, server, world: w } = yield* world([{ text, usage, fault: stalled }, { text: "A cat." }])
      const begun = yield* Deferred.make<void>()
      const fiber = yield* w.models.stream(call).pipe(
        Stream.runForEach(({ _tag }) => (_tag === "text" ? Deferred.succeed(begun, undefined) : Effect.void)),
        Effect.forkChild,
      )
      yield* Deferred.await(begun)
      yield* w.killSwitch.throw
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        server.others.map(({ path }) => path),
        ["/v1/responses/resp_r0001/cancel"],
      )
    }).pipe(hurried),
  )

  it("is off by default, declared of the models where it is on, and refused of other protocols", () => {
    const models = (provider: object) =>
      settingsOf({ models: { providers: { near: provider as never } } }).models
    assert.isFalse(describeModel(models(near), "near/m").resumes)
    assert.isFalse(describeModel(models(near), "openai/gpt-6-sol").resumes)
    assert.isTrue(describeModel(models({ ...near, resume: true }), "near/m").resumes)
    const chat = { models: { providers: { near: { kind: "chat" as const, resume: true } } } }
    assert.strictEqual(decodeSettings(chat)._tag, "Failure")
  })
})
