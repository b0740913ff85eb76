/** Projections: the same state from the start, from a checkpoint, and live. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { foldFrom, foldLive } from "../../log-store/fold.ts"
import { LogStore, type Projection } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { draft } from "../../src/domain/event.ts"

const note = (n: number) => draft("daemon.stopped", { reason: `${n}` }, { actor: "test" })
const sum = (version = 1): Projection<{ readonly seqs: number; readonly versions: number }> => ({
  name: "sum",
  version,
  initial: { seqs: 0, versions: version },
  evolve: (state, event) => ({ ...state, seqs: state.seqs + event.seq }),
})
const upTo = (n: number) => (n * (n + 1)) / 2

describe("fold", () => {
  it.effect("gives the same state wherever it starts", () =>
    Effect.gen(function* () {
      const log = yield* LogStore
      assert.deepStrictEqual(yield* foldFrom(log, sum()), { seq: 0, state: { seqs: 0, versions: 1 } })
      for (let n = 0; n < 30; n++) yield* log.append(Array.from({ length: 10 }, (_, m) => note(m)))
      const whole = { seq: 300, state: { seqs: upTo(300), versions: 1 } }
      assert.deepStrictEqual(yield* foldFrom(log, sum(), { saveAfter: 299 }), whole)
      assert.deepStrictEqual(yield* log.loadCheckpoint(sum()), whole)
      assert.deepStrictEqual(yield* foldFrom(log, sum(), { upTo: 100 }), {
        seq: 100,
        state: { seqs: upTo(100), versions: 1 },
      })
      yield* log.append([note(301)])
      assert.deepStrictEqual((yield* foldFrom(log, sum(), { saveAfter: 5 })).state.seqs, upTo(301))
      assert.strictEqual((yield* log.loadCheckpoint(sum())).seq, 300)
      assert.deepStrictEqual(yield* foldFrom(log, sum(2)), {
        seq: 301,
        state: { seqs: upTo(301), versions: 2 },
      })
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )

  it.effect("goes on live behind where it stopped", () =>
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append([note(1), note(2)])
      const start = yield* foldFrom(log, sum(), { upTo: 1 })
      yield* log.append([note(3)])
      const steps = yield* foldLive(log, sum(), start).pipe(Stream.take(2), Stream.runCollect)
      assert.deepStrictEqual(
        [...steps].map(({ seq, state, event }) => [seq, state.seqs, event.seq]),
        [
          [2, 3, 2],
          [3, 6, 3],
        ],
      )
    }).pipe(Effect.provide(MemoryLogStore.layer)),
  )
})
