/** How probable it is that a suggestion is kept, from how the ones before it were taken. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import {
  calibrationError,
  type Circumstances,
  forecast,
  isWorth,
  type Keeping,
  learn,
  noKeeping,
  release,
  threshold,
  withhold,
} from "../../../src/decide/attention/keeping.ts"
import { HowTaken } from "../../../src/domain/events/thought.ts"

const at = (over: Partial<Circumstances> = {}): Circumstances => ({
  workspace: "/w",
  moment: "commit",
  about: "git push",
  ...over,
})
const taught = (
  outcomes: ReadonlyArray<readonly [Circumstances, HowTaken]>,
  from: Keeping = noKeeping,
): Keeping =>
  outcomes.reduce((keeping, [circumstances, outcome]) => {
    const { raw } = forecast(keeping, "rule", circumstances)
    return learn(keeping, "rule", { circumstances, raw }, outcome)
  }, from)
const times = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)
const even = { falseAlarm: 1, miss: 1 }

describe("the probability that a suggestion is kept", () => {
  it("begins with the share that a rule must hold", () => {
    assert.closeTo(forecast(noKeeping, "rule", at()).p, 0.8, 0.001)
    assert.isTrue(isWorth(noKeeping, forecast(noKeeping, "rule", at()), even))
  })
  it("falls where such are not kept, and there alone", () => {
    const here = at({ workspace: "/a" })
    const there = at({ workspace: "/b" })
    const keeping = taught(
      times(20, [
        [here, "dismissed"],
        [there, "accepted"],
      ] as ReadonlyArray<readonly [Circumstances, HowTaken]>).flat(),
    )
    assert.isBelow(forecast(keeping, "rule", here).p, 0.4)
    assert.isAbove(forecast(keeping, "rule", there).p, 0.6)
    assert.isFalse(isWorth(keeping, forecast(keeping, "rule", here), even))
    assert.isTrue(isWorth(keeping, forecast(keeping, "rule", there), even))
    assert.closeTo(forecast(keeping, "other", here).p, 0.8, 0.3)
  })
  it("weighs a no twice what is left alone, and unlearns what was taken back", () => {
    const one = (outcome: HowTaken) => forecast(taught([[at(), outcome]]), "rule", at()).raw
    assert.isAbove(one("ignored"), one("dismissed"))
    assert.strictEqual(one("ignored"), one("blind-dismissed"))
    const back = taught([
      [at(), "accepted"],
      [at(), "reverted"],
    ])
    assert.closeTo(forecast(back, "rule", at()).raw, one("dismissed"), 0.01)
  })
  it("forgets: the old counts for less than the new", () => {
    const keeping = taught([
      ...times(300, [at(), "dismissed"] as const),
      ...times(120, [at(), "accepted"] as const),
    ])
    assert.isAbove(forecast(keeping, "rule", at()).p, 0.7)
  })
  it("withholds no more than a twentieth of what was kept, whatever the costs", () => {
    // one in five is kept: by cost alone nothing of it would be shown any more
    let seed = 11
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    const some = times(150, null).map(() => [at(), random() < 0.2 ? "accepted" : "dismissed"] as const)
    const dear = { falseAlarm: 10, miss: 1 }
    let keeping = taught(some)
    let withheld = 0
    for (; withheld < 100; withheld += 1) {
      const expected = forecast(keeping, "rule", at())
      assert.isBelow(expected.p, threshold(even))
      if (isWorth(keeping, expected, dear)) break
      keeping = withhold(keeping, expected)
    }
    assert.isAbove(withheld, 1)
    assert.isBelow(withheld, 12)
    assert.isAtMost(keeping.withheld, 0.05 * (keeping.kept + keeping.withheld))
    // what came to be seen all the same was not lost
    const back = release(keeping, forecast(keeping, "rule", at()))
    assert.isFalse(isWorth(back, forecast(back, "rule", at()), dear))
  })
  it("withholds hardly anything from who has not kept anything yet", () => {
    const keeping = taught(times(6, [at(), "dismissed"] as const))
    const expected = forecast(keeping, "rule", at())
    assert.isFalse(isWorth(keeping, expected, even))
    const spent = times(5, expected).reduce(withhold, keeping)
    assert.isTrue(isWorth(spent, expected, even))
  })
  it("asks for more the dearer a false alarm is", () => {
    assert.strictEqual(threshold({ falseAlarm: 1, miss: 1 }), 0.5)
    assert.strictEqual(threshold({ falseAlarm: 3, miss: 1 }), 0.75)
  })
  it("is calibrated: what it forecasts comes true about as often", () => {
    let seed = 7
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
    let keeping = noKeeping
    let squares = 0
    const rates: Readonly<Record<string, number>> = { "/a": 0.9, "/b": 0.65, "/c": 0.5 }
    for (let i = 0; i < 2_000; i += 1) {
      const workspace = ["/a", "/b", "/c"][i % 3]!
      const circumstances = at({ workspace })
      const { p, raw } = forecast(keeping, "rule", circumstances)
      const kept = random() < rates[workspace]!
      squares += (p - Number(kept)) ** 2
      keeping = learn(keeping, "rule", { circumstances, raw }, kept ? "accepted" : "dismissed")
    }
    // always forecasting the mean would give 0.216
    assert.isBelow(squares / 2_000, 0.205)
    assert.isBelow(calibrationError(keeping)!, 0.1)
  })
  it("stays a probability, bounded and the same on every run", () => {
    const step = fc.record({
      rule: fc.constantFrom("a", "b", "__proto__", "constructor"),
      workspace: fc.constantFrom(null, "/w", "/v"),
      moment: fc.string({ maxLength: 5 }),
      outcome: fc.constantFrom(...HowTaken.literals),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const run = () =>
          steps.reduce((keeping, { moment, outcome, rule, workspace }) => {
            const circumstances = { workspace, moment, about: "x" }
            const { p, raw } = forecast(keeping, rule, circumstances)
            assert.isTrue(p > 0 && p < 1 && raw > 0 && raw < 1)
            return learn(keeping, rule, { circumstances, raw }, outcome)
          }, noKeeping)
        const keeping = run()
        assert.deepStrictEqual(keeping, run())
        assert.isAtMost(Object.keys(keeping.counts).length, 600)
      }),
    )
  })
})
