/** Ceilings: what is over one waits for a person's answer, over restarts too; what comes near is said once. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream, SubscriptionRef } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft } from "../../src/domain/event.ts"
import { nameOf, raisedLimit } from "../../src/model/ceilings.ts"
import { cautiousBytes, estimateTokens } from "../../src/model/ceilingsEstimate.ts"
import { asks, boot, hurried, says, stuckAfter } from "./modelWorld.ts"

const budgets = (more: object) => ({
  settings: { models: { default: "claude-opus-5-5" }, budgets: more },
})

/** At worst 1,000,000 tokens out at $20 a million, and a little for the prompt. */
const dear = asks("x", { maxOutput: 1_000_000 })

/** `c_2`, a child of `c_1`. */
const childOpened = draft(
  "session.opened",
  {
    session: "c_2",
    kind: "agent",
    title: "t",
    model: "anthropic/claude-opus-5-5",
    effort: null,
    cwd: "/w",
    limits: { steps: 10, tokens: null, ms: null, usd: null },
    tools: null,
    format: null,
    parent: { session: "c_1", call: "s_1#0", agent: "explore", depth: 1 },
    fork: null,
    situation: null,
  },
  { actor: "claw", correlationId: "c_2" },
)

describe("a ceiling", () => {
  it.live("pauses a call into a question; yes raises it for this key and the call is made", () =>
    Effect.gen(function* () {
      const world = yield* boot(
        memoryBackend(),
        () => says("ok"),
        budgets({ callUsd: null, sessionUsd: null, dayUsd: 5 }),
      )
      const fiber = yield* Effect.forkChild(
        Stream.runCollect(world.models.stream(yield* world.call({ request: dear }))),
      )
      const { id, options } = yield* world.question
      assert.lengthOf(world.sent, 0)
      assert.match(options[0]!, /^raise to \$50 for today \(\d{4}-\d\d-\d\d, UTC\)$/)
      assert.strictEqual(options[1], "stop")
      yield* world.reply(id, options[0]!)
      const deltas = yield* Fiber.join(fiber)
      assert.deepStrictEqual(
        deltas.map(({ _tag }) => _tag),
        ["paused", "text", "answered"],
      )
      assert.deepInclude(deltas[0], { question: id })
      const [paused] = yield* world.events("model.paused")
      const [raised] = yield* world.events("model.raised")
      assert.deepInclude(paused!.payload, { scope: "day", limitUsd: 5, spentUsd: 0, question: id })
      assert.deepInclude(raised!.payload, { scope: "day", limitUsd: 50, question: id })
      // the raised ceiling holds for the rest of the day: no second question
      yield* world.models.answer(yield* world.call({ request: dear }))
      assert.lengthOf(yield* world.events("model.paused"), 1)
    }).pipe(hurried),
  )

  it.live("that is not raised fails the call as paused; the next one asks anew", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("ok"), budgets({ callUsd: 1 }))
      for (const times of [1, 2]) {
        const call = yield* world.call({ request: dear })
        const fiber = yield* Effect.forkChild(Effect.flip(world.models.answer(call)))
        const { id } = yield* world.question
        yield* world.reply(id, "stop")
        assert.strictEqual((yield* Fiber.join(fiber)).reason, "paused")
        assert.lengthOf(yield* world.events("session.asked"), times)
      }
      assert.lengthOf(world.sent, 0)
      assert.lengthOf(yield* world.events("model.requested"), 0)
    }).pipe(hurried),
  )

  it.live("waits over a restart under the same question, and takes up an answer nobody waited for", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const at = budgets({ callUsd: null, sessionUsd: 2 })
      const first = yield* boot(backend, () => says("ok"), at)
      const call = yield* first.call({ request: dear, session: "c_1", purpose: "chat" })
      yield* Effect.forkChild(Effect.ignore(first.models.answer(call)))
      const { id } = yield* first.question
      yield* first.kill
      const second = yield* boot(backend, () => says("ok"), at)
      const again = yield* Effect.forkChild(Effect.ignore(second.models.answer(call)))
      const open = yield* second.question
      assert.strictEqual(open.id, id)
      yield* Fiber.interrupt(again)
      yield* second.reply(id, open.options[0]!)
      yield* second.kill
      // day: $5 by default, so that one is asked for next
      const third = yield* boot(backend, () => says("ok"), at)
      const fiber = yield* Effect.forkChild(third.models.answer(call))
      const next = yield* third.question
      assert.include(next.options[0]!, "for today")
      const [raised] = yield* third.events("model.raised")
      assert.deepInclude(raised!.payload, { scope: "session", key: "c_1", question: id })
      yield* third.reply(next.id, next.options[0]!)
      yield* Fiber.join(fiber)
      assert.lengthOf(yield* third.events("session.asked"), 2)
    }).pipe(hurried),
  )

  it.live(
    "is no longer asked about once nobody waits: the conversation was stopped, and no other shares it",
    () =>
      Effect.gen(function* () {
        const backend = memoryBackend()
        const at = budgets({ callUsd: null, sessionUsd: null, dayUsd: 2 })
        const world = yield* boot(backend, () => says("ok"), at)
        const from = (session: string) => ({ actor: "user:cli", correlationId: session })
        const works = (session: string) => [
          draft(
            "session.opened",
            {
              session,
              kind: "chat",
              title: "t",
              model: "anthropic/claude-opus-5-5",
              effort: null,
              cwd: "/w",
              limits: { steps: 10, tokens: null, ms: null, usd: null },
              tools: null,
              format: null,
              parent: null,
              fork: null,
              situation: null,
            },
            from(session),
          ),
          draft("session.said", { session, text: "go", surface: "cli" }, from(session)),
        ]
        const rests = (session: string) =>
          draft("session.rested", { session, reason: "stopped", message: "" }, from(session))
        yield* world.append([...works("c_1"), ...works("c_2")])
        const ask = (life: typeof world, session: string) =>
          Effect.flatMap(life.call({ request: dear, session, purpose: "chat" }), (call) =>
            Effect.forkChild(Effect.ignore(life.models.answer(call))),
          )
        const paused = (life: typeof world, times: number) =>
          Effect.gen(function* () {
            while ((yield* life.events("model.paused")).length < times)
              yield* Effect.promise(() => new Promise((go) => setImmediate(go)))
          })
        const state = (life: typeof world, id: string) =>
          Effect.gen(function* () {
            const [last] = (yield* life.append([
              draft("decision.tick", { dueMs: 0 }, { actor: "decider" }),
            ])).slice(-1)
            yield* life.folds.reached(last!.seq)
            return (yield* SubscriptionRef.get(life.folds.snapshot)).queue.suggestions[id]!.state
          })
        const one = yield* ask(world, "c_1")
        const { id } = yield* world.question
        const two = yield* ask(world, "c_2")
        yield* paused(world, 2)
        yield* Fiber.interrupt(one)
        yield* world.append([rests("c_1")])
        assert.strictEqual(yield* state(world, id), "pending")
        // the end of the daemon is not the end of the work
        yield* Fiber.interrupt(two)
        yield* world.kill
        const later = yield* boot(backend, () => says("ok"), at)
        const again = yield* ask(later, "c_2")
        yield* paused(later, 3)
        assert.strictEqual((yield* later.question).id, id)
        yield* Fiber.interrupt(again)
        yield* later.append([rests("c_2")])
        const closed = later.store.tail(1).pipe(
          Stream.filter(({ type }) => type === "session.closed"),
          Stream.runHead,
        )
        yield* Effect.orDie(closed)
        assert.strictEqual(yield* state(later, id), "expired")
      }).pipe(hurried),
  )

  it.live("counts what is under way at its worst, so that two calls at once cannot both slip under it", () =>
    Effect.gen(function* () {
      const silent = yield* Deferred.make<void>()
      const world = yield* boot(
        memoryBackend(),
        (_, turn) => (turn === 1 ? stuckAfter([], silent) : says("ok")),
        budgets({ callUsd: null, sessionUsd: null, dayUsd: 30 }),
      )
      const first = yield* Effect.forkChild(world.models.answer(yield* world.call({ request: dear })))
      yield* Deferred.await(silent)
      yield* Effect.forkChild(world.models.answer(yield* world.call({ request: dear })))
      yield* world.question
      assert.lengthOf(world.sent, 1)
      const [paused] = yield* world.events("model.paused")
      const [requested] = yield* world.events("model.requested")
      assert.strictEqual(paused!.payload.spentUsd, requested!.payload.worstUsd)
      yield* Fiber.interrupt(first)
    }).pipe(hurried),
  )

  it.live("of a conversation counts its children", () =>
    Effect.gen(function* () {
      const world = yield* boot(
        memoryBackend(),
        () => says("ok"),
        budgets({ callUsd: null, dayUsd: null, sessionUsd: 0.03 }),
      )
      yield* world.append([childOpened])
      const ask = (session: string) => world.call({ session, purpose: "agent" })
      // a little over $0.02 at worst, and $0.006 in the end
      yield* world.models.answer(yield* ask("c_2"))
      yield* world.models.answer(yield* ask("c_1"))
      const { spent } = yield* world.log.costs
      assert.strictEqual(spent["session:c_1"]?.usd, 0.012)
      assert.strictEqual(spent["session:c_2"]?.usd, 0.006)
      const fiber = yield* Effect.forkChild(Effect.ignore(world.models.answer(yield* ask("c_2"))))
      yield* world.question
      const [paused] = yield* world.events("model.paused")
      assert.deepInclude(paused!.payload, { scope: "session", key: "c_1", session: "c_2" })
      yield* Fiber.interrupt(fiber)
    }).pipe(hurried),
  )

  it.live("of a rule counts what its conversation's children spend in a day, over restarts", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const settings = budgets({ callUsd: null, dayUsd: null, sessionUsd: null, ruleUsd: 0.03 })
      const world = yield* boot(backend, () => says("ok"), settings)
      yield* world.append([childOpened])
      const own = { session: "c_1", purpose: "draft", rule: "thinks" } as const
      // a little over $0.02 at worst, and $0.006 in the end
      yield* world.models.answer(yield* world.call(own))
      yield* world.models.answer(yield* world.call({ session: "c_2", purpose: "agent" }))
      const other = { session: "c_3", purpose: "chat" } as const
      yield* world.models.answer(yield* world.call(other))
      const requested = yield* world.events("model.requested")
      assert.deepStrictEqual(
        requested.map(({ payload }) => payload.rule),
        ["thinks", "thinks", null],
      )
      const later = yield* boot(backend, () => says("ok"), settings)
      const waits = yield* Effect.forkChild(
        later.models.answer(yield* later.call({ session: "c_2", purpose: "compact" })),
      )
      const { id, options } = yield* later.question
      const [paused] = yield* later.events("model.paused")
      assert.deepInclude(paused!.payload, { scope: "rule", key: "thinks", session: "c_2", spentUsd: 0.012 })
      // what the rule did not bring about goes on
      yield* later.models.answer(yield* later.call(other))
      yield* later.reply(id, options[0]!)
      yield* Fiber.join(waits)
      const day = requested[0]!.at.slice(0, 10)
      assert.approximately((yield* later.log.costs).spent[`rule:${day}:thinks`]!.usd, 0.018, 1e-9)
    }).pipe(hurried),
  )

  it.live("that comes near is said once for each height", () =>
    Effect.gen(function* () {
      // each answer costs $0.006
      const world = yield* boot(
        memoryBackend(),
        () => says("ok"),
        budgets({ callUsd: null, sessionUsd: null, dayUsd: 0.05, warnAt: 0.2 }),
      )
      for (let n = 0; n < 4; n++)
        yield* world.models.answer(yield* world.call({ request: asks("x", { maxOutput: 50 }) }))
      const warned = yield* world.events("model.warned")
      assert.lengthOf(warned, 1)
      assert.deepInclude(warned[0]!.payload, { scope: "day", limitUsd: 0.05, spentUsd: 0.012 })
    }).pipe(hurried),
  )

  it.live("never blocks what has no price, and counts it as unpriced", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("ok"), budgets({ callUsd: 0, dayUsd: 0 }))
      const answered = yield* world.models.answer(
        yield* world.call({ request: asks("x", { model: "local/somebody" }) }),
      )
      assert.isNull(answered.payload.usd)
      const { spent } = yield* world.log.costs
      assert.deepStrictEqual(Object.values(spent), [{ usd: 0, unpriced: 1, calls: 1 }])
    }).pipe(hurried),
  )
})

