/** One call and its events: recorded before it is sent, answered, priced, tried again, stood in for, cut off. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { ModelError } from "../../src/model/ModelError.ts"
import { canonicalOf, modelCallId } from "../../src/model/recorder.ts"
import { asks, boot, failure, hurried, says, stuckAfter, textParts, type World } from "./modelWorld.ts"

const tags = (deltas: Iterable<{ readonly _tag: string }>) => [...deltas].map(({ _tag }) => _tag)

describe("a call", () => {
  it.live("is in the log before a byte is sent, and answered there with what it cost", () =>
    Effect.gen(function* () {
      let requestedWhenSent = -1
      const world: World = yield* boot(memoryBackend(), () =>
        Stream.unwrap(
          Effect.map(world.events("model.requested"), (events) => {
            requestedWhenSent = events.length
            return says("It is ", "a cat.")
          }),
        ),
      )
      const call = yield* world.call()
      const deltas = yield* Stream.runCollect(world.models.stream(call))
      assert.strictEqual(requestedWhenSent, 1)
      assert.deepStrictEqual(tags(deltas), ["text", "text", "answered"])
      const [requested] = yield* world.events("model.requested")
      const [answered] = yield* world.events("model.answered")
      assert.strictEqual(requested!.payload.call, modelCallId(call.cause.id, "test", 1))
      assert.match(requested!.payload.call, /^m_[0-9a-f]{16}$/)
      assert.strictEqual(requested!.payload.digest, canonicalOf(call.request).digest)
      assert.deepInclude(requested, { causationId: call.cause.id, correlationId: requested!.payload.call })
      assert.deepInclude(answered!.payload, {
        served: "served-1",
        requestId: "req_1",
        finish: "stop",
        // 1000 in at $4 and 100 out at $20 a million
        usd: 0.006,
      })
      assert.deepStrictEqual(answered!.payload.content, [{ type: "text", text: "It is a cat." }])
      assert.strictEqual(answered!.causationId, requested!.id)
      assert.deepStrictEqual(yield* world.log.requestOf(requested!.payload.call), call.request)
      const { open, spent } = yield* world.log.costs
      assert.deepStrictEqual(open, {})
      assert.deepInclude(spent[`day:${answered!.at.slice(0, 10)}`], { usd: 0.006, calls: 1 })
    }).pipe(hurried),
  )

  it.live("that was answered is not sent again for the same cause; another request is", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const world = yield* boot(backend, (_, turn) => says(`${turn}`))
      const call = yield* world.call()
      const first = yield* world.models.answer(call)
      const again = yield* world.models.answer(call)
      assert.strictEqual(again.id, first.id)
      assert.lengthOf(world.sent, 1)
      const other = yield* world.models.answer({ ...call, request: asks("What else?") })
      assert.notStrictEqual(other.payload.call, first.payload.call)
      assert.lengthOf(world.sent, 2)
    }).pipe(hurried),
  )

  it.live("in a conversation correlates with it where its answer is said there", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), () => says("x"))
      yield* world.models.answer(yield* world.call({ purpose: "chat", session: "c_1" }))
      yield* world.models.answer(yield* world.call({ purpose: "title", session: "c_1" }))
      const events = yield* world.events("model.answered")
      assert.strictEqual(events[0]!.correlationId, "c_1")
      assert.strictEqual(events[1]!.correlationId, events[1]!.payload.call)
    }).pipe(hurried),
  )

  it.live("holds no secret, neither in the log nor on the wire", () =>
    Effect.gen(function* () {
      const secret = `ghp_${"a1B2c3D4e5F6g7H8i9".repeat(2)}`
      const world = yield* boot(memoryBackend(), () => says("ok"))
      const data = Buffer.from(`token: ${secret}\n`).toString("base64")
      const call = yield* world.call({
        request: asks("x", {
          messages: [
            { role: "system", content: `Use ${secret}` },
            { role: "user", content: [{ type: "file", mediaType: "text/plain", fileName: "a.txt", data }] },
            {
              role: "tool",
              content: [
                { type: "tool-result", id: "1", name: "bash", isFailure: false, result: { out: secret } },
              ],
            },
          ],
        }),
      })
      const { payload } = yield* world.models.answer(call)
      const sent = JSON.stringify(world.sent)
      assert.notInclude(sent, secret)
      assert.notInclude(sent, data)
      const logged = yield* world.log.requestOf(payload.call)
      assert.deepStrictEqual(logged, world.sent[0])
      assert.include(JSON.stringify(logged), "redacted:")
    }).pipe(hurried),
  )
})

describe("a failed call", () => {
  it.live("is tried again as a call of its own, and the deltas say that what came does not count", () =>
    Effect.gen(function* () {
      const world = yield* boot(memoryBackend(), (_, turn) =>
        turn === 1
          ? Stream.concat(
              Stream.fromIterable(textParts(["It is"]).slice(0, 3)),
              Stream.fail(failure("network", { begun: true, retryAfterMs: 1 })),
            )
          : says("A cat."),
      )
      const deltas = yield* Stream.runCollect(world.models.stream(yield* world.call()))
      assert.deepStrictEqual(tags(deltas), ["text", "again", "text", "answered"])
      const [first, second] = yield* world.events("model.requested")
      const [failed] = yield* world.events("model.failed")
      assert.deepInclude(second!.payload, { of: first!.payload.call, attempt: 2 })
      // bytes had come: the server may bill all of it
      assert.deepInclude(failed!.payload, {
        call: first!.payload.call,
        reason: "network",
        usd: first!.payload.worstUsd,
      })
      assert.isAbove(failed!.payload.usd!, 0)
    }).pipe(hurried),
  )

  it.live("is not tried again where asking again cannot mend it", () =>
    Effect.gen(function* () {
      for (const reason of ["spend-limit", "bad-request", "credentials", "context"] as const) {
        const world = yield* boot(memoryBackend(), () => Stream.fail(failure(reason)))
        const error = yield* Effect.flip(world.models.answer(yield* world.call()))
        assert.strictEqual(error.reason, reason)
        assert.lengthOf(world.sent, 1, reason)
        const [failed] = yield* world.events("model.failed")
        assert.isNull(failed!.payload.usd, reason)
      }
    }).pipe(hurried),
  )

  it.live("is asked once more with a new credential where the old one was refused", () =>
    Effect.gen(function* () {
      const world = yield* boot(
        memoryBackend(),
        (_, turn) => (turn === 1 ? Stream.fail(failure("credentials", { status: 401 })) : says("x")),
        { credentials: { refused: () => Effect.succeed(true) } },
      )
      yield* world.models.answer(yield* world.call())
      assert.lengthOf(world.sent, 2)
    }).pipe(hurried),
  )

  it.live("goes to the fallbacks in order, each a call of its own with its own price", () =>
    Effect.gen(function* () {
      const world = yield* boot(
        memoryBackend(),
        ({ model }) => (model === "local/tiny" ? says("ok") : Stream.fail(failure("not-found"))),
        {
          settings: {
            models: {
              default: "claude-opus-5-5",
              fallbacks: ["claude-sonnet-5-5", "local/tiny"],
              providers: { local: { kind: "chat", free: true } },
            },
          },
        },
      )
      const answered = yield* world.models.answer(yield* world.call())
      assert.deepStrictEqual(
        world.sent.map(({ model }) => model),
        ["anthropic/claude-opus-5-5", "anthropic/claude-sonnet-5-5", "local/tiny"],
      )
      assert.strictEqual(answered.payload.usd, 0)
      assert.lengthOf(yield* world.events("model.failed"), 2)
    }).pipe(hurried),
  )

  it.live("says malformed where a stream has no end or an adapter breaks", () =>
    Effect.gen(function* () {
      const endless = yield* boot(memoryBackend(), () => Stream.fromIterable(textParts(["x"]).slice(0, 3)))
      const error = yield* Effect.flip(endless.models.answer(yield* endless.call()))
      assert.strictEqual(error.reason, "malformed")
      const broken = yield* boot(memoryBackend(), () => Stream.die(new Error("oops")))
      assert.instanceOf(yield* Effect.flip(broken.models.answer(yield* broken.call())), ModelError)
      const [failed] = yield* broken.events("model.failed")
      assert.deepInclude(failed!.payload, { reason: "malformed" })
    }).pipe(hurried),
  )
})

describe("a call that is cut off", () => {
  it.live("by whoever asked is cancelled in the log, and the provider's stream is closed", () =>
    Effect.gen(function* () {
      const silent = yield* Deferred.make<void>()
      let closed = false
      const world = yield* boot(memoryBackend(), () =>
        stuckAfter(textParts(["It"]).slice(0, 3), silent).pipe(
          Stream.ensuring(
            Effect.sync(() => {
              closed = true
            }),
          ),
        ),
      )
      const fiber = yield* Effect.forkChild(world.models.answer(yield* world.call()))
      yield* Deferred.await(silent)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(closed)
      const [failed] = yield* world.events("model.failed")
      assert.deepInclude(failed!.payload, { reason: "cancelled" })
      assert.deepStrictEqual((yield* world.log.costs).open, {})
    }).pipe(hurried),
  )

  it.live("by a crash is failed at the next start at its worst, before anything new is asked", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const silent = yield* Deferred.make<void>()
      const first = yield* boot(backend, () => stuckAfter([], silent))
      const call = yield* first.call()
      yield* Effect.forkChild(Effect.ignore(first.models.answer(call)))
      yield* Deferred.await(silent)
      yield* first.kill
      const second = yield* boot(backend, () => says("again"))
      const answered = yield* second.models.answer(call)
      const [one, two] = yield* second.events("model.requested")
      const [failed] = yield* second.events("model.failed")
      assert.deepInclude(failed!.payload, {
        call: one!.payload.call,
        reason: "interrupted",
        usd: one!.payload.worstUsd,
      })
      assert.isBelow(failed!.seq, two!.seq)
      assert.strictEqual(answered.payload.call, modelCallId(call.cause.id, "test", 2))
      assert.strictEqual(two!.payload.of, one!.payload.call)
    }).pipe(hurried),
  )
})
