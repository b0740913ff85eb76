/** What a day asks of models, counted from its log: only situations ask, and only some kinds of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../../log-store/MemoryLogStore.ts"
import { makeDay } from "../../../build/day/makeDay.ts"
import { ThoughtCounts, thoughtsText } from "../../../src/daemon/eval/thoughts.ts"
import { replayPass } from "../../../src/loop/replayLog.ts"

const counted = (thinking: boolean) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    yield* makeDay({ store, events: 4_000, seed: 7, home: "/home/dev", thinking })
    const counts = new ThoughtCounts()
    const replay = replayPass(null)
    yield* Stream.runForEach(store.read({}), (event) =>
      Effect.sync(() => {
        counts.take(event)
        replay.take(event)
      }),
    )
    return { report: counts.report, replayed: replay.finish().summary }
  }).pipe(Effect.provide(MemoryLogStore.layer))

describe("the thoughts of a day", () => {
  it.live("are asked for by situations alone, and by few of them", () =>
    Effect.gen(function* () {
      const { replayed, report } = yield* counted(true)
      assert.isAbove(report.thoughts, 0)
      assert.isBelow(report.thoughts, report.situations / 5)
      assert.strictEqual(report.uncaused, 0)
      assert.deepStrictEqual(
        report.kinds.filter(({ thoughts }) => thoughts > 0).map(({ kind }) => kind),
        ["command.failed"],
      )
      assert.match(thoughtsText(report), /^command\.failed +\d+ +\d+/m)
      assert.isTrue(replayed.same)
    }),
  )

  it.live("are none without a model", () =>
    Effect.gen(function* () {
      const { replayed, report } = yield* counted(false)
      assert.strictEqual(report.thoughts, 0)
      assert.isTrue(replayed.same)
    }),
  )
})