describe("what is offered", () => {
  it("is at least twice the ceiling, enough for the call, and easily said", () => {
    assert.strictEqual(raisedLimit({ limitUsd: 2, spentUsd: 1.9 }, 0.3), 5)
    assert.strictEqual(raisedLimit({ limitUsd: 0.5, spentUsd: 0.4 }, 0.2), 1)
    assert.strictEqual(raisedLimit({ limitUsd: 5, spentUsd: 4 }, 80), 100)
    assert.strictEqual(raisedLimit({ limitUsd: 0, spentUsd: 0 }, null), 0.01)
    for (let cents = 1; cents < 3_000; cents += 7) {
      const offered = raisedLimit({ limitUsd: cents / 100, spentUsd: 0 }, 1)
      assert.isAtLeast(offered, Math.max(cents / 50, 1) - 1e-9)
    }
    assert.strictEqual(nameOf({ scope: "rule", key: "gitDirty" }), "the rule gitDirty today")
  })
})

describe("the estimate", () => {
  it("takes a token for 2.5 bytes until the model was measured, and never for more than was seen", () => {
    const request = asks("x")
    assert.strictEqual(estimateTokens(request, 1_000, undefined), 1_000 / cautiousBytes)
    const seen = estimateTokens(request, 1_000, { bytes: 4_000, tokens: 1_000 })
    assert.isBelow(seen, 400)
    assert.isAbove(seen, 250)
    // ratios that no text has
    assert.isAbove(estimateTokens(request, 1_000, { bytes: 1e9, tokens: 1 }), 220)
  })

  it("counts a picture by itself and not by its bytes", () => {
    const data = "A".repeat(1_000_000)
    const request = asks("x", {
      messages: [{ role: "user", content: [{ type: "file", mediaType: "image/png", data }] }],
    })
    assert.isBelow(estimateTokens(request, 1_000_500, undefined), 6_000)
  })

  it.live("learns from what the server counts", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("ok"))
      const long = "words and more words ".repeat(200)
      yield* world.models.answer(yield* world.call({ request: asks(long) }))
      const [before, after] = [
        yield* world.events("model.requested"),
        (yield* world.log.costs).measured["anthropic/claude-opus-5-5"],
      ]
      assert.deepStrictEqual(after, { bytes: before[0]!.payload.bytes, tokens: 1_000 })
    }).pipe(hurried),
  )
})
