/** Children of conversations over the real gate, queue and tools: side by side, asking, bounded, stopped, woken. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Schedule } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { place } from "../loop/loopWorld.ts"
import { awaitEvent, byTask, child, promptText } from "./agentStory.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"

describe("children of a conversation", () => {
  it.live("work side by side, and their answers are results", () =>
    Effect.gen(function* () {
      const at = yield* place
      const both = yield* Deferred.make<void>()
      let begun = 0
      const meet = Effect.suspend(() =>
        ++begun === 2 ? Deferred.succeed(both, undefined) : Deferred.await(both),
      )
      const world = yield* talk(
        at,
        byTask({
          "look left": [{ ...say("a door"), before: meet }],
          "look right": [{ ...say("a window"), before: meet }],
          "Look around": [
            calls(child("t1", "look left"), child("t2", "look right")),
            say("A door and a window."),
          ],
        }),
      )
      const session = yield* world.open()
      const rested = yield* world.ask(session, "Look around")
      assert.strictEqual(rested.reason, "completed")
      const last = world.asked.at(-1)!
      assert.include(promptText(last), "a door")
      assert.include(promptText(last), "a window")
      const rows = Object.values(yield* world.log.agents)
      assert.deepStrictEqual(
        rows.map(({ depth, state, type }) => [type, state, depth]),
        [
          ["explore", "succeeded", 1],
          ["explore", "succeeded", 1],
        ],
      )
      // what a child may use is what its kind says, and a parent is shown the board from its first child on
      const own = world.asked
        .find(({ purpose }) => purpose === "agent")!
        .request.tools.map(({ name }) => name)
      assert.includeMembers(own, ["read_file", "git", "board_write"])
      assert.notIncludeMembers(own, ["write_file"])
      assert.notIncludeMembers(own, ["Agent"])
      assert.includeMembers(
        last.request.tools.map(({ name }) => name),
        ["board_read", "board_write", "agent_send"],
      )
      const spent = yield* world.log.spent(session)
      assert.closeTo(spent.usd, 0.04, 1e-9)
    }).pipe(Effect.scoped),
  )

  it.live("ask in the same queue by name; a no leaves the child alive", () =>
    Effect.gen(function* () {
      const at = yield* place
      const world = yield* talk(
        at,
        byTask({
          "check it": [
            calls(call("b1", "bash", { command: "npm test" })),
            say("nobody let me run the tests"),
          ],
          Verify: [calls(child("t1", "check it", { subagent_type: "verify" })), say("unverified")],
        }),
      )
      const session = yield* world.open()
      yield* world.say(session, "Verify")
      const waiting = yield* awaitEvent(world, "agent.waiting")
      const [row] = Object.values(yield* world.log.agents)
      assert.strictEqual(row!.state, "waiting")
      const [id] = row!.on
      const asked = yield* world.loop.row(id!)
      assert.include(asked.title, 'agent "check it"')
      const [requested] = (yield* world.loop.events("tool.requested")).filter(
        ({ correlationId }) => correlationId === id,
      )
      assert.strictEqual(requested!.actor, "agent:verify")
      yield* world.loop.answers.reject(id!, "not now", "cli")
      const ended = yield* awaitEvent(world, "agent.succeeded")
      assert.isAbove(ended.seq, waiting.seq)
      yield* Effect.orDie(world.sessions.rested(session, 0))
      assert.include(promptText(world.asked.at(-1)!), "nobody let me run the tests")
    }).pipe(Effect.scoped),
  )

  it.live("share what their parent has left, and may no more than it", () =>
    Effect.gen(function* () {
      const at = yield* place
      const both = yield* Deferred.make<void>()
      const world = yield* talk(
        at,
        byTask({
          one: [{ ...say("1"), before: Deferred.await(both) }],
          two: [{ ...say("2"), before: Deferred.await(both) }],
          Split: [calls(child("t1", "one"), child("t2", "two")), say("done")],
        }),
      )
      const session = yield* world.open({
        limits: { usd: 1.01, tokens: 1_000_000, ms: 60_000 },
        tools: ["Agent", "read_file"],
      })
      const word = yield* world.say(session, "Split")
      yield* awaitEvent(world, "agent.queued")
      yield* Effect.repeat(world.loop.events("agent.queued"), {
        until: (events) => events.length === 2,
        schedule: Schedule.spaced("5 millis"),
      })
      yield* Deferred.succeed(both, undefined)
      yield* Effect.orDie(world.sessions.rested(session, word))
      const queued = (yield* world.loop.events("agent.queued")).map(
        ({ payload }) => payload as never,
      ) as ReadonlyArray<{
        readonly limits: { readonly usd: number; readonly ms: number; readonly tokens: number }
        readonly tools: ReadonlyArray<string>
      }>
      assert.lengthOf(queued, 2)
      for (const { limits, tools } of queued) {
        assert.closeTo(limits.usd, 0.5, 0.011)
        assert.isAtMost(limits.ms, 60_000)
        assert.deepStrictEqual(tools, ["read_file"])
      }
      assert.isAtMost(
        queued.reduce((sum, { limits }) => sum + limits.tokens, 0),
        1_000_000,
      )
    }).pipe(Effect.scoped),
  )

  it.live("go no deeper than the settings say, and no more at once", () =>
    Effect.gen(function* () {
      const at = yield* place
      const deeper = (n: number) => child(`t${n}`, `level ${n}`, { subagent_type: "general" })
      const world = yield* talk(
        at,
        byTask({
          "level 4": [say("too deep")],
          "level 3": [calls(deeper(4)), say("three")],
          "level 2": [calls(deeper(3)), say("two")],
          "level 1": [calls(deeper(2)), say("one")],
          Down: [calls(deeper(1)), say("up again")],
        }),
        memoryBackend(),
        { concurrent: 1 },
      )
      const session = yield* world.open()
      const rested = yield* world.ask(session, "Down")
      assert.strictEqual(rested.reason, "completed")
      const rows = Object.values(yield* world.log.agents)
      assert.deepStrictEqual(
        rows.map(({ depth, readsOnly, state }) => [depth, state, readsOnly]),
        [
          [1, "succeeded", "the workspace is not a git repository"],
          [2, "succeeded", null],
          [3, "succeeded", null],
        ],
      )
      assert.include(world.asked.map(promptText).join(), "agents go 3 deep")
      assert.include(
        world.asked.map(promptText).join(),
        "You can only read here, because the workspace is not a git repository",
      )
    }).pipe(Effect.scoped),
  )

  it.live("are stopped with their parent's turn, those in the background by name", () =>
    Effect.gen(function* () {
      const at = yield* place
      const world = yield* talk(
        at,
        byTask({
          front: [{ ...say("never"), before: Effect.never }],
          back: [{ ...say("never"), before: Effect.never }],
          Both: [calls(child("t1", "back", { run_in_background: true }), child("t2", "front"))],
        }),
      )
      const session = yield* world.open()
      yield* world.say(session, "Both")
      const isOf = (title: string) => (event: { readonly payload: unknown }) =>
        (event.payload as { readonly title: string }).title === title
      const front = (yield* awaitEvent(world, "agent.queued", isOf("front"))).correlationId!
      const back = (yield* awaitEvent(world, "agent.queued", isOf("back"))).correlationId!
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId === front)
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId === back)
      yield* Effect.orDie(world.sessions.stop(session, "cli"))
      yield* awaitEvent(world, "agent.cancelled", (event) => event.correlationId === front)
      assert.strictEqual((yield* world.log.agents)[back]!.state, "running")
      assert.deepStrictEqual(yield* Effect.orDie(world.agents.stop(back, "cli")), [back])
      yield* awaitEvent(world, "agent.cancelled", (event) => event.correlationId === back)
    }).pipe(Effect.scoped),
  )

  it.live("in the background wake their parent when they end, and hear words meanwhile", () =>
    Effect.gen(function* () {
      const at = yield* place
      const told = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const world = yield* talk(at, (one) => {
        const words = promptText(one)
        if (one.purpose === "agent")
          return words.includes("mind the gap")
            ? say("minded the gap")
            : { ...calls(call("g1", "glob_search", { pattern: "*" })), before: Deferred.await(told) }
        if (words.includes("minded the gap")) return say("It came back.")
        const [id] = /c_[0-9a-f]{16}(?= works in the background)/.exec(words) ?? []
        if (id === undefined) return calls(child("t1", "go", { run_in_background: true }))
        return words.includes("was told")
          ? say("Sent.")
          : {
              ...calls(call("t2", "agent_send", { agent: id, message: "mind the gap" })),
              before: Deferred.await(begun),
            }
      })
      const session = yield* world.open()
      const word = yield* world.say(session, "Send one")
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId !== session)
      yield* Deferred.succeed(begun, undefined)
      const sent = yield* Effect.orDie(world.sessions.rested(session, word))
      assert.strictEqual(sent.payload.reason, "completed")
      yield* Deferred.succeed(told, undefined)
      const ended = yield* awaitEvent(world, "agent.succeeded")
      const rested = yield* Effect.orDie(world.sessions.rested(session, ended.seq))
      assert.strictEqual(rested.payload.reason, "completed")
      assert.include(JSON.stringify(world.asked.at(-1)!.request.messages.at(-1)), "minded the gap")
    }).pipe(Effect.scoped),
  )
})
