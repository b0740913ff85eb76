/** The disk is full in the middle of a conversation: it waits, nothing is done twice and nothing lost, and with room it goes on. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { EventType } from "../../src/domain/event.ts"
import { disk, place } from "../loop/loopWorld.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, inOrder, say } from "./ScriptedModels.ts"

/** Each of them a moment of a turn. */
const moments: ReadonlyArray<EventType> = [
  "model.requested",
  "model.answered",
  "session.results",
  "session.rested",
]

describe("a full disk in mid-turn", () => {
  for (const moment of moments)
    it.live(`that refuses ${moment}`, () =>
      Effect.gen(function* () {
        const at = yield* place
        at.write("a.txt", "one\n")
        const state = disk()
        state.only = moment
        state.refuses = "no space left on device"
        const one = yield* talk(
          at,
          inOrder(calls(call("t1", "read_file", { path: "a.txt" })), say("It says one.")),
          undefined,
          { disk: state },
        )
        const session = yield* one.open()
        const asking = yield* Effect.forkChild(one.ask(session, "What does it say?"))
        while (state.tried < 2) yield* Effect.sleep("5 millis")
        const before = (yield* one.log.read(session)).map(({ type }) => type)
        assert.notInclude(before, moment)
        state.refuses = null
        const { message, reason } = yield* Fiber.join(asking)
        assert.strictEqual(reason, "completed", message)
        const types = (yield* one.log.read(session)).map(({ type }) => type)
        const times = (type: EventType) => types.filter((each) => each === type).length
        assert.deepStrictEqual(
          [
            times("model.requested"),
            times("model.answered"),
            times("session.results"),
            times("session.rested"),
          ],
          [2, 2, 1, 1],
        )
        assert.lengthOf(one.asked, 2)
      }).pipe(Effect.scoped),
    )
})
