/** Text for a terminal: harmless, measured, cut. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { fit, harmless, harmlessLines, padEnd, padStart, width, wrap } from "../../tui/text.ts"

/** Code points of every plane, lone surrogates among them. */
const anyPoints = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0, max: 0x2fff })), {
    maxLength: 30,
  })
  .map((points) => String.fromCodePoint(...points))

describe("harmless", () => {
  it("keeps plain text", () => {
    assert.strictEqual(harmless("git status --short"), "git status --short")
  })

  it("shows control, bidi and zero-width characters instead of obeying them", () => {
    assert.strictEqual(harmless("a\u001b[31mb"), "a␛[31mb")
    assert.strictEqual(harmless("rm \u202e/"), "rm <U+202E>/")
    assert.strictEqual(harmless("a\u200bb"), "a<U+200B>b")
  })

  it("reduces a known emoji sequence to its base glyph, a flag to its letters", () => {
    assert.strictEqual(harmless("❤️ 👩‍👩‍👧 👍🏽 🇩🇪 1️⃣"), "❤ 👩 👍 DE 1")
  })

  it("hides nothing behind an emoji: what is no known sequence is shown", () => {
    assert.include(harmless("👍\u{e0101}"), "<U+E0101>")
    assert.include(harmless("x\ufe0f"), "<U+FE0F>")
    assert.include(harmless("👍\u200drm"), "<U+200D>")
  })

  it("composes what a file system decomposed", () => {
    assert.strictEqual(width(harmless("한글".normalize("NFD"))), 4)
    assert.strictEqual(width(harmless("é".normalize("NFD"))), 1)
  })

  it("leaves no character that a terminal would act on, whatever comes", () => {
    fc.assert(
      fc.property(anyPoints, (text) => {
        assert.notMatch(harmless(text), /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
        for (const line of harmlessLines(text)) assert.notMatch(line, /[\u0000-\u001f\u007f-\u009f]/)
      }),
    )
  })
})

describe("width", () => {
  it("counts wide characters twice and marks not at all", () => {
    assert.strictEqual(width("日本語"), 6)
    assert.strictEqual(width("🚀 up"), 5)
    assert.strictEqual(width("e\u0301"), 1)
    assert.strictEqual(width("╭─┃"), 3)
  })
})

const anyText = fc.string({ unit: "grapheme", maxLength: 40 }).map(harmless)

describe("fitting", () => {
  it("cuts with an ellipsis and never splits a wide character", () => {
    assert.strictEqual(fit("日本語", 5), "日本…")
    assert.strictEqual(fit("日本語", 4), "日…")
    assert.strictEqual(fit("short", 9), "short")
    assert.strictEqual(fit("x", 0), "")
  })

  it("pads to exactly the cells asked for", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, cells) => {
        assert.isAtMost(width(fit(text, cells)), cells)
        assert.strictEqual(width(padEnd(text, cells)), cells)
        assert.strictEqual(width(padStart(text, cells)), cells)
      }),
    )
  })

  it("wraps at spaces and loses nothing but them", () => {
    assert.deepStrictEqual(wrap("one two three", 7), ["one two", "three"])
    assert.deepStrictEqual(wrap("abcdefgh", 3), ["abc", "def", "gh"])
    assert.deepStrictEqual(wrap("", 5), [""])
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 30 }), (text, cells) => {
        const lines = wrap(text, cells)
        for (const line of lines) assert.isAtMost(width(line), cells)
        assert.strictEqual(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""))
      }),
    )
  })
})
