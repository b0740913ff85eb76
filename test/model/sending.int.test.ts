/** When a request goes out: everything is made ready while its event is written, and not a byte is sent before that. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import type { Backend } from "../../log-store/Backend.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { EventOf } from "../../src/domain/event.ts"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import type { ModelCall } from "../../src/model/Models.ts"
import { chatProvider } from "../../src/model/openai/chatProvider.ts"
import { openaiProvider } from "../../src/model/openai/openaiProvider.ts"
import { modelServer } from "../fixtures/models/server.ts"
import { asks, boot, hurried, says, textParts } from "./modelWorld.ts"

const adapters = { anthropic: anthropicProvider, openai: openaiProvider, chat: chatProvider } as const

/** Turns of the event loop, far more than an adapter takes until it sends. */
const turns = Effect.promise(async () => {
  for (let n = 0; n < 100; n++) await new Promise((go) => setImmediate(go))
})

const setUp = (kind: keyof typeof adapters) =>
  Effect.gen(function* () {
    const order: Array<string> = []
    const server = yield* modelServer({ turns: [{ text: "A cat." }, { text: "A dog." }] })
    const baseUrl = kind === "anthropic" ? server.baseUrl : server.openaiUrl
    const fetch: typeof globalThis.fetch = (input, init) => {
      order.push("sent")
      return globalThis.fetch(input, init)
    }
    const real = memoryBackend()
    let held: Promise<void> | null = null
    const committing = yield* Deferred.make<void>()
    const backend: Backend = {
      ...real,
      commit: async (commit) => {
        if (held !== null) {
          Effect.runSync(Deferred.succeed(committing, undefined))
          await held
        }
        await real.commit(commit)
        order.push("durable")
      },
    }
    const provider = adapters[kind]({ name: "near", baseUrl, fetch })
    const settings = { models: { default: "near/m", providers: { near: { kind, baseUrl } } } }
    const world = yield* boot(backend, () => says("not over HTTP"), { settings, provider })
    const call = yield* world.call({ request: asks("What is it?", { model: "near/m" }) })
    // what makes an adapter quick the second time is there
    yield* world.models.answer(call)
    const again = yield* world.call({ request: asks("What is that?", { model: "near/m" }) })
    order.length = 0
    const gate = Promise.withResolvers<void>()
    held = gate.promise
    const release = Effect.sync(() => {
      held = null
      gate.resolve()
    })
    return { world, call: again, order, committing: Deferred.await(committing), release, server }
  })

describe("a request", () => {
  for (const kind of ["anthropic", "openai", "chat"] as const) {
    it.live(`in ${kind}'s protocol goes out once its event is durable`, () =>
      Effect.gen(function* () {
        const { call, committing, order, release, world } = yield* setUp(kind)
        const asking = yield* Effect.forkChild(world.models.answer(call))
        yield* committing
        yield* turns
        assert.deepStrictEqual(order, [])
        yield* release
        const event = yield* Fiber.join(asking)
        assert.deepStrictEqual(order.slice(0, 2), ["durable", "sent"])
        assert.deepStrictEqual(event.payload.content, [{ type: "text", text: "A dog." }])
      }).pipe(hurried),
    )
  }

  it.live("that is stopped while it is written is not sent, and its event has an end", () =>
    Effect.gen(function* () {
      const { call, committing, order, release, server, world } = yield* setUp("anthropic")
      const asking = yield* Effect.forkChild(world.models.answer(call))
      yield* committing
      const stopping = yield* Effect.forkChild(Fiber.interrupt(asking), { startImmediately: true })
      yield* turns
      yield* release
      yield* Fiber.join(stopping)
      yield* turns
      const [failed] = yield* world.events("model.failed")
      assert.strictEqual(failed!.payload.reason, "cancelled")
      assert.notInclude(order, "sent")
      assert.lengthOf(server.journal, 1)
      assert.deepStrictEqual((yield* world.log.costs).open, {})
    }).pipe(hurried),
  )

  it.live("that the log does not take is not sent", () =>
    Effect.gen(function* () {
      const { call, order, release, world } = yield* setUp("anthropic")
      yield* release
      yield* world.kill
      const exit = yield* Effect.exit(world.models.answer(call))
      yield* turns
      assert.isTrue(Exit.hasDies(exit))
      assert.deepStrictEqual(order, [])
    }).pipe(hurried),
  )
})

describe("an answer", () => {
  it.live("has no secret in the log, though it came in two pieces", () =>
    Effect.gen(function* () {
      const token = ["ghp", "_16C7e42F292c6912E7", "710c838347Ae178B4a"].join("")
      const world = yield* boot(memoryBackend(), () =>
        Stream.fromIterable(
          textParts([`It is ${token.slice(0, 15)}`, `${token.slice(15)}, and that is all`]),
        ),
      )
      const { payload } = yield* world.models.answer(yield* world.call())
      const text = payload.content.map((part) => (part.type === "text" ? part.text : "")).join("")
      assert.match(text, /^It is <redacted:[a-z-]+>, and that is all$/)
      assert.notInclude(JSON.stringify(yield* world.events("model.answered")), token.slice(15))
    }).pipe(hurried),
  )
})

describe("over a restart", () => {
  it.live("a request has the same digest, is not asked again, and the next one can be read back", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const first = yield* boot(backend, () => says("one"))
      const call = yield* first.call({ request: asks("What is it?") })
      const answered = yield* first.models.answer(call)
      yield* first.kill
      const second = yield* boot(backend, () => says("two"))
      // the same words in other objects, as a prompt is built again
      const same = structuredClone(call)
      assert.strictEqual((yield* second.models.answer(same)).id, answered.id)
      assert.lengthOf(second.sent, 0)
      const messages = [
        ...same.request.messages,
        { role: "assistant", content: [{ type: "text", text: "one" }] },
        { role: "user", content: [{ type: "text", text: "And now?" }] },
      ] as const
      const base = answered.payload.call
      const next = yield* second.call({ request: asks("", { messages }), base })
      yield* second.models.answer(next)
      const longer = asks("", { messages: [...messages, ...messages.slice(1)] })
      const last = yield* second.models.answer(
        yield* second.call({
          request: longer,
          base: (yield* second.events("model.requested"))[1]!.payload.call,
        }),
      )
      assert.deepStrictEqual(yield* second.log.requestOf(last.payload.call), longer)
    }).pipe(hurried),
  )

  it.live("a request is read back through those it rests on, also of another conversation", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("one"))
      const messages = [...asks("What is it, and where does it come from?").messages]
      let base: string | null = null
      for (const session of ["c_1", "c_1", "c_2", "c_1", "c_2"]) {
        messages.push(
          { role: "assistant", content: [{ type: "text", text: "one" }] },
          { role: "user", content: [{ type: "text", text: `And now, ${session}?` }] },
        )
        const request = asks("", { messages: [...messages], stable: messages.length })
        const call: ModelCall = yield* world.call({ purpose: "chat", session, request, base })
        const { payload }: EventOf<"model.answered"> = yield* world.models.answer(call)
        assert.deepStrictEqual(yield* world.log.requestOf(payload.call), request)
        base = payload.call
      }
    }).pipe(hurried),
  )
})
