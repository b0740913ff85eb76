/** A model looks at what no reflex explains, over a real server: what is asked, decided, drafted, approved and replayed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { Triage } from "../../src/domain/events/thought.ts"
import { triageOf } from "../../src/loop/replayTriage.ts"
import { replayLog } from "./replayLog.ts"
import { why } from "../../src/loop/why.ts"
import { canonicalOf } from "../../src/model/recorder.ts"
import { modelServer } from "../fixtures/models/server.ts"
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { place } from "./loopWorld.ts"
import { thinkWorld } from "./thinkWorld.ts"

const output = "FAIL cart.test.ts\n  expected 5 to be 6\n    at total (cart.ts:2:10)\n1 failed"
const source = "export const total = (xs: number[]) =>\n  xs.reduce((a, b) => a + b, 1)\n"

const textOf = (asked: Asked): string => JSON.stringify(asked.body["messages"])
/** Seq of the newest piece of this type that the prompt shows. */
const seqOf = (asked: Asked, type: string): number =>
  Number(textOf(asked).match(new RegExp(`seq (\\d+) ${type}`))?.[1] ?? Number.NaN)

const triage = (asked: Asked, over: Partial<Triage> = {}): Turn => ({
  text: JSON.stringify({
    decision: "notify",
    confidence: 0.95,
    title: "`total` in cart.ts starts at 1",
    reason: "The sum in cart.ts begins with 1. The test failed with `expected 5 to be 6`.",
    evidence: [seqOf(asked, "terminal.command"), seqOf(asked, "situation.read")],
    ...over,
  }),
})

const isTriage = (asked: Asked): boolean => asked.body["model"] === "small"

