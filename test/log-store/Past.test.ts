/** Projections folded together, and their states at any moment of the past: always what a fold from the start gives. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as fc from "fast-check"
import { emptyFolding, foldOn, loadFolding } from "../../log-store/Folding.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { makePast } from "../../log-store/Past.ts"
import { upcaster } from "../../log-store/upcasts.ts"
import { draft, type Event } from "../../src/domain/event.ts"

const note = (n: number) => draft("daemon.stopped", { reason: `${n}` }, { actor: "test" })
const reasonOf = (event: Event): string =>
  event.type === "daemon.stopped" ? (event.payload?.reason ?? "erased") : event.type

const reasons = {
  name: "reasons",
  version: 1,
  initial: { all: [] as ReadonlyArray<string> },
  evolve: (state: { readonly all: ReadonlyArray<string> }, event: Event) => ({
    all: [...state.all, reasonOf(event)],
  }),
} as const
const newest = {
  name: "newest",
  version: 1,
  initial: { seq: 0 },
  evolve: (_: { readonly seq: number }, event: Event) => ({ seq: event.seq }),
} as const
const bundle = { reasons, newest }
const every = 10

const filled = Effect.fnUntraced(function* (count: number) {
  const store = yield* LogStore
  for (let n = 1; n <= count; n += 7)
    yield* store.append(Array.from({ length: Math.min(7, count - n + 1) }, (_, m) => note(n + m)))
  return store
})
const upTo = (n: number) => Array.from({ length: n }, (_, m) => `${m + 1}`)

describe("a past", () => {
  it.effect("is at any seq, in any order, what was folded up to it", () =>
    Effect.gen(function* () {
      const store = yield* filled(95)
      const past = yield* makePast(store, bundle, every)
      const runs = fc.sample(fc.array(fc.integer({ min: 0, max: 95 }), { maxLength: 8 }), 40)
      for (const seqs of [[95], [0], [10, 9, 11], [50, 40, 60, 41], ...runs])
        for (const seq of seqs) {
          const { newest: last, reasons: found } = yield* past.at(seq)
          assert.deepStrictEqual(found.all, upTo(seq))
          assert.strictEqual(last.seq, seq)
        }
      assert.strictEqual((yield* past.at(1_000)).newest.seq, 95)
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("leaves checkpoints on the way, and begins at the nearest from then on", () =>
    Effect.gen(function* () {
      const inner = yield* filled(95)
      const read: Array<number> = []
      const store: typeof inner = {
        ...inner,
        read: (query) => {
          read.push(query.from ?? 1)
          return inner.read(query)
        },
      }
      yield* (yield* makePast(store, bundle, every)).at(57)
      for (const [at, nearest] of [
        [9, 0],
        [10, 10],
        [57, 50],
        [95, 50],
      ] as const)
        for (const projection of [reasons, newest])
          assert.strictEqual((yield* store.loadCheckpoint<unknown>(projection as never, at)).seq, nearest)

      read.length = 0
      const again = yield* makePast(store, bundle, every)
      assert.deepStrictEqual((yield* again.at(43)).reasons.all, upTo(43))
      assert.deepStrictEqual(read, [41])
      assert.deepStrictEqual((yield* again.at(42)).reasons.all, upTo(42))
      assert.deepStrictEqual((yield* again.at(49)).reasons.all, upTo(49))
      assert.deepStrictEqual(read, [41])
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("goes on with a log that grows", () =>
    Effect.gen(function* () {
      const store = yield* filled(12)
      const past = yield* makePast(store, bundle, every)
      assert.strictEqual((yield* past.at(99)).newest.seq, 12)
      yield* store.append([note(13)])
      assert.deepStrictEqual((yield* past.at(13)).reasons.all, upTo(13))
      yield* store.append(Array.from({ length: 30 }, (_, n) => note(14 + n)))
      assert.deepStrictEqual((yield* past.at(43)).reasons.all, upTo(43))
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("shows and keeps nothing that was erased, also where the erasure came while it was asked", () =>
    Effect.gen(function* () {
      const backend = memoryBackend()
      const store = yield* makeStore({ backend, upcast: upcaster({}), place: "memory" })
      yield* store.append(Array.from({ length: 60 }, (_, n) => note(n + 1)))
      const past = yield* makePast(store, bundle, every)
      assert.include((yield* past.at(55)).reasons.all, "33")
      const asked = yield* Effect.forkChild(past.at(58))
      yield* store.erase([33], "private", "user:cli")
      yield* Fiber.join(asked)
      const { all } = (yield* past.at(55)).reasons
      assert.notInclude(all, "33")
      assert.strictEqual(all[32], "erased")
      for (const at of [32, 33, 40, 60]) {
        const { state } = yield* store.loadCheckpoint<{ readonly all: ReadonlyArray<string> }>(reasons, at)
        assert.notInclude(state.all, "33")
      }
    }).pipe(Effect.scoped),
  )
})

describe("projections folded together", () => {
  it.effect("each begin at their own checkpoint", () =>
    Effect.gen(function* () {
      const store = yield* filled(50)
      const first = emptyFolding(bundle)
      yield* foldOn(store, first, 20)
      yield* store.saveCheckpoint<unknown>(reasons as never, 20, first.states.reasons)
      const folding = yield* loadFolding(store, bundle)
      assert.deepStrictEqual(
        folding.parts.map(({ seq }) => seq),
        [20, 0],
      )
      assert.strictEqual(folding.seq, 0)
      const apart = folding.fork()
      yield* foldOn(store, folding, 50)
      assert.deepStrictEqual(folding.states, { reasons: { all: upTo(50) }, newest: { seq: 50 } })
      assert.deepStrictEqual(apart.states, { reasons: { all: upTo(20) }, newest: { seq: 0 } })
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("rebuild themselves where their version changed", () =>
    Effect.gen(function* () {
      const store = yield* filled(30)
      const whole = emptyFolding(bundle)
      yield* foldOn(store, whole, 30)
      for (const part of whole.parts) yield* store.saveCheckpoint(part.projection, part.seq, part.state)
      const changed = {
        newest,
        reasons: {
          ...reasons,
          version: 2,
          evolve: (state: { readonly all: ReadonlyArray<string> }, event: Event) => ({
            all: [...state.all, `${reasonOf(event)}!`],
          }),
        },
      }
      const folding = yield* loadFolding(store, changed)
      assert.strictEqual(folding.seq, 0)
      yield* foldOn(store, folding, 30)
      assert.deepStrictEqual(
        folding.states.reasons.all,
        upTo(30).map((reason) => `${reason}!`),
      )
      assert.deepStrictEqual(folding.states.newest, { seq: 30 })
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )
})
