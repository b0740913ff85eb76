/** A moment of the past: which event a time names, the decisions around it, its chain, and what was known then. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { makePast } from "../../log-store/Past.ts"
import { momentAt, Moments, seqOf } from "../../src/daemon/Moments.ts"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import { projections, viewed } from "../../src/loop/projections.ts"
import { madeDraft } from "../loop/loopWorld.ts"

const start = Date.parse("2026-05-01T10:00:00.000Z")
const minute = 60_000
const note = (detail: string): EventDraft =>
  draft("daemon.health", { component: "test", state: "running", backend: null, detail }, { actor: "test" })

/** Appends each at its minute. */
const told = Effect.fnUntraced(function* (...events: ReadonlyArray<readonly [minute: number, EventDraft]>) {
  const store = yield* LogStore
  for (const [at, event] of events) {
    yield* TestClock.setTime(start + at * minute)
    yield* store.append([event])
  }
  return store
})
const moments = () => Moments.layer({ logDir: "/log" }).pipe(Layer.provideMerge(MemoryLogStore.layer))

describe("a point of the log", () => {
  it.effect("in time is the last event that was there then", () =>
    Effect.gen(function* () {
      const store = yield* told([0, note("a")], [5, note("b")], [5, note("c")], [9, note("d")])
      const at = (minutes: number) => seqOf(store, { atMs: start + minutes * minute })
      const found = yield* Effect.forEach([-1, 0, 4.99, 5, 8, 9, 1_000], at)
      assert.deepStrictEqual(found, [0, 1, 1, 3, 3, 4, 4])
      const seqs = yield* Effect.forEach([-3, 0, 2.7, 4, 99], (seq) => seqOf(store, { seq }))
      assert.deepStrictEqual(seqs, [0, 0, 2, 4, 4])
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("keeps what was logged while the clock was behind where it stands", () =>
    Effect.gen(function* () {
      const store = yield* told([10, note("a")], [3, note("behind")], [11, note("b")], [20, note("c")])
      const at = (minutes: number) => seqOf(store, { atMs: start + minutes * minute })
      assert.deepStrictEqual(yield* Effect.forEach([3, 9, 10, 11, 19, 20], at), [0, 0, 2, 3, 3, 4])
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )
})

describe("a moment", () => {
  it.effect("knows what was known then, the decisions around it, and its whole chain", () =>
    Effect.gen(function* () {
      const id = "s_00000000000000aa"
      const other = "s_00000000000000bb"
      const header = { actor: "decider", workspace: "/w", correlationId: id }
      yield* told(
        [0, draft("daemon.started", { version: "0.0.9", pid: 7, node: "26" }, { actor: "daemon" })],
        [1, draft("daemon.workspace", { action: "added", path: "/w" }, { actor: "user", workspace: "/w" })],
        [2, madeDraft(id, "/w", [])],
        [3, draft("decision.shown", { suggestion: id, reason: "now", boundary: null }, header)],
        [4, note("between")],
        [5, madeDraft(other, "/w", [])],
        [6, draft("approval.rejected", { suggestion: id, reason: "no", surface: "cli" }, header)],
        [7, draft("daemon.paused", { until: null, reason: "asked" }, { actor: "user:cli" })],
        [8, draft("daemon.stopped", { reason: "asked" }, { actor: "daemon" })],
      )
      const { at } = yield* Moments
      const nothing = yield* at({ seq: 0 })
      assert.deepInclude(nothing, { seq: 0, head: 9, at: null, event: null, previousDecision: null })
      assert.deepStrictEqual([nothing.nextDecision, nothing.queue, nothing.chain], [3, [], []])
      assert.deepStrictEqual(nothing.status.workspaces, [])

      const shown = yield* at({ seq: 4 })
      assert.deepInclude(shown.status, { version: "0.0.9", pid: 7, paused: false, workspaces: ["/w"] })
      assert.deepStrictEqual(shown.status.queue, { visible: 1, waiting: 0, urgent: 0 })
      assert.deepStrictEqual(shown.status.lastEvent?.seq, 4)
      assert.deepStrictEqual(
        shown.queue.map((row) => [row.id, row.state]),
        [[id, "pending"]],
      )
      assert.deepStrictEqual([shown.previousDecision, shown.nextDecision], [3, 6])
      assert.deepStrictEqual(
        shown.chain.map(({ event, role }) => [role, event.seq]),
        [
          // the made decision rests on the first event
          ["evidence", 1],
          ["decision", 3],
          ["attention", 4],
          ["approval", 7],
        ],
      )

      assert.deepStrictEqual((yield* at({ seq: 5 })).chain, [])
      const last = yield* at({ atMs: start + 99 * minute })
      assert.deepInclude(last, { seq: 9, head: 9, previousDecision: 6, nextDecision: null })
      assert.isTrue(last.status.paused)
      assert.deepStrictEqual(
        last.queue.map((row) => [row.id, row.state]),
        [
          [other, "pending"],
          [id, "rejected"],
        ],
      )
    }).pipe(Effect.provide(moments())),
  )

  it.effect("says of what is erased that it is", () =>
    Effect.gen(function* () {
      const id = "s_00000000000000aa"
      const header = { actor: "decider", workspace: "/w", correlationId: id }
      const store = yield* told(
        [0, note("first")],
        [1, madeDraft(id, "/w", [])],
        [2, draft("decision.shown", { suggestion: id, reason: "now", boundary: null }, header)],
      )
      const { at } = yield* Moments
      assert.lengthOf((yield* at({ seq: 3 })).queue, 1)
      yield* store.erase([2], "private", "user:cli")
      const { chain, event, queue } = yield* at({ seq: 2 })
      assert.deepStrictEqual([event?.payload, event?.erased, queue], [null, true, []])
      assert.deepStrictEqual(
        chain.map(({ role, text }) => [role, text]),
        [
          ["decision", "(erased)"],
          ["attention", "now"],
        ],
      )
    }).pipe(Effect.provide(moments())),
  )

  it.effect("is the live one where it is the newest", () =>
    Effect.gen(function* () {
      const store = yield* told([0, note("a")], [1, madeDraft("s_00000000000000aa", "/w", [])])
      const past = yield* makePast(store, viewed)
      const found = yield* momentAt(store, past, "/log", { seq: 2 })
      let queue: (typeof projections.queue)["initial"] = projections.queue.initial
      for (const seq of [1, 2]) queue = projections.queue.evolve(queue, (yield* store.get(seq))!)
      assert.deepStrictEqual(found.queue, Object.values(queue.suggestions))
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )
})
