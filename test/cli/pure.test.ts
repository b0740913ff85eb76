/** Durations, points in the log, tables, clocks, the editor's argv: what the commands say and understand. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parseDuration, parsePoint } from "../../src/cli/durations.ts"
import { editorCommand } from "../../src/cli/editor.ts"
import { clock, painter, table } from "../../src/cli/output.ts"

describe("durations", () => {
  it("read seconds, minutes, hours and days, and nothing else", () => {
    assert.deepStrictEqual(
      ["90s", "10m", "1h", "2d", " 1.5h ", "0s"].map(parseDuration),
      [90_000, 600_000, 3_600_000, 172_800_000, 5_400_000, 0],
    )
    for (const text of ["", "h", "1", "1y", "-1h", "1h30m", "1e3s", "١h", "1 hour", "NaNs"]) {
      assert.isNull(parseDuration(text), text)
    }
  })

  it("are never negative nor no number, whatever the text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text)
        return ms === null || (ms >= 0 && Number.isFinite(ms))
      }),
    )
  })
})

describe("points", () => {
  const now = Date.parse("2026-06-01T12:00:00.000Z")
  it("are a seq, a time, or a duration back from now", () => {
    assert.deepStrictEqual(parsePoint("17", now), { seq: 17 })
    for (const text of ["1h", "-1h", "1h ago"]) {
      assert.deepStrictEqual(parsePoint(text, now), { atMs: now - 3_600_000 })
    }
    assert.deepStrictEqual(parsePoint("2026-06-01T11:00:00Z", now), { atMs: now - 3_600_000 })
    for (const text of ["banana", "", "yesterday-ish"]) assert.isNull(parsePoint(text, now), text)
  })

  it("without a zone are local", () => {
    const local = (...at: [number, number, number, number, number]) => ({ atMs: new Date(...at).getTime() })
    assert.deepStrictEqual(parsePoint("2026-11-20 14:05", now), local(2026, 10, 20, 14, 5))
    assert.deepStrictEqual(parsePoint("2026-11-20T14:05", now), local(2026, 10, 20, 14, 5))
    assert.deepStrictEqual(parsePoint("2026-11-20 9:05:00", now), local(2026, 10, 20, 9, 5))
    assert.deepStrictEqual(parsePoint("2026-11-20", now), local(2026, 10, 20, 0, 0))
    const today = new Date(now)
    const morning = local(today.getFullYear(), today.getMonth(), today.getDate(), 9, 30)
    for (const text of ["9:30", "09:30", " 09:30 "]) assert.deepStrictEqual(parsePoint(text, now), morning)
    assert.deepStrictEqual(parsePoint("2026-06-01 13:00+02:00", now), { atMs: now - 3_600_000 })
    assert.deepStrictEqual(parsePoint("2026-06-01T13:00:00.000+0200", now), { atMs: now - 3_600_000 })
    for (const text of ["25:99", "2026-13-45", "May 1", "banana 1", "1e3", "2026-11-20 14"])
      assert.isNull(parsePoint(text, now), text)
  })
})

describe("tables", () => {
  it("align all columns but the last, and end no line in blanks", () => {
    assert.strictEqual(
      table([
        ["a", "long cell", "x"],
        ["bbb", "c", ""],
      ]),
      "a    long cell  x\nbbb  c",
    )
    assert.strictEqual(table([]), "")
  })

  it("keep every cell, in order, for any rows", () => {
    const cell = fc.stringMatching(/^[a-z]{0,6}$/)
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const lines = rows.length === 0 ? [] : table(rows).split("\n")
        assert.lengthOf(lines, rows.length)
        for (const [n, row] of rows.entries()) {
          assert.deepStrictEqual(lines[n]!.split(/ +/).filter(Boolean), row.filter(Boolean))
        }
      }),
    )
  })
})

describe("clocks and colours", () => {
  it("show the date where it is not today's", () => {
    const now = new Date(2026, 5, 1, 12, 0, 0).getTime()
    assert.strictEqual(clock(new Date(2026, 5, 1, 9, 5, 3).toISOString(), now), "09:05:03")
    assert.strictEqual(clock(new Date(2026, 4, 31, 9, 5, 3).toISOString(), now), "2026-05-31 09:05:03")
  })

  it("paint only where colour is wanted", () => {
    assert.strictEqual(painter(false)("red", "x"), "x")
    assert.strictEqual(painter(true)("red", "x"), "\u001b[31mx\u001b[0m")
  })
})

describe("the editor", () => {
  it("is $VISUAL, then $EDITOR, then vi, as argv without a shell", () => {
    assert.deepStrictEqual(editorCommand({}), ["vi"])
    assert.deepStrictEqual(editorCommand({ EDITOR: "nano" }), ["nano"])
    assert.deepStrictEqual(editorCommand({ EDITOR: "nano", VISUAL: "code --wait" }), ["code", "--wait"])
    assert.deepStrictEqual(editorCommand({ VISUAL: "", EDITOR: "  " }), ["vi"])
    assert.deepStrictEqual(editorCommand({ EDITOR: "sh -c 'x; y'" }), ["sh", "-c", "'x;", "y'"])
  })
})