describe("thinking", () => {
  it.live("tells what it saw, with its evidence, and is replayed without a server", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("cart.ts", source)
      const server = yield* modelServer({ answer: (asked) => triage(asked) })
      const world = yield* thinkWorld(at, server.openaiUrl)
      yield* world.ran("npx vitest run", 1, output)
      const made = yield* world.first("decision.notify")
      assert.strictEqual(made.payload.proposal.rule, "deliberation")
      assert.strictEqual(made.payload.proposal.title, "`total` in cart.ts starts at 1")
      assert.isTrue(made.payload.tainted)
      assert.deepStrictEqual(made.payload.weighed?.confidence, 0.95)
      const [read] = yield* world.all("situation.read")
      assert.strictEqual(read?.payload.path, "cart.ts")
      assert.include(textOf(server.journal[0]!), "2|   xs.reduce")
      assert.strictEqual((yield* world.all("decision.notify")).length, 1)
      yield* world.first("decision.shown", ({ payload }) => payload.suggestion === made.payload.suggestion)

      const chain = (yield* why(world.loop.store, made.payload.suggestion))!
      const types = chain.map(({ event }) => event.type)
      for (const type of [
        "terminal.command",
        "situation.opened",
        "situation.thought",
        "model.answered",
      ] as const)
        assert.include(types, type)

      const report = yield* replayLog(world.loop.store, { from: null, to: null })
      assert.deepStrictEqual([report.same, report.difference], [true, null])
      const { calls, changed, same } = report.prompts
      assert.deepStrictEqual({ calls, changed, same }, { calls: 1, changed: 0, same: 1 })
      const [requested] = yield* world.all("model.requested")
      const again = yield* triageOf(world.loop.store, requested!)
      const { maxOutput } = again!
      const digest = canonicalOf({ ...again!, model: requested!.payload.model, maxOutput }).digest
      assert.strictEqual(digest, requested!.payload.digest)
    }),
  )

  it.live("asks no model and writes nothing where none is set", () =>
    Effect.gen(function* () {
      const at = yield* place
      const world = yield* thinkWorld(at, null)
      yield* world.ran("npx vitest run", 1, output)
      yield* world.first("decision.silent")
      yield* world.ran("true", 0)
      const types = (yield* world.loop.events()).map(({ type }) => type)
      for (const type of types)
        assert.notMatch(type, /^model\.|^situation\.(?:prepared|read|thought|drafted)$/)
      const silences = yield* world.all("decision.silent")
      assert.isFalse(silences.some(({ payload }) => payload.rule === "deliberation"))
    }),
  )

  it.live("gives a model no secret, and no file that it may not read", () =>
    Effect.gen(function* () {
      const at = yield* place
      const key = ["AKIA", "Z7QN", "4TXW", "2MKD", "5HRB"].join("")
      at.write("keys.ts", `export const id = "${key}"\nexport const other = 1\n`)
      at.write(".env", "TOKEN=hush-hush-hush\n")
      const server = yield* modelServer({ answer: (asked) => triage(asked, { decision: "silent" }) })
      const world = yield* thinkWorld(at, server.openaiUrl)
      yield* world.ran("npx vitest run", 1, `in keys.ts:1\nin .env:1\nin /etc/hosts.conf:1\nin ../out.ts:3`)
      yield* world.first("situation.thought")
      const asked = textOf(server.journal[0]!)
      assert.include(asked, "export const other = 1")
      assert.notInclude(asked, key)
      assert.notInclude(asked, "hush-hush")
      const reads = yield* world.all("situation.read")
      assert.deepStrictEqual(
        reads.map(({ payload }) => payload.path),
        ["keys.ts"],
      )
    }),
  )

  it.live(
    "is silent where the answer cites what it was not given, or has no form, and does not ask again",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        const server = yield* modelServer({
          answer: (asked, n) =>
            n === 0
              ? triage(asked, {
                  title: "db.ts drops the table",
                  evidence: [seqOf(asked, "terminal.command")],
                })
              : { text: "certainly!" },
        })
        const world = yield* thinkWorld(at, server.openaiUrl)
        yield* world.ran("npx vitest run", 1, output)
        const uncited = yield* world.first(
          "decision.silent",
          ({ payload }) => payload.rule === "deliberation",
        )
        assert.match(uncited.payload.reason, /^uncited: its title says "db\.ts"/)
        yield* world.ran("npx vitest run", 1, output)
        const twice = yield* world.first(
          "decision.silent",
          ({ payload, seq }) => payload.rule === "deliberation" && seq > uncited.seq,
        )
        assert.strictEqual(twice.payload.reason, "thought about before, and its evidence is the same")
        yield* world.ran("npx vitest run", 1, `${output}\nTypeError: x`)
        const formless = yield* world.first(
          "decision.silent",
          ({ payload, seq }) => payload.rule === "deliberation" && seq > twice.seq,
        )
        assert.match(formless.payload.reason, /^invalid: it is not JSON/)
        assert.strictEqual(server.journal.length, 2)
      }),
  )

  it.live("prepares a patch that nobody's grant lets run, runs it when it is approved, and says why", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("cart.ts", source)
      const server = yield* modelServer({
        answer: (asked) => {
          if (isTriage(asked))
            return triage(asked, { decision: "draft", title: "start `total` in cart.ts at 0" })
          const results = (asked.body["messages"] as ReadonlyArray<{ role: string }>).filter(
            ({ role }) => role === "tool",
          ).length
          if (results === 0) return { calls: [{ name: "read_file", input: { path: "cart.ts" } }] }
          if (results === 1)
            return {
              calls: [
                {
                  name: "edit_file",
                  input: { path: "cart.ts", old_string: "a + b, 1)", new_string: "a + b, 0)" },
                },
              ],
            }
          return {
            text: JSON.stringify({
              title: "Start the sum in cart.ts at 0",
              why: [
                { text: "The sum in cart.ts begins with `1)`", evidence: [seqOf(asked, "situation.read")] },
                { text: "lib/other.ts is broken too", evidence: [seqOf(asked, "situation.read")] },
              ],
            }),
          }
        },
      })
      const world = yield* thinkWorld(at, server.openaiUrl, memoryBackend(), { sandboxed: true })
      yield* world.loop.append()
      yield* world.ran("npx vitest run", 1, output)
      const made = yield* world.first("decision.draft")
      const drafted = (yield* world.all("situation.drafted"))[0]!
      assert.deepStrictEqual(drafted.payload.skipped, null)
      assert.strictEqual(made.payload.proposal.actions.length, 1)
      assert.deepStrictEqual(
        made.payload.proposal.why.map(({ text }) => text),
        ["The sum in cart.ts begins with `1)`"],
      )
      assert.match(drafted.payload.dropped[0] ?? "", /lib\/other\.ts/)
      assert.strictEqual(at.read("cart.ts"), source)
      const id = made.payload.suggestion
      yield* world.loop.rowWhen(id, (row) => row.actions.length === 1)
      yield* world.loop.approve(id)
      yield* world.first("decision.outcome", ({ payload }) => payload.outcome === "accepted")
      assert.include(at.read("cart.ts"), "a + b, 0)")
      const chain = (yield* why(world.loop.store, id))!.map(({ event }) => event.type)
      for (const type of [
        "situation.opened",
        "situation.thought",
        "situation.drafted",
        "decision.draft",
        "policy.verdict",
        "approval.approved",
        "tool.finished",
        "decision.outcome",
      ] as const)
        assert.include(chain, type)
      const report = yield* replayLog(world.loop.store, { from: null, to: null })
      assert.deepStrictEqual([report.same, report.difference], [true, null])
      assert.deepStrictEqual(report.prompts.firstChanged, null)
      assert.deepStrictEqual([report.prompts.calls, report.prompts.same], [4, 4])
    }),
  )
})
