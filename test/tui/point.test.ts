/** A point of the log as it is typed. */
import { assert, describe, it } from "@effect/vitest"
import { readPoint } from "../../tui/point.ts"

const now = new Date(2026, 10, 22, 15, 0, 0).getTime()
const looksAt = new Date(2026, 10, 20, 9, 30, 0).getTime()
const read = (text: string) => readPoint(text, looksAt, now)
const local = (...at: [number, number, number, number?, number?, number?]) => ({
  atMs: new Date(at[0], at[1] - 1, at[2], at[3] ?? 0, at[4] ?? 0, at[5] ?? 0).getTime(),
})

describe("a typed point", () => {
  it("is a seq", () => {
    assert.deepStrictEqual(read("1234"), { seq: 1234 })
    assert.deepStrictEqual(read(" #7 "), { seq: 7 })
  })

  it("is a time of the day that is looked at, a date, or both", () => {
    assert.deepStrictEqual(read("14:30"), local(2026, 11, 20, 14, 30))
    assert.deepStrictEqual(read("9:05:07"), local(2026, 11, 20, 9, 5, 7))
    assert.deepStrictEqual(read("2026-11-21"), local(2026, 11, 21))
    assert.deepStrictEqual(read("2026-11-21 14:30"), local(2026, 11, 21, 14, 30))
    assert.deepStrictEqual(read("2026-11-21T14:30:01"), local(2026, 11, 21, 14, 30, 1))
    assert.deepStrictEqual(read("2026-11-21T14:30:01.5Z"), { atMs: Date.UTC(2026, 10, 21, 14, 30, 1, 500) })
    assert.deepStrictEqual(read("2026-11-21T14:30:00+02:00"), { atMs: Date.UTC(2026, 10, 21, 12, 30) })
  })

  it("is how long ago", () => {
    assert.deepStrictEqual(read("2h"), { atMs: now - 2 * 3_600_000 })
    assert.deepStrictEqual(read("-20m"), { atMs: now - 20 * 60_000 })
    assert.deepStrictEqual(read("1.5d ago"), { atMs: now - 36 * 3_600_000 })
  })

  it("is nothing else", () => {
    for (const text of [
      "",
      "x",
      "25:00",
      "10:61",
      "2026-13-01",
      "2026-02-30",
      "12h30",
      "1e9",
      "2026-11-21T25:00:00Z",
    ])
      assert.isNull(read(text), text)
  })
})
