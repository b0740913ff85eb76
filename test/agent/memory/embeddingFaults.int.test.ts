/** A server of embeddings that is away, slow, wrong, changed or too dear: memories are found by their words, and it is said once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { memoryBackend } from "../../../log-store/MemoryBackend.ts"
import type { SettingsInput } from "../../../src/config/Settings.ts"
import { ModelLog } from "../../../src/model/ModelLog.ts"
import { Models } from "../../../src/model/Models.ts"
import { replayModels, replayProvider } from "../../../src/model/recorderReplay.ts"
import { embeddingServer, type Turn } from "../../fixtures/models/embeddingServer.ts"
import { type MeaningWorld, meaningWorld, settingsWith, workspace } from "./meaningWorld.ts"

const concepts = { shipping: ["deploy", "live"], storing: ["postgres", "database"] }
const deploy = "Deploy with fly"
const postgres = "Postgres listens on 5433"
const query = "how does it get live"

const begun = Effect.fnUntraced(function* (more: SettingsInput = {}, backend = memoryBackend()) {
  const server = yield* embeddingServer(concepts)
  const one = yield* meaningWorld(backend, () => settingsWith(server.baseUrl, more))
  return { backend, one, server }
})
const withBoth = Effect.fnUntraced(function* (backend = memoryBackend()) {
  const made = yield* begun({}, backend)
  yield* made.one.remember(deploy)
  yield* made.one.remember(postgres)
  yield* made.one.embedded(2)
  return made
})
/** Memories that are not known by what they mean yet, in a daemon that would. */
const remembered = Effect.fnUntraced(function* () {
  const { backend, one, server } = yield* begun({ memory: {} })
  yield* one.remember(deploy)
  yield* one.remember(postgres)
  yield* one.kill
  return { server, two: yield* meaningWorld(backend, () => settingsWith(server.baseUrl)) }
})
const healths = (one: MeaningWorld) =>
  Effect.map(one.events("daemon.health"), (all) =>
    all.map(({ payload }) => `${payload.state} ${payload.detail}`),
  )
const failures = (one: MeaningWorld) =>
  Effect.map(one.events("model.failed"), (all) => all.map(({ payload }) => payload.reason))

describe("without its server", () => {
  it.live("memories are found by their words at once, and that is said once", () =>
    Effect.gen(function* () {
      const { one, server } = yield* withBoth()
      yield* server.stop
      const first = yield* one.search(`${query} with fly`)
      assert.deepStrictEqual(first.found, [deploy])
      assert.match(first.without!, /ECONNREFUSED|network|connection/i)
      const tried = (yield* one.events("model.requested")).length
      assert.deepStrictEqual(yield* one.search(query), { found: [], without: null })
      assert.strictEqual((yield* one.events("model.requested")).length, tried)
      assert.deepStrictEqual(yield* failures(one), ["network"])
      assert.match(
        (yield* healths(one)).join("\n"),
        /^degraded memories are searched by their words alone: .*$/,
      )
      assert.match((yield* one.embeddings.status(workspace)).problem!, /ECONNREFUSED|connection/i)
    }).pipe(Effect.scoped),
  )

  it.live("that is slow no search waits, and no second one at all", () =>
    Effect.gen(function* () {
      const { backend, one: before, server } = yield* withBoth()
      yield* before.kill
      const one = yield* meaningWorld(backend, () => settingsWith(server.baseUrl), 300)
      const { promise, resolve } = Promise.withResolvers<void>()
      yield* server.next({ after: promise })
      const first = yield* one.search(`${query} with fly`)
      assert.deepStrictEqual(first.found, [deploy])
      assert.match(first.without!, /gave no answer within 0.3 s/)
      assert.deepStrictEqual(yield* one.search(query), { found: [], without: null })
      resolve()
      // the answer counts once it has come
      yield* one.first("model.answered", ({ payload }) => payload.vectors?.data.length === 88)
      for (;;) if ((yield* one.search(query)).found[0] === deploy) break
      assert.deepStrictEqual(yield* healths(one), [])
    }).pipe(Effect.scoped),
  )

  it.live("that asks to be left alone nothing is asked", () =>
    Effect.gen(function* () {
      const { one, server } = yield* begun()
      yield* server.next({ status: 429, retryAfter: 1_000, message: "slow down" })
      yield* one.remember(deploy)
      yield* one.first("daemon.health")
      yield* one.remember(postgres)
      const { without } = yield* one.search(query)
      assert.match(without!, /429: slow down/)
      assert.strictEqual(server.asked.length, 1)
      assert.deepStrictEqual(yield* failures(one), ["rate-limit"])
    }).pipe(Effect.scoped),
  )

  it.live("a model that nobody serves is named, with the one that was meant", () =>
    Effect.gen(function* () {
      const { one, server } = yield* begun({ memory: { embeddings: "neaar/meanings" } })
      yield* one.remember(deploy)
      yield* one.first("daemon.health")
      assert.match((yield* one.search(query)).without!, /no provider is called neaar \(did you mean near\?\)/)
      assert.deepStrictEqual(yield* one.events("model.requested"), [])
      assert.strictEqual(server.asked.length, 0)
    }).pipe(Effect.scoped),
  )

  it.live("a provider that has none says so", () =>
    Effect.gen(function* () {
      const { one } = yield* begun({ memory: { embeddings: "anthropic/claude-haiku-5-5" } })
      yield* one.remember(deploy)
      const { payload } = yield* one.first("daemon.health")
      assert.match(payload.detail, /anthropic has no embeddings: name a model of another provider/)
    }).pipe(Effect.scoped),
  )
})

