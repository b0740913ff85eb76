/** The watch over a stream, under a clock that the test moves: stalls before the first byte and between two, and the whole. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { anthropicProvider } from "../../src/model/anthropic/anthropicProvider.ts"
import { anthropicFrames } from "../fixtures/models/anthropicFrames.ts"
import { request } from "./requests.ts"

const frames = anthropicFrames({
  id: "r1",
  model: "m",
  turn: { text: "one two three four five six seven eight", pieces: 4 },
  usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
})

/** A server whose bytes come when the test says so. */
const held = () => {
  let body: ReadableStreamDefaultController<Uint8Array> | undefined
  let answer: ((response: Response) => void) | undefined
  const asked = Promise.withResolvers<AbortSignal>()
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((resolve, reject) => {
      const signal = init!.signal!
      signal.addEventListener("abort", () => reject(signal.reason as Error))
      answer = resolve
      asked.resolve(signal)
    })
  return {
    fetch,
    asked: Effect.promise(() => asked.promise),
    headers: Effect.sync(() =>
      answer!(
        new Response(new ReadableStream({ start: (controller) => void (body = controller) }), {
          headers: { "content-type": "text/event-stream" },
        }),
      ),
    ),
    send: (text: string) => Effect.sync(() => body!.enqueue(new TextEncoder().encode(text))),
    close: Effect.sync(() => body!.close()),
  }
}

const run = (limits: { readonly stallMs: number; readonly timeoutMs: number }) =>
  Effect.gen(function* () {
    const server = held()
    const provider = anthropicProvider({
      name: "slow",
      baseUrl: "http://slow.test",
      fetch: server.fetch,
      ...limits,
    })
    const seen = yield* Queue.unbounded<string>()
    const fiber = yield* provider.stream(request(), null).pipe(
      Stream.runForEach((part) => Queue.offer(seen, part.type)),
      Effect.forkChild({ startImmediately: true }),
    )
    const signal = yield* server.asked
    return { server, fiber, signal, seen }
  })

describe("the watch over a stream", () => {
  it.effect("nothing at all", () =>
    Effect.gen(function* () {
      const { fiber, signal } = yield* run({ stallMs: 60_000, timeoutMs: 600_000 })
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error.reason, "stalled")
      assert.isFalse(error.begun)
      assert.isTrue(signal.aborted)
    }),
  )

  it.effect("bytes, and then no more", () =>
    Effect.gen(function* () {
      const { fiber, seen, server, signal } = yield* run({ stallMs: 60_000, timeoutMs: 600_000 })
      yield* TestClock.adjust("50 seconds")
      yield* server.headers
      yield* server.send(frames.slice(0, 6).join(""))
      while ((yield* Queue.take(seen)) !== "text-delta");
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error.reason, "stalled")
      assert.isTrue(error.begun)
      assert.isTrue(signal.aborted)
    }),
  )

  it.effect("a byte in time, each time, is no stall, however long it takes", () =>
    Effect.gen(function* () {
      const { fiber, seen, server } = yield* run({ stallMs: 60_000, timeoutMs: 6_000_000 })
      yield* server.headers
      for (const frame of frames) {
        yield* server.send(frame)
        if (frame.includes("text_delta")) while ((yield* Queue.take(seen)) !== "text-delta");
        if (frame.includes("text_delta")) yield* TestClock.adjust("55 seconds")
      }
      yield* server.close
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(fiber)))
    }),
  )

  it.effect("a server that does not stop is stopped", () =>
    Effect.gen(function* () {
      const line = new TextEncoder().encode(`: ${"x".repeat(1024 * 1024)}\n`)
      let sent = 0
      const fetch: typeof globalThis.fetch = () =>
        Promise.resolve(
          new Response(
            new ReadableStream({
              pull: (controller) => {
                sent++
                controller.enqueue(line)
              },
            }),
            { headers: { "content-type": "text/event-stream" } },
          ),
        )
      const provider = anthropicProvider({ name: "endless", baseUrl: "http://endless.test", fetch })
      const error = yield* Effect.flip(Stream.runDrain(provider.stream(request(), null)))
      assert.strictEqual(error.reason, "malformed")
      assert.isBelow(sent, 80)
    }),
  )

  it.effect("no longer than a request may take", () =>
    Effect.gen(function* () {
      const { fiber, seen, server, signal } = yield* run({ stallMs: 60_000, timeoutMs: 100_000 })
      yield* server.headers
      yield* server.send(frames.slice(0, 6).join(""))
      while ((yield* Queue.take(seen)) !== "text-delta");
      yield* TestClock.adjust("50 seconds")
      yield* server.send(frames[6]!)
      while ((yield* Queue.take(seen)) !== "text-delta");
      yield* TestClock.adjust("50 seconds")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error.reason, "timeout")
      assert.isTrue(signal.aborted)
    }),
  )
})
