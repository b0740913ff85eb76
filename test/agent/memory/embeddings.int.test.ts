/** Memories found by what they mean: over HTTP, in the log, paid for; and nothing of it where the settings name no model. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../../log-store/MemoryBackend.ts"
import { embeddingServer } from "../../fixtures/models/embeddingServer.ts"
import { meaningWorld, settingsWith, workspace } from "./meaningWorld.ts"

const concepts = {
  shipping: ["deploy", "production", "ship", "live", "fly"],
  storing: ["postgres", "database", "tables"],
  naming: ["camelcase", "identifiers", "names"],
}
const told = [
  "Deploy with fly from the main branch",
  "Postgres listens on port 5433",
  "Write identifiers in camelCase",
  "The office dog is called Bruno",
  "Coffee comes from the second floor",
  "Invoices go out on Mondays",
  "The logo is green",
  "Standup is at ten",
  "Lunch is at noon",
  "The printer is on strike",
] as const

const world = Effect.fnUntraced(function* (backend = memoryBackend()) {
  const server = yield* embeddingServer(concepts)
  const one = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
  return { backend, one, server }
})
const filled = Effect.fnUntraced(function* () {
  const { backend, one, server } = yield* world()
  yield* Effect.forEach(told, (text) => one.remember(text))
  yield* one.embedded(told.length)
  return { backend, one, server }
})

describe("memories and what they mean", () => {
  it.live("are found where no word of the question stands in them, and only with a model", () =>
    Effect.gen(function* () {
      const { one } = yield* filled()
      const query = "how does it get live"
      assert.deepStrictEqual(yield* one.memories.find(query, workspace, 5), [])
      assert.deepStrictEqual((yield* one.search(query)).found, [told[0]])
      assert.deepStrictEqual((yield* one.search("which tables are there")).found, [told[1]])
      // by words and meaning, each finds what the other does not
      assert.deepStrictEqual((yield* one.search("Bruno wants to ship it")).found.toSorted(), [
        told[0],
        told[3],
      ])
      assert.deepStrictEqual((yield* one.search("quantum chromodynamics")).found, [])
    }).pipe(Effect.scoped),
  )

  it.live("are asked about once, in the log before they are sent, and paid for", () =>
    Effect.gen(function* () {
      const { one, server } = yield* filled()
      yield* one.search("how does it get live")
      const requested = yield* one.events("model.requested")
      const answered = yield* one.events("model.answered")
      assert.deepStrictEqual(
        server.asked.flatMap(({ input }) => input).toSorted(),
        [...told, "how does it get live"].toSorted(),
      )
      assert.strictEqual(requested.length, server.asked.length)
      assert.strictEqual(answered.length, server.asked.length)
      for (const [at, { payload }] of requested.entries()) {
        const purpose = payload.memories === undefined ? "recall" : "embed"
        assert.deepInclude(payload, { purpose, model: "near/meanings" })
        const request = yield* one.log.requestOf(payload.call)
        assert.strictEqual(request!.messages.length, server.asked[at]!.input.length)
        assert.isAtLeast(payload.worstUsd!, answered[at]!.payload.usd!)
      }
      const paid = answered.reduce((sum, { payload }) => sum + payload.usd!, 0)
      const tokens = answered.reduce((sum, { payload }) => sum + payload.usage.input, 0)
      assert.approximately(paid, tokens / 1_000_000, 1e-12)
      const { spent } = yield* one.log.costs
      const today = Object.entries(spent).find(([key]) => key.startsWith("day:"))![1]
      assert.approximately(today.usd, paid, 1e-12)
      assert.strictEqual(spent["session:c_1"]!.calls, 1)
    }).pipe(Effect.scoped),
  )

  it.live("are known again after a restart, without asking", () =>
    Effect.gen(function* () {
      const { backend, one, server } = yield* filled()
      const asked = server.asked.length
      yield* one.kill
      const two = yield* meaningWorld(backend, () => settingsWith(server.baseUrl))
      assert.deepInclude(yield* two.embeddings.status(workspace), {
        known: told.length,
        embedded: told.length,
      })
      assert.strictEqual(server.asked.length, asked)
      assert.deepStrictEqual((yield* two.search("how does it get live")).found, [told[0]])
      assert.strictEqual(server.asked.length, asked + 1)
    }).pipe(Effect.scoped),
  )

  it.live("are never asked about where nothing is named, or the workspace does not want it", () =>
    Effect.gen(function* () {
      const server = yield* embeddingServer(concepts)
      const off = yield* meaningWorld(memoryBackend(), () => settingsWith(server.baseUrl, { memory: {} }))
      yield* off.remember(told[0]!)
      assert.deepStrictEqual(yield* off.search("how does it get live"), { found: [], without: null })
      assert.deepStrictEqual(yield* off.embeddings.status(workspace), {
        model: null,
        known: 1,
        embedded: 0,
        problem: null,
      })
      const some = yield* meaningWorld(memoryBackend(), (of) =>
        settingsWith(server.baseUrl, of === workspace ? { memory: { embeddings: "off" } } : {}),
      )
      yield* some.remember(told[0]!)
      yield* some.remember("elsewhere", "/home/dev/other")
      yield* some.first("model.answered")
      assert.deepStrictEqual(yield* some.search("how does it get live"), { found: [], without: null })
      assert.deepStrictEqual(
        server.asked.map(({ input }) => input),
        [["elsewhere"]],
      )
    }).pipe(Effect.scoped),
  )

  it.live("are put to a model in the form it was trained on", () =>
    Effect.gen(function* () {
      const server = yield* embeddingServer(concepts)
      const one = yield* meaningWorld(memoryBackend(), () =>
        settingsWith(server.baseUrl, { memory: { embeddings: "near/nomic-embed-text:latest" } }),
      )
      yield* one.remember(told[0]!)
      yield* one.embedded(1)
      yield* one.search("get live")
      assert.deepStrictEqual(
        server.asked.map(({ input }) => input),
        [[`search_document: ${told[0]}`], ["search_query: get live"]],
      )
    }).pipe(Effect.scoped),
  )

  it.live("no longer count once they are forgotten, and count again without asking", () =>
    Effect.gen(function* () {
      const { one, server } = yield* filled()
      const id = (yield* one.memories.find("fly", workspace, 1))[0]!.memory.id
      yield* Effect.orDie(one.memories.forget(id, "cli"))
      assert.deepStrictEqual((yield* one.search("how does it get live")).found, [])
      const asked = server.asked.length
      yield* Effect.orDie(one.memories.restore(id, "cli"))
      yield* one.embedded(told.length)
      assert.deepStrictEqual((yield* one.search("how does it get live")).found, [told[0]])
      assert.strictEqual(server.asked.length, asked + 1)
    }).pipe(Effect.scoped),
  )
})
