/**
 * What every provider must do: one suite, run against the scripted one and against each protocol over HTTP. A harness makes
 * a provider that is answered by the turns given; what a protocol cannot have is declared there, never guessed here.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Queue, Stream } from "effect"
import type { ModelFailure, ModelMessage } from "../../src/domain/modelRequest.ts"
import { answerOf } from "../../src/model/answer.ts"
import type { Fault } from "../fixtures/models/turns.ts"
import { request, user } from "../model/requests.ts"
import { overHttp } from "./provider/overHttp.ts"
import {
  ask,
  assertWellFormed,
  callsIn,
  type Part,
  type ProviderHarness,
  refusalOf,
  results,
  textIn,
  type Trial,
} from "./provider/subject.ts"

const refusals: ReadonlyArray<readonly [Fault, ModelFailure]> = [
  [{ kind: "rate-limit", after: "7" }, "rate-limit"],
  [{ kind: "overloaded" }, "overloaded"],
  [{ kind: "server" }, "server"],
  [{ kind: "auth" }, "credentials"],
  [{ kind: "spend-limit" }, "spend-limit"],
  [{ kind: "context" }, "context"],
  [{ kind: "not-found" }, "not-found"],
  [{ kind: "bad-request" }, "bad-request"],
]

export const providerConformance = (name: string, harness: ProviderHarness): void => {
  const test: Trial = (what, turns, body) =>
    it.live(what, () => Effect.scoped(Effect.flatMap(harness.make(turns), body)), 20_000)

  describe(name, () => {
    test("an answer in text", [{ text: "Hello there.", usage: { input: 11, output: 4 } }], (subject) =>
      Effect.gen(function* () {
        const parts = yield* ask(subject)
        assertWellFormed(parts)
        const answer = answerOf(parts)
        assert.deepStrictEqual(
          answer.content.map(({ type }) => type),
          ["text"],
        )
        assert.strictEqual(textIn(parts), "Hello there.")
        assert.strictEqual(answer.finish, "stop")
        assert.strictEqual(answer.served, "some-model")
        assert.strictEqual(answer.usage?.input, 11)
        assert.strictEqual(answer.usage?.output, 4)
      }),
    )

    const odd = 'héllo 👩‍👩‍👧 漢字 \u0000 \u202e\n\n```\n"quoted" \\ data: x\n```\r\nend'
    test("letters of all kinds, in pieces of one", [{ text: odd, pieces: 1 }], (subject) =>
      Effect.gen(function* () {
        assert.strictEqual(textIn(yield* ask(subject)), odd)
      }),
    )

    test("a huge answer", [{ text: "0123456789abcde\n".repeat(65_536), pieces: 4096 }], (subject) =>
      Effect.gen(function* () {
        assert.strictEqual(textIn(yield* ask(subject)), "0123456789abcde\n".repeat(65_536))
      }),
    )

    test(
      "calls: several, one without input",
      [{ text: "I will look.", calls: [{ name: "Read", input: { path: 'a"\\ü.ts' } }, { name: "Status" }] }],
      (subject) =>
        Effect.gen(function* () {
          const parts = yield* ask(subject)
          assertWellFormed(parts)
          assert.deepStrictEqual(
            callsIn(parts).map((call) => [call.name, call.params]),
            [
              ["Read", { path: 'a"\\ü.ts' }],
              ["Status", {}],
            ],
          )
          assert.strictEqual(answerOf(parts).finish, "tool-calls")
        }),
    )

    const hundred = Array.from({ length: 100 }, (_, n) => ({ name: "Read", input: { path: `${n}.ts` } }))
    test("a hundred calls at once", [{ calls: hundred }, { text: "done" }], (subject) =>
      Effect.gen(function* () {
        const parts = yield* ask(subject)
        assertWellFormed(parts)
        const calls = callsIn(parts)
        assert.deepStrictEqual(
          calls.map(({ params }) => params as unknown),
          hundred.map(({ input }) => input),
        )
        assert.strictEqual(new Set(calls.map(({ id }) => id)).size, 100)
        const again = yield* ask(subject, { messages: [user("Look."), ...results(parts)] })
        assert.strictEqual(textIn(again), "done")
      }),
    )

    test(
      "broken parameters are what the model wrote, and can be answered",
      [{ calls: [{ name: "Read", raw: '{"path": "a.ts' }] }, { text: "I see." }],
      (subject) =>
        Effect.gen(function* () {
          const parts = yield* ask(subject)
          assert.strictEqual(callsIn(parts)[0]?.params, '{"path": "a.ts')
          const again = yield* ask(subject, { messages: [user("Look."), ...results(parts)] })
          assert.strictEqual(textIn(again), "I see.")
        }),
    )

    test(
      "two calls under one id are told apart",
      [
        {
          calls: [
            { id: "x1", name: "Read", input: { path: "a" } },
            { id: "x1", name: "List", input: {} },
          ],
        },
      ],
      (subject) =>
        Effect.gen(function* () {
          const calls = callsIn(yield* ask(subject))
          // Where pieces are told apart by id alone, they may be one; they are never two under one id.
          assert.strictEqual(new Set(calls.map(({ id }) => id)).size, calls.length)
        }),
    )

    test(
      "reasoning goes back as it came",
      [
        {
          redacted: "b3BhcXVl",
          reasoning: "First, look around.\n\nThen öffne it.",
          calls: [{ name: "Read", input: { path: "a" } }],
        },
        { text: "Thanks." },
      ],
      (subject) =>
        Effect.gen(function* () {
          const parts = yield* ask(subject)
          assertWellFormed(parts)
          const { content } = answerOf(parts)
          const reasoning = content.filter(({ type }) => type === "reasoning")
          assert.strictEqual(
            reasoning.map((part) => ("text" in part ? part.text : "")).join(""),
            "First, look around.\n\nThen öffne it.",
          )
          assert.strictEqual(reasoning.length, harness.carriesReasoning ? 2 : 1)
          // A server of the protocol refuses what is not as it was.
          const again = yield* ask(subject, { messages: [user("Look."), ...results(parts)] })
          assert.strictEqual(textIn(again), "Thanks.")
        }),
    )

    test(
      "reasoning that the log took a secret out of does not go back",
      [{ reasoning: "The password is hunter2.", calls: [{ name: "Read", input: {} }] }, { text: "Fine." }],
      (subject) =>
        Effect.gen(function* () {
          const parts = yield* ask(subject)
          const messages = JSON.stringify(results(parts)).replaceAll("hunter2", "<gone>")
          const again = yield* ask(subject, {
            messages: [user("Look."), ...(JSON.parse(messages) as ReadonlyArray<ModelMessage>)],
          })
          // A server of the protocol refuses what was changed.
          assert.strictEqual(textIn(again), "Fine.")
          const [, asked] = subject.journal ?? []
          if (asked !== undefined) assert.notMatch(JSON.stringify(asked.body), /hunter2|<gone>/)
        }),
    )

    test(
      "usage in buckets",
      [{ text: "x", usage: { input: 100, output: 20, cacheRead: 1000, cacheWrite: 0, reasoning: 12 } }],
      (subject) =>
        Effect.gen(function* () {
          const { usage } = answerOf(yield* ask(subject))
          assert.deepStrictEqual(usage, {
            input: 100,
            output: 20,
            cacheRead: 1000,
            cacheWrite: 0,
            reasoning: 12,
          })
        }),
    )

    test("usage that the server does not tell is not made up", [{ text: "x", usage: null }], (subject) =>
      Effect.gen(function* () {
        assert.isNull(answerOf(yield* ask(subject)).usage)
      }),
    )

    test("turns come in their order", [{ text: "one" }, { text: "two" }], (subject) =>
      Effect.gen(function* () {
        assert.strictEqual(textIn(yield* ask(subject)), "one")
        assert.strictEqual(textIn(yield* ask(subject)), "two")
      }),
    )

    test("models and counting", [], (subject) =>
      Effect.gen(function* () {
        const { credential, provider } = subject
        const models = yield* provider.models(credential)
        assert.isAbove(models.length, 0)
        for (const model of models) assert.isTrue(model.name.startsWith(`${provider.name}/`))
        const tokens = yield* provider.count(request(), credential)
        assert.strictEqual(tokens !== null && tokens > 0, harness.counts)
      }),
    )

    for (const [fault, reason] of refusals)
      test(`a refusal: ${reason}`, [{ fault }, { text: "well" }], (subject) =>
        Effect.gen(function* () {
          const error = yield* refusalOf(subject)
          assert.strictEqual(error.reason, reason)
          assert.strictEqual(error.provider, subject.provider.name)
          assert.isFalse(error.begun)
          assert.strictEqual(error.retryAfterMs, reason === "rate-limit" ? 7000 : null)
          assert.notStrictEqual(error.message, "")
          if (harness.http) {
            assert.isAtLeast(error.status ?? 0, 400)
            assert.strictEqual(error.requestId, "req_r0001")
            assert.notStrictEqual(error.cure, "")
          }
          assert.strictEqual(textIn(yield* ask(subject)), "well")
        }),
      )

    if (harness.neverStalls !== true) {
      test(
        "interrupting ends it",
        [{ text: "a long story, ".repeat(50), fault: { kind: "stall", afterBytes: 2000 } }],
        (subject) =>
          Effect.gen(function* () {
            const seen = yield* Queue.unbounded<Part>()
            const fiber = yield* subject.provider.stream(request(), subject.credential).pipe(
              Stream.runForEach((part) => Queue.offer(seen, part)),
              Effect.forkChild,
            )
            let part = yield* Queue.take(seen)
            while (part.type !== "text-delta") part = yield* Queue.take(seen)
            yield* Fiber.interrupt(fiber)
            assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
            if (subject.journal !== null)
              assert.strictEqual(yield* Effect.promise(() => subject.journal![0]!.ended), "dropped")
          }),
      )
    }

    if (harness.http) overHttp(harness, test)
  })
}
