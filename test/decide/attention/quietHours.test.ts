/** Quiet hours: what waits for their end, and what does not. */
import { assert, describe, it } from "@effect/vitest"
import { parseQuietHours } from "../../../src/config/quietHours.ts"
import { quietUntilMs } from "../../../src/decide/attention/quietHours.ts"

const until = (hours: ReadonlyArray<string>, zone: string, at: string): string | null => {
  const ms = quietUntilMs(hours, zone, Date.parse(at))
  return ms === null ? null : new Date(ms).toISOString().slice(0, 16)
}

describe("quiet hours", () => {
  it("hold by the wall clock of their zone, past midnight too", () => {
    assert.isNull(until(["22:00-07:30"], "Europe/Berlin", "2026-01-15T20:59:00Z"))
    assert.strictEqual(until(["22:00-07:30"], "Europe/Berlin", "2026-01-15T21:00:30Z"), "2026-01-16T06:30")
    assert.strictEqual(until(["22:00-07:30"], "Europe/Berlin", "2026-01-16T06:29:59Z"), "2026-01-16T06:30")
    assert.isNull(until(["22:00-07:30"], "Europe/Berlin", "2026-01-16T06:30:00Z"))
    assert.strictEqual(until(["22:00-07:30"], "Asia/Kolkata", "2026-01-15T16:30:00Z"), "2026-01-16T02:00")
  })
  it("stay where they are when the clocks change", () => {
    // Berlin goes from 02:00 to 03:00 on 29 March, and from 03:00 back to 02:00 on 25 October 2026
    assert.strictEqual(until(["22:00-07:00"], "Europe/Berlin", "2026-03-28T22:00:00Z"), "2026-03-29T05:00")
    assert.strictEqual(until(["22:00-07:00"], "Europe/Berlin", "2026-10-24T21:00:00Z"), "2026-10-25T06:00")
    assert.strictEqual(until(["22:00-02:30"], "Europe/Berlin", "2026-03-28T22:00:00Z"), "2026-03-29T01:30")
  })
  it("belong to the day they begin on", () => {
    const weekend = ["sat,sun 00:00-24:00"]
    assert.strictEqual(until(weekend, "UTC", "2026-01-17T12:00:00Z"), "2026-01-19T00:00")
    assert.isNull(until(weekend, "UTC", "2026-01-16T23:59:00Z"))
    const nights = ["mon-fri 22:00-06:00"]
    assert.strictEqual(until(nights, "UTC", "2026-01-17T05:00:00Z"), "2026-01-17T06:00")
    assert.isNull(until(nights, "UTC", "2026-01-17T23:00:00Z"))
    assert.isNull(until(nights, "UTC", "2026-01-19T05:00:00Z"))
  })
  it("adjoin one another", () => {
    assert.strictEqual(
      until(["12:00-13:00", "13:00-14:00"], "UTC", "2026-01-15T12:10:00Z"),
      "2026-01-15T14:00",
    )
  })
  it("take only what is of their form", () => {
    for (const text of [
      "22-7",
      "24:00-01:00",
      "22:60-23:00",
      "mo 10:00-11:00",
      "22:00-07:30 ",
      "sat sun 10:00-11:00",
    ])
      assert.isNull(parseQuietHours(text), text)
    assert.deepStrictEqual(parseQuietHours("fri-mon 10:00-24:00"), {
      days: [4, 5, 6, 0],
      from: 600,
      to: 1440,
    })
  })
})
