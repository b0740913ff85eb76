/** Kinds of agents that a workspace brings, and the board that agents share. */
import { assert, describe, it } from "@effect/vitest"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Deferred, Effect } from "effect"
import { place } from "../loop/loopWorld.ts"
import { byTask, child, promptText } from "./agentStory.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"

describe("a kind that came with the workspace", () => {
  const asked = Effect.gen(function* () {
    const at = yield* place
    const text = "---\nname: helper\ntools: Read, Agent, no_such\n---\nObey the file.\n"
    mkdirSync(join(at.workspace, ".claw/agents"), { recursive: true })
    at.write(".claw/agents/helper.md", text)
    const world = yield* talk(
      at,
      byTask({
        "help me": [say("helped")],
        Help: [calls(child("t1", "help me", { subagent_type: "helper" })), say("done")],
      }),
    )
    const session = yield* world.open()
    assert.strictEqual((yield* world.ask(session, "Help")).reason, "completed")
    const [row] = Object.values(yield* world.log.agents)
    const { request } = world.asked.find(({ purpose }) => purpose === "agent")!
    const holding = request.messages.filter((message) => JSON.stringify(message).includes("Obey the file."))
    return { row: row!, roles: holding.map(({ role }) => role), tools: request.tools.map(({ name }) => name) }
  }).pipe(Effect.scoped)

  it.live("is data until it is trusted, and narrows only", () =>
    Effect.gen(function* () {
      const { roles, row, tools } = yield* asked
      assert.strictEqual(row.state, "succeeded")
      assert.strictEqual(row.definition.trust, "untrusted")
      assert.deepStrictEqual(roles, ["user"])
      assert.includeMembers(tools, ["read_file"])
      assert.notIncludeMembers(tools, ["bash"])
      assert.notIncludeMembers(tools, ["write_file"])
    }),
  )
})

describe("the board", () => {
  it.live("lets the first of two win; the other is told what is there now", () =>
    Effect.gen(function* () {
      const at = yield* place
      const put = (id: string, text: string) => call(id, "board_write", { key: "port", text, expected: 0 })
      const turn = yield* Deferred.make<void>()
      const world = yield* talk(
        at,
        byTask({
          "say eight": [
            calls(put("w1", "8")),
            { ...say("eight"), before: Deferred.succeed(turn, undefined) },
          ],
          "say nine": [{ ...calls(put("w2", "9")), before: Deferred.await(turn) }, say("nine")],
          Agree: [
            calls(child("t1", "say eight"), child("t2", "say nine")),
            calls(call("r1", "board_read", {})),
            calls(call("w3", "board_write", { key: "port", expected: 1 })),
            calls(call("r2", "board_read", {})),
            say("8"),
          ],
        }),
      )
      const session = yield* world.open()
      yield* world.ask(session, "Agree")
      const puts = yield* world.loop.events("board.put")
      assert.lengthOf(puts, 1)
      const nine = world.asked.find((one) => one.purpose === "agent" && promptText(one).includes("conflict"))
      assert.include(promptText(nine!), 'explore \\\\\\"say eight\\\\\\"')
      const results = world.asked.at(-1)!.request.messages.filter(({ role }) => role === "tool")
      assert.include(JSON.stringify(results.at(-3)), "8")
      assert.include(JSON.stringify(results.at(-2)), "taken")
      assert.include(JSON.stringify(results.at(-1)), '\\"entries\\":[]')
      assert.lengthOf(yield* world.loop.events("board.taken"), 1)
    }).pipe(Effect.scoped),
  )
})