describe("an answer that is none", () => {
  const wrong: ReadonlyArray<readonly [string, Turn, RegExp]> = [
    ["no JSON", { body: "<html>" }, /./],
    ["another API's", { body: '{"choices":[]}' }, /not an answer of this API/],
    ["too few vectors", { change: () => [] }, /sent 0 vectors for 1 texts/],
    ["a place twice", { change: (rows) => [...rows, ...rows] }, /fit no text/],
    ["no number", { change: (rows) => rows.map((row) => ({ ...row, embedding: [1, "2"] })) }, /that is none/],
    ["nothing", { change: (rows) => rows.map((row) => ({ ...row, embedding: [] })) }, /that is none/],
    ["no direction", { change: (rows) => rows.map((row) => ({ ...row, embedding: [0, 0] })) }, /no length/],
    ["base64", { change: (rows) => rows.map((row) => ({ ...row, embedding: "AAAA" })) }, /that is none/],
  ]
  it.live.each(wrong)("(%s) is recorded as a failure and kept nowhere", ([, turn, why]) =>
    Effect.gen(function* () {
      const { one, server } = yield* begun()
      yield* server.next(turn)
      yield* one.remember(deploy)
      const { payload } = yield* one.first("model.failed")
      assert.strictEqual(payload.reason, "malformed")
      assert.match(payload.message, why)
      assert.deepStrictEqual(yield* one.events("model.answered"), [])
      assert.strictEqual((yield* one.embeddings.status(workspace)).embedded, 0)
    }).pipe(Effect.scoped),
  )

  it.live("with vectors of two sizes is one, too", () =>
    Effect.gen(function* () {
      const { server, two } = yield* remembered()
      yield* server.next({
        change: (rows) => rows.map((row, at) => (at === 1 ? { ...row, embedding: [1, 2] } : row)),
      })
      yield* two.remember("The logo is green")
      const { payload } = yield* two.first("model.failed")
      assert.match(payload.message, /vectors of 64 and of 2 members/)
    }).pipe(Effect.scoped),
  )

  it.live("and comes in another order is put in order", () =>
    Effect.gen(function* () {
      const { server, two } = yield* remembered()
      yield* server.next({ change: (rows) => rows.toReversed() })
      yield* two.remember("The logo is green")
      yield* two.embedded(3)
      assert.deepStrictEqual((yield* two.search(query)).found, [deploy])
    }).pipe(Effect.scoped),
  )
})

