/** The guarded way to the log: a failing disk is waited for and said, a conflict is not retried, damage ends it. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { Damaged, LogError, LogStore } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { draft } from "../../src/domain/event.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { disk, type Disk, storeOver } from "./loopWorld.ts"

const stopped = (reason: string) => draft("daemon.stopped", { reason }, { actor: "test", correlationId: "c" })

const withAppender = <A, E>(
  body: (parts: {
    readonly appender: Appender["Service"]
    readonly store: LogStore["Service"]
    readonly state: Disk
  }) => Effect.Effect<A, E>,
) => {
  const state = disk()
  return Effect.gen(function* () {
    return yield* body({ appender: yield* Appender, store: yield* LogStore, state })
  }).pipe(Effect.provide(Appender.layer.pipe(Layer.provideMerge(storeOver(memoryBackend(), state)))))
}

const all = (store: LogStore["Service"]) =>
  Effect.map(Stream.runCollect(store.read({})), (events) =>
    events.map(({ type, payload }) =>
      type === "daemon.health"
        ? `${type} ${payload.state}`
        : `${type} ${"reason" in payload ? payload.reason : ""}`,
    ),
  )

describe("append", () => {
  it.effect("waits for a full disk, says so meanwhile, and says in the log that it was mended", () =>
    withAppender(({ appender, store, state }) =>
      Effect.gen(function* () {
        state.refuses = "No space left on device"
        const waiting = yield* Effect.forkChild(appender.append([stopped("one")]), {
          startImmediately: true,
        })
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* SubscriptionRef.get(appender.trouble), "No space left on device")
        assert.isUndefined(waiting.pollUnsafe())
        assert.isAtLeast(state.tried, 10)
        assert.isAtMost(state.tried, 30, "it does not hammer")
        state.refuses = null
        yield* TestClock.adjust("5 seconds")
        const [event] = yield* Fiber.join(waiting)
        assert.strictEqual(event?.seq, 1)
        assert.isNull(yield* SubscriptionRef.get(appender.trouble))
        assert.deepStrictEqual(yield* all(store), ["daemon.stopped one", "daemon.health running"])
      }),
    ),
  )

  it.effect("of nothing does nothing", () =>
    withAppender(({ appender, state }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual([...(yield* appender.append([]))], [])
        assert.strictEqual(state.tried, 0)
      }),
    ),
  )

  it.effect("dies on damage: there is nothing to wait for", () =>
    Effect.gen(function* () {
      const damaged = new LogError({ reason: new Damaged({ seq: 3, message: "the page is gone" }) })
      const broken = Layer.effect(
        LogStore,
        LogStore.useSync((store) => ({ ...store, append: () => Effect.fail(damaged) })),
      ).pipe(Layer.provide(MemoryLogStore.layer))
      const exit = yield* Effect.exit(
        Effect.flatMap(Appender, (appender) => appender.append([stopped("one")])).pipe(
          Effect.provide(Appender.layer.pipe(Layer.provide(broken))),
        ),
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    }),
  )
})

describe("appendNow", () => {
  it.effect("fails at once on a full disk, and notices it", () =>
    withAppender(({ appender, state }) =>
      Effect.gen(function* () {
        state.refuses = "Input/output error"
        const error = yield* Effect.flip(appender.appendNow([stopped("one")]))
        assert.strictEqual(error.reason._tag, "Unwritable")
        assert.strictEqual(yield* SubscriptionRef.get(appender.trouble), "Input/output error")
        state.refuses = null
        yield* appender.appendNow([stopped("two")])
        assert.isNull(yield* SubscriptionRef.get(appender.trouble))
      }),
    ),
  )

  it.effect("hands a conflict to its caller, without a second try and without calling it trouble", () =>
    withAppender(({ appender, store, state }) =>
      Effect.gen(function* () {
        yield* appender.append([stopped("one")])
        const before = state.tried
        const error = yield* Effect.flip(
          appender.appendNow([stopped("two")], { correlationId: "c", lastSeq: 0 }),
        )
        assert.strictEqual(error.reason._tag, "Conflict")
        assert.strictEqual(state.tried, before + 1)
        assert.isNull(yield* SubscriptionRef.get(appender.trouble))
        yield* appender.appendNow([stopped("three")], { correlationId: "c", lastSeq: 1 })
        assert.deepStrictEqual(yield* all(store), ["daemon.stopped one", "daemon.stopped three"])
      }),
    ),
  )
})
