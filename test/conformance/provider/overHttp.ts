/** What breaks over HTTP: streams that are cut, doubled, slow or of no shape, and where a key may be seen. */
import { assert } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type { ModelFailure } from "../../../src/domain/modelRequest.ts"
import { answerOf } from "../../../src/model/answer.ts"
import type { Fault } from "../../fixtures/models/turns.ts"
import {
  ask,
  assertWellFormed,
  callsIn,
  type ProviderHarness,
  refusalOf,
  textIn,
  type Trial,
} from "./subject.ts"

export const overHttp = (harness: ProviderHarness, test: Trial): void => {
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