describe("a text the model does not take", () => {
  it.live("is left out, and the others are not", () =>
    Effect.gen(function* () {
      const { backend, one, server } = yield* begun({ memory: {} })
      yield* one.remember(deploy)
      yield* one.remember("Something long")
      yield* one.kill
      const two = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
      yield* server.next({ status: 400, message: "the input is too long", where: "long", always: true })
      yield* two.remember(postgres)
      yield* two.embedded(2)
      assert.deepStrictEqual((yield* two.search(query)).found, [deploy])
      const asked = server.asked.length
      yield* two.remember("Lunch is at noon")
      yield* two.embedded(3)
      assert.strictEqual(server.asked.length, asked + 1, "it is not tried again")
      assert.deepStrictEqual(yield* healths(two), [])
    }).pipe(Effect.scoped),
  )

  it.live("is the server's fault where it takes none", () =>
    Effect.gen(function* () {
      const { backend, one, server } = yield* begun({ memory: {} })
      yield* Effect.forEach(Array.from({ length: 9 }), (_, n) =>
        one.remember(`Number ${n} and so on ${n * 7}`),
      )
      yield* one.kill
      const two = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
      yield* server.next({ status: 400, message: "this model does not do embeddings", always: true })
      yield* two.remember(postgres)
      assert.match((yield* two.first("daemon.health")).payload.detail, /does not do embeddings/)
      assert.isAtMost(server.asked.length, 5)
    }).pipe(Effect.scoped),
  )
})

describe("another model", () => {
  it.live(
    "is asked about all of it when something looks for a memory, and the old answers do not count",
    () =>
      Effect.gen(function* () {
        const { backend, one, server } = yield* withBoth()
        yield* one.kill
        const two = yield* meaningWorld(backend, () =>
          settingsWith(server.baseUrl, { memory: { embeddings: "near/other" } }),
        )
        assert.strictEqual((yield* two.embeddings.status(workspace)).embedded, 0)
        const asked = server.asked.length
        assert.deepStrictEqual((yield* two.search(query)).found, [])
        yield* two.embedded(2)
        assert.deepStrictEqual(
          server.asked.slice(asked).map(({ model, input }) => [model, input.length]),
          [["other", 2]],
        )
        assert.deepStrictEqual((yield* two.search(query)).found, [deploy])
        yield* two.kill
        const three = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
        assert.strictEqual(
          (yield* three.embeddings.status(workspace)).embedded,
          2,
          "the first one is known still",
        )
      }).pipe(Effect.scoped),
  )

  it.live("under the old name, with vectors of another size, likewise", () =>
    Effect.gen(function* () {
      const { backend, one, server } = yield* withBoth()
      server.resize(96)
      assert.deepStrictEqual((yield* one.search(query)).found, [])
      yield* one.embedded(2)
      assert.deepStrictEqual((yield* one.search(query)).found, [deploy])
      yield* one.kill
      const two = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
      assert.deepStrictEqual((yield* two.search(query)).found, [deploy])
    }).pipe(Effect.scoped),
  )
})

describe("a ceiling", () => {
  it.live("that it could go over keeps it from being asked, and asks nobody", () =>
    Effect.gen(function* () {
      const { one, server } = yield* begun({ budgets: { dayUsd: 0.000_01 } })
      yield* one.remember(deploy)
      const { payload } = yield* one.first("daemon.health")
      assert.match(payload.detail, /ceiling of \$0\.00001 for today/)
      assert.strictEqual(server.asked.length, 0)
      assert.deepStrictEqual(yield* one.events("model.requested"), [])
      assert.deepStrictEqual(yield* one.events("session.asked"), [])
      assert.match((yield* one.search("fly")).without!, /ceiling/)
    }).pipe(Effect.scoped),
  )
})

