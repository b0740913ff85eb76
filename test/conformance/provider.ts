/**
 * What every provider must do: one suite, run against the scripted one and against each protocol over HTTP. A harness makes
 * a provider that is answered by the turns given; what a protocol cannot have is declared there, never guessed here.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Queue, type Redacted, type Scope, Stream } from "effect"
import type { Response } from "effect/ai"
import type { ModelFailure, ModelMessage, ModelRequest } from "../../src/domain/modelRequest.ts"
import { answerOf } from "../../src/model/answer.ts"
import type { ModelError } from "../../src/model/ModelError.ts"
import type { Provider } from "../../src/model/Provider.ts"
import type { Asked, Fault, Turn } from "../fixtures/models/turns.ts"
import { request, user } from "../model/requests.ts"

export interface ProviderSubject {
  readonly provider: Provider
  readonly credential: Redacted.Redacted<string> | null
  /** What came over the wire; null: nothing goes over a wire. */
  readonly journal: ReadonlyArray<Asked> | null
}

export interface ProviderHarness {
  readonly make: (turns: ReadonlyArray<Turn>) => Effect.Effect<ProviderSubject, never, Scope.Scope>
  /** It goes over HTTP, so what breaks there is tried. */
  readonly http: boolean
  /** Reasoning goes back to the server in its own form. */
  readonly carriesReasoning: boolean
  /** Doubled and swapped events can be told from others. */
  readonly ordered: boolean
  /** Counts tokens. */
  readonly counts: boolean
  /** An answer whose connection breaks is taken up where it was. */
  readonly resumes?: boolean
  /** What is told from a log has an end. */
  readonly neverStalls?: boolean
}

type Part = Response.StreamPartEncoded

const ask = (subject: ProviderSubject, over: Partial<ModelRequest> = {}) =>
  Stream.runCollect(subject.provider.stream(request(over), subject.credential))

const refusalOf = (subject: ProviderSubject): Effect.Effect<ModelError> =>
  Effect.orDie(Effect.flip(ask(subject)))

/** The protocol of stream parts: what begins ends, in between nothing else of that id, a finish and nothing after it. */
const assertWellFormed = (parts: ReadonlyArray<Part>): void => {
  const open = new Set<string>()
  const params = new Set<string>()
  parts.forEach((part, at) => {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
      case "tool-params-start":
        assert.isFalse(open.has(part.id), `${part.id} begins twice`)
        open.add(part.id)
        break
      case "text-delta":
      case "reasoning-delta":
      case "tool-params-delta":
        assert.isTrue(open.has(part.id), `${part.id} is not open`)
        break
      case "text-end":
      case "reasoning-end":
      case "tool-params-end":
        assert.isTrue(open.delete(part.id), `${part.id} ends and is not open`)
        if (part.type === "tool-params-end") params.add(part.id)
        break
      case "tool-call":
        assert.isTrue(params.has(part.id), "a call comes after its parameters")
        break
      case "finish":
        assert.strictEqual(at, parts.length - 1)
        break
      default:
    }
  })
  assert.strictEqual(open.size, 0)
  assert.strictEqual(parts.at(-1)?.type, "finish")
}

const textIn = (parts: Iterable<Part>): string =>
  answerOf(parts)
    .content.flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("")

const callsIn = (parts: Iterable<Part>) =>
  answerOf(parts).content.flatMap((part) => (part.type === "tool-call" ? [part] : []))

const results = (parts: Iterable<Part>): ReadonlyArray<ModelMessage> => {
  const { content } = answerOf(parts)
  return [
    { role: "assistant", content },
    {
      role: "tool",
      content: callsIn(parts).map(({ id, name }) => ({
        type: "tool-result" as const,
        id,
        name,
        isFailure: false,
        result: "done",
      })),
    },
  ]
}

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
  const test = (
    what: string,
    turns: ReadonlyArray<Turn>,
    body: (subject: ProviderSubject) => Effect.Effect<void, unknown, Scope.Scope>,
  ) => it.live(what, () => Effect.scoped(Effect.flatMap(harness.make(turns), body)), 20_000)

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

