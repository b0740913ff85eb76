/** The live folds: always what the log says, also after damage, erasure and a fold that went wrong. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger, Option, Stream, SubscriptionRef } from "effect"
import { emptyCommit } from "../../log-store/Backend.ts"
import { emptyFolding, foldOn, Folding } from "../../log-store/Folding.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import { readFoldProgress } from "../../src/domain/foldProgress.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { projections } from "../../src/loop/projections.ts"
import { rebuild } from "../../src/loop/rebuild.ts"
import { stateDifference } from "../../src/loop/stateDifference.ts"
import { madeDraft, storeOver } from "./loopWorld.ts"

const added = (path: string) =>
  draft("daemon.workspace", { action: "added", path }, { actor: "user", workspace: path })
const paused = draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user:cli" })
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => madeDraft(`s_${n.toString(16).padStart(16, "0")}`, "/w", []))

/** The folds over this log, running. */
const running = Effect.fnUntraced(function* (backend = memoryBackend()) {
  const context = yield* Layer.build(Folds.layer.pipe(Layer.provideMerge(storeOver(backend))))
  return yield* Effect.provideContext(
    Effect.gen(function* () {
      const folds = yield* Folds
      const store = yield* LogStore
      yield* Effect.forkScoped(folds.run, { startImmediately: true })
      const settled = Effect.gen(function* () {
        yield* folds.reached((yield* store.head).seq)
        return yield* SubscriptionRef.get(folds.snapshot)
      })
      return { backend, folds, store, settled }
    }),
    context,
  )
})

/** What a fold from the first event gives now. */
const fromZero = Effect.fnUntraced(function* (store: LogStore["Service"]) {
  const folding = emptyFolding(projections)
  yield* foldOn(store, folding, (yield* store.head).seq)
  return { ...folding.states, seq: folding.seq }
})
const isTrue = Effect.fnUntraced(function* (store: LogStore["Service"], found: unknown) {
  assert.isNull(stateDifference(found, yield* fromZero(store)))
})

/** Collects what is logged. */
const collecting = (said: Array<string>) =>
  Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])