describe("a daemon that ends", () => {
  it.live("between question and answer asks again when something is remembered, not before", () =>
    Effect.gen(function* () {
      const { backend, one, server } = yield* begun()
      const { promise, resolve } = Promise.withResolvers<void>()
      yield* server.next({ after: promise })
      yield* one.remember(deploy)
      yield* server.until(1)
      yield* one.kill
      resolve()
      const two = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
      yield* two.first("model.failed", ({ payload }) => payload.reason === "interrupted")
      assert.strictEqual((yield* two.embeddings.status(workspace)).embedded, 0)
      assert.strictEqual(server.asked.length, 1)
      yield* two.remember(postgres)
      yield* two.embedded(2)
      assert.deepStrictEqual(server.asked.at(-1)!.input, [deploy, postgres])
    }).pipe(Effect.scoped),
  )

  it.live("and one that is paused break it off, and it is asked for later", () =>
    Effect.gen(function* () {
      const { one, server } = yield* begun()
      const { promise, resolve } = Promise.withResolvers<void>()
      yield* server.next({ after: promise })
      yield* one.remember(deploy)
      yield* server.until(1)
      yield* one.killSwitch.throw
      yield* one.first("model.failed", ({ payload }) => payload.reason === "cancelled")
      resolve()
      yield* one.killSwitch.release
      yield* one.remember(postgres)
      yield* one.embedded(2)
      assert.deepStrictEqual(yield* healths(one), [])
    }).pipe(Effect.scoped),
  )
})

describe("the log", () => {
  it.live("answers a replay with the same numbers, without a server", () =>
    Effect.gen(function* () {
      const { one, server } = yield* withBoth()
      yield* one.search(query)
      yield* server.stop
      const requested = yield* one.events("model.requested")
      const answered = yield* one.events("model.answered")
      yield* Effect.gen(function* () {
        const models = yield* Models
        for (const [at, { payload }] of requested.entries()) {
          const request = yield* one.log.requestOf(payload.call)
          const cause = yield* Effect.orDie(one.store.getById(requested[at]!.causationId!))
          const event = yield* models.answer({
            purpose: payload.purpose,
            session: null,
            situation: null,
            rule: null,
            workspace,
            trust: "untrusted",
            cause: { seq: cause!.seq, id: cause!.id },
            request: request!,
            base: null,
          })
          assert.deepStrictEqual(event, answered[at]!)
        }
      }).pipe(Effect.provide(replayModels.pipe(Layer.provide(Layer.succeed(ModelLog, one.log)))))
      const call = yield* one.log.call(requested[0]!.payload.call)
      const provider = replayProvider("near", [call!], one.log.requestOf)
      const parts = yield* Stream.runCollect(
        provider.embed!((yield* one.log.requestOf(call!.requested.payload.call))!, null),
      )
      assert.include(JSON.stringify(parts), (answered[0]!.payload.vectors ?? { data: "none" }).data)
    }).pipe(Effect.scoped),
  )

  it.live("loses the numbers with the words they were made of", () =>
    Effect.gen(function* () {
      const { one, server } = yield* withBoth()
      yield* one.remember("The logo is green")
      yield* one.embedded(3)
      const [proposed] = yield* one.events("memory.proposed")
      const found = yield* one.forgetting.find({ query: {}, seqs: [proposed!.seq] })
      yield* one.forgetting.erase(found, "asked", "user:cli", null)
      const requested = yield* one.events("model.requested")
      const gone = requested.filter(({ payload }) => (payload as unknown) === null)
      assert.isAtLeast(gone.length, 1)
      for (const { id } of gone) {
        const ends = yield* Stream.runCollect(one.store.read({ causationId: id }))
        for (const end of ends) assert.isNull(end.payload)
      }
      const left = requested.flatMap(({ payload }) => ((payload as unknown) === null ? [] : [payload]))
      assert.isFalse(left.some(({ memories = [] }) => memories.includes(proposed!.payload.memory)))
      for (const { call } of left) assert.notInclude(JSON.stringify(yield* one.log.requestOf(call)), "fly")
      assert.deepStrictEqual((yield* one.search(query)).found, [])
      // what was asked about in the same request is asked about again
      yield* one.embedded(2)
      assert.deepStrictEqual((yield* one.search("the database")).found, [postgres])
      assert.isAbove(server.asked.length, 0)
    }).pipe(Effect.scoped),
  )
})