const overHttp = (
  harness: ProviderHarness,
  test: (
    what: string,
    turns: ReadonlyArray<Turn>,
    body: (subject: ProviderSubject) => Effect.Effect<void, unknown, Scope.Scope>,
  ) => void,
): void => {
  const story = "a long story, ".repeat(20)

  const broken: ReadonlyArray<readonly [Fault, ModelFailure]> = [
    [{ kind: "cut", afterBytes: 900 }, "network"],
    [{ kind: "truncated" }, "network"],
    [{ kind: "malformed" }, "malformed"],
    [{ kind: "page" }, "malformed"],
    [{ kind: "error-event", type: "overloaded_error", message: "Overloaded" }, "overloaded"],
    [{ kind: "error-event", type: "server_error", message: "it broke" }, "server"],
  ]
  for (const [fault, reason] of broken)
    test(`a broken stream: ${fault.kind}, ${reason}`, [{ text: story, fault }], (subject) =>
      Effect.gen(function* () {
        if (harness.resumes === true && reason === "network") {
          const parts = yield* ask(subject)
          assertWellFormed(parts)
          assert.strictEqual(textIn(parts), story)
          return
        }
        const error = yield* refusalOf(subject)
        assert.strictEqual(error.reason, reason)
        assert.isTrue(error.begun)
        if (fault.kind !== "page") assert.strictEqual(error.requestId, "req_r0001")
      }),
    )

  for (const kind of harness.ordered ? (["duplicated", "reordered"] as const) : [])
    test(
      `${kind} events are no answer, or the right one`,
      [{ text: story, calls: [{ name: "Read", input: { path: "a" } }], fault: { kind } }],
      (subject) =>
        Effect.gen(function* () {
          const exit = yield* Effect.exit(ask(subject))
          if (Exit.isSuccess(exit)) {
            assert.strictEqual(textIn(exit.value), story)
            assert.deepStrictEqual(
              callsIn(exit.value).map(({ params }) => params as unknown),
              [{ path: "a" }],
            )
          } else assert.include(JSON.stringify(exit.cause), "malformed")
        }),
    )

  test(
    "what nobody knows does not matter",
    [{ text: story, calls: [{ name: "Read", input: { path: "a" } }], fault: { kind: "unknown" } }],
    (subject) =>
      Effect.gen(function* () {
        const parts = yield* ask(subject)
        assertWellFormed(parts)
        assert.strictEqual(textIn(parts), story)
        assert.strictEqual(callsIn(parts).length, 1)
        assert.strictEqual(answerOf(parts).finish, "other")
        assert.strictEqual(answerOf(parts).stopped, "curtain_fell")
      }),
  )

  test(
    "slow bytes are bytes",
    [{ text: "slow and sure", fault: { kind: "slow", chunkBytes: 97, everyMs: 1 } }],
    (subject) =>
      Effect.gen(function* () {
        assert.strictEqual(textIn(yield* ask(subject)), "slow and sure")
      }),
  )

  test(
    "a key in what the server says stays out of every word of the error",
    [
      {
        fault: {
          kind: "status",
          status: 400,
          headers: { "request-id": "KEY", "x-request-id": "KEY" },
          body: JSON.stringify({
            error: { type: "KEY", code: "KEY", message: "bad key KEY (Bearer KEY), again KEY" },
            request_id: "KEY",
          }),
        },
      },
      { text: "x", fault: { kind: "error-event", type: "KEY", message: "your KEY" } },
      { fault: { kind: "status", status: 502, body: "<html>KEY</html>" } },
    ],
    (subject) =>
      Effect.gen(function* () {
        for (let n = 0; n < 3; n++) {
          const error = yield* refusalOf(subject)
          const said = `${JSON.stringify(error)} ${String(error)} ${error.stack ?? ""} ${String(error.cause)}`
          assert.notInclude(said, "sk-conformance")
          assert.isAbove(error.message.length, 10)
        }
      }),
  )

  test("the key goes in its header and nowhere else", [{ text: "x" }], (subject) =>
    Effect.gen(function* () {
      yield* ask(subject)
      const { body, headers } = subject.journal![0]!
      assert.strictEqual(headers["authorization"], "Bearer sk-conformance-0123456789abcdef")
      const { authorization: _, ...rest } = headers
      assert.notInclude(JSON.stringify([body, rest]), "sk-conformance")
    }),
  )
}
