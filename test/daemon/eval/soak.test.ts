/** Made people and their weeks: their rhythm, their taste, and how they are scored. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { seeded } from "../../../src/daemon/eval/random.ts"
import { burstiness, drawGap, rhythmOf } from "../../../src/daemon/eval/soak/bursts.ts"
import { scoreSoak } from "../../../src/daemon/eval/soak/scoreSoak.ts"
import { makeWeeks } from "../../../src/daemon/eval/soak/weeks.ts"
import { LearningRun, scoreLearning } from "../../../src/daemon/eval/learning.ts"
import { reflexes } from "../../../src/decide/registry.ts"
import type { Event } from "../../../src/domain/event.ts"

describe("the rhythm of a made person", () => {
  it("is -1 for a clock, towards 1 for bursts", () => {
    assert.strictEqual(burstiness([5, 5, 5, 5]), -1)
    assert.isAbove(burstiness([...Array.from({ length: 99 }, () => 1), 10_000]), 0.7)
    assert.strictEqual(burstiness([]), 0)
  })
  it("has the pauses and the burstiness of recorded work", () => {
    const random = seeded(3)
    const rhythm = rhythmOf(
      Array.from({ length: 40_000 }, () => drawGap(random)),
      0,
    )
    assert.closeTo(rhythm.burstiness, 0.79, 0.02)
    assert.closeTo(rhythm.eventsPerHour, 375, 30)
    assert.closeTo(rhythm.pausesOver5sPerHour, 79, 8)
    assert.closeTo(rhythm.pausesOver15sPerHour, 38, 4)
    assert.closeTo(rhythm.pausesOver60sPerHour, 11.8, 1.5)
    assert.closeTo(rhythm.breaksPerHour, 4.3, 0.8)
  })
})

describe("a made week", () => {
  it.live("shows nothing in the midst of edits or again after a no, and is the same each time", () =>
    Effect.promise(async () => {
      const once = async () => scoreSoak([await makeWeeks({ seed: 4, days: 3 })], [4], 3)
      const score = await once()
      assert.isAbove(score.claw.shown, 3)
      assert.strictEqual(score.claw.withinFiveSecondsOfEdit, 0)
      assert.strictEqual(score.claw.repeatedAfterNo, 0)
      assert.isAtLeast(score.claw.atBoundary, 0.95)
      // who says everything at once says it in the midst of edits
      assert.isAbove(score.baselines.alwaysSpeak.withinFiveSecondsOfEdit, 0)
      assert.isAbove(score.baselines.alwaysSpeak.shown, score.claw.shown)
      assert.strictEqual(score.baselines.alwaysSilent.recall, 0)
      assert.deepStrictEqual(await once(), score)
    }),
  )
})

describe("what was learned", () => {
  it.live("is scored on the later days alone, and loses no more than it may", () =>
    Effect.promise(async () => {
      const events: Array<Event> = []
      const onEvent = (event: Event) => events.push(event)
      await makeWeeks({ seed: 4, days: 6, attention: { learn: false }, onEvent })
      const from = events.findIndex(({ at }) => at >= "2026-03-05") + 1
      const run = new LearningRun(reflexes, from)
      for (const event of events) run.take(event)
      const score = scoreLearning([run.finish()])
      assert.isAbove(score.earlier, 0)
      assert.isAbove(score.later, 0)
      assert.deepStrictEqual(
        score.costs.map(({ falseAlarmToMiss }) => falseAlarmToMiss),
        [1, 3, 10],
      )
      for (const { alwaysSilent, alwaysSpeak, learned, unlearned } of score.costs) {
        // the log was made without learning: without it, the same is shown again
        assert.strictEqual(unlearned.missed, 0)
        assert.strictEqual(unlearned.shown, alwaysSpeak.shown)
        assert.strictEqual(alwaysSilent.shown, 0)
        assert.strictEqual(learned.kept + learned.missed, unlearned.kept)
      }
    }),
  )
})
