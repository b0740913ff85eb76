/** What is held of a conversation between its words: read once, and gone once anything was erased. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { place } from "../loop/loopWorld.ts"
import { talk } from "./agentWorld.ts"
import { say } from "./ScriptedModels.ts"

describe("a conversation that rests", () => {
  it.live("goes on with the messages it had", () =>
    Effect.gen(function* () {
      const one = yield* talk(yield* place, () => say("an answer"))
      const session = yield* one.open()
      yield* one.ask(session, "the first word")
      yield* one.ask(session, "the second word")
      const [first, second] = one.asked.map(({ request }) => request)
      const kept = first!.messages.length
      assert.isAbove(second!.messages.length, kept)
      // the same objects: what was looked at once is not looked at again
      first!.messages.forEach((message, at) => assert.strictEqual(second!.messages[at], message))
      assert.strictEqual(second!.tools, first!.tools)
    }).pipe(Effect.scoped),
  )

  it.live("knows nothing of what was erased meanwhile, and of words said to another nothing either", () =>
    Effect.gen(function* () {
      const one = yield* talk(yield* place, () => say("an answer"))
      const session = yield* one.open()
      const seq = yield* one.say(session, "the word to forget")
      yield* Effect.orDie(one.sessions.rested(session, seq))
      const other = yield* one.open()
      yield* one.ask(other, "a word elsewhere")
      yield* Effect.orDie(one.loop.store.erase([seq], "asked", "user:cli"))
      yield* one.ask(session, "the next word")
      const last = JSON.stringify(one.asked.at(-1)!.request.messages)
      assert.include(last, "the next word")
      assert.notInclude(last, "the word to forget")
      assert.notInclude(last, "a word elsewhere")
    }).pipe(Effect.scoped),
  )
})
