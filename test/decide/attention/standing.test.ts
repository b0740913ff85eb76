/** A rule's bar and its back-off, and how it comes back. */
import { assert, describe, it } from "@effect/vitest"
import {
  backOffMs,
  type Bar,
  keptOf,
  noRecord,
  restored,
  type RuleRecord,
  withOutcome,
} from "../../../src/decide/attention/standing.ts"
import type { HowTaken } from "../../../src/domain/events/thought.ts"

const bar: Bar = { share: 0.8, shows: 20 }
const after = (...outcomes: ReadonlyArray<HowTaken>): RuleRecord =>
  outcomes.reduce<RuleRecord>(
    (rule, outcome, index) => withOutcome(rule, { outcome, seq: index + 1 }, bar, index),
    noRecord,
  )
const many = (count: number, outcome: HowTaken): ReadonlyArray<HowTaken> =>
  Array.from({ length: count }, () => outcome)

describe("a rule's bar", () => {
  it("silences it below four in five over twenty shows, and not before", () => {
    assert.isNull(after(...many(16, "resolved"), ...many(4, "ignored")).silentSince)
    assert.isNull(after(...many(19, "ignored")).silentSince)
    assert.strictEqual(after(...many(15, "resolved"), ...many(5, "ignored")).silentSince, 19)
  })
  it("counts what was edited and what the user's own hand did, and not what was taken back", () => {
    const rule = after("accepted", "edited", "resolved", "ignored", "dismissed", "blind-dismissed")
    assert.strictEqual(keptOf(rule), 3)
    assert.strictEqual(keptOf(withOutcome(rule, { outcome: "reverted", seq: 7 }, bar, 7)), 2)
    assert.lengthOf(withOutcome(rule, { outcome: "reverted", seq: 7 }, bar, 7).past, 6)
  })
  it("lets it speak again when something of it is accepted, with little of its past", () => {
    const silent = after(...many(20, "ignored"))
    const again = withOutcome(silent, { outcome: "accepted", seq: 99 }, bar, 99)
    assert.isNull(again.silentSince)
    assert.lengthOf(again.past, 4)
    assert.isNull(withOutcome(again, { outcome: "ignored", seq: 100 }, bar, 100).silentSince)
    assert.isNull(restored(silent).silentSince)
  })
  it("says since when, once", () => {
    const silent = after(...many(20, "ignored"))
    assert.strictEqual(silent.silentSince, 19)
    assert.strictEqual(withOutcome(silent, { outcome: "ignored", seq: 50 }, bar, 50).silentSince, 19)
  })
  it("remembers no more than forty ends", () => {
    assert.lengthOf(after(...many(500, "resolved")).past, 40)
  })
})

describe("back-off", () => {
  it("doubles with every two noes without a yes, to a week at most", () => {
    const hour = 3_600_000
    const rule = after("dismissed")
    assert.strictEqual(backOffMs(rule), 0)
    assert.strictEqual(backOffMs({ ...rule, streak: 2 }), 2 * hour)
    assert.strictEqual(backOffMs({ ...rule, streak: 5 }), 4 * hour)
    assert.strictEqual(backOffMs({ ...rule, streak: 500 }), 7 * 24 * hour)
  })
  it("ends with a yes; what was left alone is no no", () => {
    assert.strictEqual(after("dismissed", "reverted", "ignored", "blind-dismissed").streak, 3)
    assert.strictEqual(after("dismissed", "dismissed", "edited").streak, 0)
    assert.strictEqual(after("dismissed", "dismissed", "resolved").streak, 2)
  })
})
