/** `memory_search` in a conversation: found by a search, looks into memories and earlier conversations, and into no others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../../log-store/MemoryBackend.ts"
import { findSaid } from "../../../src/agent/memory/saidSearch.ts"
import type { ModelCall } from "../../../src/model/Models.ts"
import { place } from "../../loop/loopWorld.ts"
import { talk } from "../agentWorld.ts"
import { call, calls, inOrder, say } from "../ScriptedModels.ts"
import { stored } from "./memoryWorld.ts"

const names = (one: ModelCall) => one.request.tools.map(({ name }) => name)
const lastOf = (one: ModelCall): string => JSON.stringify(one.request.messages.at(-1))

describe("memory_search", () => {
  it.live("finds memories and what was said in other conversations of this workspace", () =>
    Effect.gen(function* () {
      const at = yield* place
      const backend = memoryBackend()
      const answering = inOrder(
        say("The staging database is called heron."),
        say("Elsewhere the database is called egret."),
        calls(call("t1", "ToolSearch", { query: "what was said in earlier conversations" })),
        calls(call("m1", "memory_search", { query: "name of the staging database" })),
        say("It is heron."),
        calls(call("m2", "memory_search", { query: "zebra" }), call("m3", "memory_search", { q: 1 })),
        say("Nothing."),
      )
      const one = yield* talk(at, answering, backend)
      const earlier = yield* one.open()
      yield* one.ask(earlier, "What is our database called?")
      const other = yield* one.open({ workspace: `${at.home}/other` })
      yield* one.ask(other, "What is our database called?")
      const about = { layer: "fact", scope: "workspace", session: null, surface: "cli" } as const
      const { memory } = yield* Effect.orDie(
        one.memories.remember({
          ...about,
          text: "The database is restored on Mondays",
          workspace: at.workspace,
        }),
      )
      yield* Effect.orDie(
        one.memories.remember({ ...about, text: "The database is secret", workspace: `${at.home}/other` }),
      )
      const session = yield* one.open()
      yield* one.ask(session, "Which database is the staging one?")
      const [, , first, second, third] = one.asked
      assert.notInclude(names(first!), "memory_search")
      assert.strictEqual(names(second!)[names(first!).length], "memory_search", "found before any other")
      const found = lastOf(third!)
      assert.include(found, `fact ${memory.id}: The database is restored on Mondays`)
      assert.include(found, "The staging database is called heron.")
      assert.include(found, earlier)
      assert.notMatch(found, /egret|secret|Which database/)
      const used = (yield* one.loop.events("memory.used")).map(({ payload }) => payload)
      assert.deepStrictEqual(used, [{ memories: [memory.id], session }])
      yield* one.crash

      const two = yield* talk(at, answering, backend)
      yield* two.ask(session, "And a zebra?")
      assert.include(names(two.asked[0]!), "memory_search")
      assert.match(lastOf(two.asked[1]!), /nothing of that kind[\s\S]*memory_search takes/)
    }).pipe(Effect.scoped),
  )

  it.live("is shown to no conversation that names its own tools, unless among them", () =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, inOrder(say("no"), say("yes")))
      yield* one.ask(yield* one.open({ tools: ["read_file"] }), "go")
      yield* one.ask(yield* one.open({ tools: ["read_file", "memory_search"] }), "go")
      assert.deepStrictEqual(one.asked.map(names), [
        ["call_output", "read_file"],
        ["call_output", "memory_search", "read_file"],
      ])
    }).pipe(Effect.scoped),
  )
})

describe("what was said", () => {
  const said = (text: string, seq: number) =>
    stored({ type: "session.said", payload: { text } } as never, seq, "2026-01-01T00:00:00.000Z")

  it("is told around the words that were found, the best first, and not where it was erased", () => {
    const long = `${"so ".repeat(400)}the heron stands there ${"on ".repeat(400)}`
    const erased = { ...said("heron", 3), payload: null } as never
    const found = findSaid([said("a heron and a heron", 1), said(long, 2), erased, said("", 4)], "Heron", 5)
    assert.deepStrictEqual(
      found.map(({ event }) => event.seq),
      [1, 2],
    )
    assert.match(found[1]!.text, /^….*the heron stands.*…$/)
    assert.isBelow(found[1]!.text.length, 500)
    assert.deepStrictEqual(findSaid([said("a heron", 1)], "the of and", 5), [])
  })
})
