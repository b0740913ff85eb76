/** A conversation from the first word to the last, over the real gate and tools: what is asked, run, waited for, stopped. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { place } from "../loop/loopWorld.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, inOrder, say } from "./ScriptedModels.ts"

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
      const result = second!.request.messages.at(-1)!
      assert.strictEqual(result.role, "tool")
      assert.include(JSON.stringify(result), "one\\ntwo")
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
})