describe("the folds", () => {
  it.live("over a long log keep and say how far they have come", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const tick = draft("decision.tick", { dueMs: 1 }, { actor: "decider" })
      yield* Effect.gen(function* () {
        const store = yield* LogStore
        for (let page = 0; page < 101; page++) yield* store.append(Array.from({ length: 1_000 }, () => tick))
      }).pipe(Effect.provide(storeOver(backend)), Effect.scoped)
      const said: Array<string> = []
      const { store } = yield* Effect.provide(running(backend), collecting(said))
      assert.deepStrictEqual(said.map(readFoldProgress), [
        { done: 50_000, total: 101_000 },
        { done: 100_000, total: 101_000 },
      ])
      assert.strictEqual((yield* store.loadCheckpoint(projections.control)).seq, 100_000)
    }).pipe(Effect.scoped),
  )

  it.live("begin at their checkpoints, and without any at the first event", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { folds, settled, store } = yield* running(backend)
          yield* store.append([added("/w"), ...many(20), paused])
          const found = yield* settled
          assert.isTrue(found.control.paused)
          yield* folds.checkpoint
          assert.strictEqual((yield* store.loadCheckpoint(projections.queue)).seq, 22)
          yield* isTrue(store, found)
        }),
      )
      const records = [
        { key: "checkpoint/queue", value: Buffer.from("nothing of this kind") },
        { key: "checkpoint/control", value: null },
      ]
      yield* Effect.promise(() => backend.commit({ ...emptyCommit, records }))
      const { settled, store } = yield* running(backend)
      const found = yield* settled
      assert.lengthOf(Object.keys(found.queue.suggestions), 20)
      assert.isTrue(found.control.paused)
      yield* isTrue(store, found)
    }).pipe(Effect.scoped),
  )

  it.live("forget what was erased, in the snapshot and in what is stored of them", () =>
    Effect.gen(function* () {
      const { backend, folds, settled, store } = yield* running()
      const [, first] = yield* store.append([added("/w"), ...many(3)])
      const title = "suggestion s_0000000000000000"
      assert.include(JSON.stringify(yield* settled), title)
      yield* folds.checkpoint
      yield* store.erase([first!.seq], "private", "user:cli")
      const found = yield* settled
      assert.notInclude(JSON.stringify(found), title)
      assert.include(JSON.stringify(found), "suggestion s_0000000000000001")
      yield* isTrue(store, found)
      yield* folds.checkpoint
      for (const projection of Object.values(projections)) {
        const { state } = yield* store.loadCheckpoint<unknown>(projection as never)
        assert.notInclude(JSON.stringify(state), title)
      }
      yield* isTrue(store, yield* (yield* running(backend)).settled)
    }).pipe(Effect.scoped),
  )

  it.live("lose nothing for a follower that is slow, and show it the snapshot at or after each event", () =>
    Effect.gen(function* () {
      const { folds, store } = yield* running()
      yield* store.append([added("/a")])
      const heard: Array<number> = []
      const open = yield* Deferred.make<void>()
      const follower = yield* folds.follow(1).pipe(
        Stream.mapEffect(
          Effect.fnUntraced(function* (events: ReadonlyArray<Event>) {
            yield* Deferred.await(open)
            const { seq } = yield* SubscriptionRef.get(folds.snapshot)
            for (const event of events) {
              assert.isAtLeast(seq, event.seq)
              heard.push(event.seq)
            }
          }),
        ),
        Stream.takeUntil(() => heard.length >= 3_000),
        Stream.runDrain,
        Effect.forkChild({ startImmediately: true }),
      )
      for (let n = 0; n < 30; n++) yield* store.append(Array.from({ length: 100 }, () => paused))
      yield* Deferred.succeed(open, undefined)
      yield* Fiber.join(follower)
      assert.deepStrictEqual(
        heard,
        Array.from({ length: 3_000 }, (_, n) => n + 2),
      )
    }).pipe(Effect.scoped),
  )

  it.live("go on with a fold that was made anew, and say where the old one was wrong", () =>
    Effect.gen(function* () {
      const { folds, settled, store } = yield* running()
      yield* store.append([added("/w"), ...many(40)])
      yield* settled
      // a fold that went wrong: it heard of a pause that the log knows nothing of
      const wrong = emptyFolding(projections)
      yield* foldOn(store, wrong, 41)
      const parts = wrong.parts.map((part) =>
        part.key === "control" ? { ...part, state: { ...(part.state as object), paused: true } } : part,
      )
      yield* folds.adopt(new Folding(parts))
      assert.isTrue((yield* settled).control.paused)

      const report = Effect.fnUntraced(function* () {
        const last = yield* Stream.runLast(rebuild(store, folds.adopt))
        const message = Option.getOrThrow(last)
        assert(message._tag === "summary")
        return message.summary
      })
      const { events, projections: rows, same } = yield* report()
      assert.strictEqual(events, 41)
      assert.isFalse(same)
      assert.deepStrictEqual(
        rows.filter((row) => !row.same).map(({ difference, projection }) => [projection, difference]),
        [["control", "paused is true, rebuilt false"]],
      )
      const found = yield* settled
      assert.isFalse(found.control.paused)
      yield* isTrue(store, found)
      assert.isTrue((yield* report()).same)
      yield* store.append([paused])
      assert.isTrue((yield* settled).control.paused)
    }).pipe(Effect.scoped),
  )
})

describe("a difference of states", () => {
  it("is named by its path, and what JSON leaves out is none", () => {
    assert.isNull(stateDifference({ a: [1, { b: 2 }], c: undefined }, { a: [1, { b: 2 }] }))
    assert.strictEqual(stateDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), "a.1.b is 2, rebuilt 3")
    assert.strictEqual(stateDifference({ a: {} }, {}), "a is {}, rebuilt nothing")
    assert.strictEqual(stateDifference([1], [1, 2]), "the state is [1], rebuilt [1,2]")
  })
})
