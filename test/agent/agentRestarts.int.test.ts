/** What a restart goes on with of children of conversations, and what it gives up. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type PayloadOf } from "../../src/domain/event.ts"
import { place } from "../loop/loopWorld.ts"
import { awaitEvent, byTask, promptText, repository, child, firstWord } from "./agentStory.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"

describe("a restart", () => {
  it.live("goes on with two children in the middle; their parent has each result once", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const backend = memoryBackend()
      const script = (stuck: boolean) =>
        byTask({
          "first half": [
            calls(call("r1", "read_file", { path: "a.txt" })),
            { ...say("half one"), before: stuck ? Effect.never : Effect.void },
          ],
          "second half": [{ ...say("half two"), before: stuck ? Effect.never : Effect.void }],
          Halves: [calls(child("t1", "first half"), child("t2", "second half")), say("both")],
        })
      const before = yield* talk(at, script(true), backend)
      const session = yield* before.open()
      const word = yield* before.say(session, "Halves")
      yield* awaitEvent(before, "session.results", (event) => event.correlationId !== session)
      const rows = Object.keys(yield* before.log.agents)
      for (const agent of rows)
        yield* awaitEvent(before, "model.requested", (event) => event.correlationId === agent)
      yield* before.crash
      const after = yield* talk(
        at,
        (one) => {
          const text = promptText(one)
          if (one.purpose === "agent") return say(text.includes("first half") ? "half one" : "half two")
          return say("both")
        },
        backend,
      )
      const rested = yield* Effect.orDie(after.sessions.rested(session, word))
      assert.strictEqual(rested.payload.reason, "completed")
      assert.deepStrictEqual(
        (yield* after.loop.events("agent.succeeded")).map(({ correlationId }) => correlationId).toSorted(),
        rows.toSorted(),
      )
      assert.lengthOf(yield* after.loop.events("agent.queued"), 2)
      const results = (yield* after.loop.events("session.results")).filter(
        ({ correlationId }) => correlationId === session,
      )
      assert.lengthOf(results, 2)
      assert.include(JSON.stringify(results), "half one")
      assert.include(JSON.stringify(results), "half two")
      const reads = (yield* after.loop.events("tool.started")).filter(
        ({ payload }) => (payload as { readonly tool: string }).tool === "read_file",
      )
      assert.lengthOf(reads, 1)
    }).pipe(Effect.scoped),
  )
})

describe("what a restart finds", () => {
  it.live("is lost where its session is gone, and a patch that waits goes on waiting", () =>
    Effect.gen(function* () {
      const at = yield* place
      repository(at, { "a.txt": "one\n" })
      const backend = memoryBackend()
      const change = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n"
      const script = byTask({
        "make it two": [calls(call("p1", "apply_patch", { patch: change })), say("it is two")],
        Change: [calls(child("t1", "make it two", { subagent_type: "general" })), say("offered")],
      })
      const before = yield* talk(at, script, backend)
      const session = yield* before.open()
      yield* before.say(session, "Change")
      const ended = yield* awaitEvent(before, "agent.succeeded")
      const { patch: request } = ended.payload as { readonly patch: string }
      yield* before.loop.rowWhen(request, (one) => one !== undefined && one.state === "pending")
      const gone = "c_00000000000000aa"
      const [queued] = yield* before.loop.events("agent.queued")
      const header = { actor: "claw", workspace: at.workspace, correlationId: gone }
      yield* before.loop.append(
        draft("agent.queued", { ...(queued!.payload as PayloadOf<"agent.queued">), agent: gone }, header),
        draft("agent.running", { agent: gone }, header),
      )
      yield* before.crash
      const after = yield* talk(at, script, backend)
      yield* awaitEvent(after, "agent.lost", (event) => event.correlationId === gone)
      yield* after.loop.approve(request)
      yield* awaitEvent(
        after,
        "agent.tree",
        (event) => (event.payload as { readonly state: string }).state === "removed",
      )
      assert.strictEqual(at.read("a.txt"), "two\n")
      assert.lengthOf(yield* after.loop.events("agent.succeeded"), 1)
      const { undone } = yield* Effect.orDie(
        after.sessions.rewind(session, yield* firstWord(after, session), "files", "cli"),
      )
      assert.lengthOf(undone, 1)
      assert.strictEqual(at.read("a.txt"), "one\n")
    }).pipe(Effect.scoped),
  )
})
