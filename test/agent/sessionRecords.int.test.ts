/** What stands in a prompt for what was said before: by a model, by rule, and by itself as the window fills. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { ModelCall } from "../../src/model/Models.ts"
import { place } from "../loop/loopWorld.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"
import { promptText, saidSeqs } from "./agentStory.ts"

describe("a record", () => {
  const facts = ["the port is 4711", "the branch is called heron", "never touch legacy.ts"]
  const answering = (record: (one: ModelCall) => string) => (one: ModelCall) =>
    one.purpose === "compact" ? say(record(one)) : say("noted")

  const planted = (record: (one: ModelCall) => string) =>
    Effect.gen(function* () {
      const at = yield* place
      const one = yield* talk(at, answering(record))
      const session = yield* one.open()
      for (const fact of facts) yield* one.ask(session, fact)
      const lines = yield* Effect.orDie(one.sessions.compact(session))
      yield* one.ask(session, "What was the port, the branch and the rule?")
      return { lines, one, session, words: yield* saidSeqs(one, session) }
    })

  it.live(
    "by a model has its lines with the places they rest on; lines that rest on nothing are dropped",
    () =>
      Effect.gen(function* () {
        const record = (one: ModelCall): string => {
          const seqs = [...promptText(one).matchAll(/\[(\d+)\] user/g)].map((found) => Number(found[1]))
          return JSON.stringify({
            lines: [
              { section: "facts", text: "port 4711", seqs: [seqs[0]!] },
              { section: "decisions", text: "branch heron", seqs: [seqs[1]!, 999_999] },
              { section: "facts", text: "made up", seqs: [999_999] },
            ],
          })
        }
        const { lines, one, words } = yield* planted(record)
        assert.deepStrictEqual(
          lines.map(({ seqs, text }) => [text, seqs]),
          [
            [`said: ${facts[2]}`, [words[2]!]],
            ["port 4711", [words[0]!]],
            ["branch heron", [words[1]!]],
          ],
        )
        const recalled = promptText(one.asked.at(-1)!)
        for (const fact of ["4711", "heron", "legacy.ts"]) assert.include(recalled, fact)
        assert.notInclude(recalled, "made up")
        assert.notInclude(recalled, "the port is")
        const events = yield* one.log.events(lines.flatMap(({ seqs }) => seqs))
        assert.deepStrictEqual(
          events.map(({ type }) => type),
          ["session.said", "session.said", "session.said"],
        )
      }).pipe(Effect.scoped),
  )

  it.live("that the model fails to write is made by rule, and nothing the user said is lost", () =>
    Effect.gen(function* () {
      const { one } = yield* planted(() => "I would rather not.")
      const recalled = promptText(one.asked.at(-1)!)
      for (const fact of facts) assert.include(recalled, fact)
    }).pipe(Effect.scoped),
  )

  it.live("is made by itself as the window fills, and the conversation goes on", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("big.txt", "x".repeat(9_000))
      let asked = 0
      const one = yield* talk(
        at,
        ({ purpose }) =>
          purpose === "compact"
            ? "server"
            : ++asked % 2 === 1
              ? calls(call("t", "read_file", { path: "big.txt", limit: asked }))
              : say(`done ${asked}`),
        memoryBackend(),
        { model: { window: 12_000, maxOutput: 1_000 } },
      )
      const session = yield* one.open()
      for (let n = 0; n < 6; n++)
        assert.strictEqual((yield* one.ask(session, `word ${n}`)).reason, "completed")
      assert.isAbove((yield* one.loop.events("session.compacted")).length, 0)
      const last = promptText(one.asked.filter(({ purpose }) => purpose === "chat").at(-1)!)
      assert.isBelow(last.length, 12_000 * 4)
      for (let n = 0; n < 6; n++) assert.include(last, `word ${n}`)
    }).pipe(Effect.scoped),
  )
})
