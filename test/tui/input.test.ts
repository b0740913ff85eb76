/** What a terminal sends, read as keys and pastes. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { feed, flush, type Input, noInput, pasteLimit } from "../../tui/input.ts"

/** Everything the chunks give, with a pause after the last. */
const read = (...chunks: ReadonlyArray<string>): ReadonlyArray<Input> => {
  let state = noInput
  const out: Array<Input> = []
  for (const chunk of chunks) {
    const fed = feed(state, chunk)
    state = fed.state
    out.push(...fed.inputs)
  }
  return [...out, ...flush(state).inputs]
}
const keys = (...chunks: ReadonlyArray<string>): ReadonlyArray<string> =>
  read(...chunks).flatMap((input) => (input._tag === "key" ? [input.key] : []))

const cut = (text: string, at: ReadonlyArray<number>): ReadonlyArray<string> => {
  const points = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b)
  return [...points, text.length].map((to, index) => text.slice(points[index - 1] ?? 0, to))
}

describe("keys", () => {
  it("names them", () => {
    assert.deepStrictEqual(keys("j"), ["j"])
    assert.deepStrictEqual(keys("\u001b[A", "\u001bOB", "\u001b[5~", "\u001b[Z", "\r", "\t", " ", "\u007f"), [
      "up",
      "down",
      "pageup",
      "S-tab",
      "enter",
      "tab",
      "space",
      "backspace",
    ])
    assert.deepStrictEqual(keys("\u0003", "\u0004"), ["C-c", "C-d"])
    assert.deepStrictEqual(keys("界", "🚀"), ["界", "🚀"])
  })

  it("takes a lone ESC for the key only when nothing follows", () => {
    assert.deepStrictEqual(keys("\u001b"), ["escape"])
    assert.deepStrictEqual(keys("\u001b", "[A"), ["up"])
    assert.deepStrictEqual(keys("\u001b", "["), [])
  })

  it("swallows what it does not know: mouse reports, answers of the terminal, meta keys", () => {
    assert.deepStrictEqual(keys("\u001b[<0;10;5M\u001b[<0;10;5m"), [])
    assert.deepStrictEqual(keys("\u001b[<0;1", "0;5My"), ["y"])
    assert.deepStrictEqual(keys("\u001b[M a!"), [])
    assert.deepStrictEqual(keys("\u001b]11;rgb:ffff/ffff/ffff\u0007a"), ["a"])
    assert.deepStrictEqual(keys("\u001bPq#0\u001b\\a"), ["a"])
    assert.deepStrictEqual(keys("\u001b[97;5u"), [])
    assert.deepStrictEqual(keys("\u001ba"), [])
  })

  it("marks keys that came together", () => {
    const burst = (chunk: string) => read(chunk).map((input) => input._tag === "key" && input.burst)
    assert.deepStrictEqual(burst("a"), [false])
    assert.deepStrictEqual(burst("yy\r"), [true, true, true])
  })

  it("tells focus", () => {
    assert.deepStrictEqual(read("\u001b[I\u001b[O"), [
      { _tag: "focus", focused: true },
      { _tag: "focus", focused: false },
    ])
  })
})

const start = "\u001b[200~"
const end = "\u001b[201~"
const pastable = fc.string({ unit: "grapheme", maxLength: 60 }).filter((text) => !text.includes("\u001b"))

describe("paste", () => {
  it("is one input, however the reads cut it, and never a key", () => {
    fc.assert(
      fc.property(pastable, fc.array(fc.nat(), { maxLength: 8 }), (text, at) => {
        // a lone control-C is the way out of a paste that never ends
        fc.pre(!text.includes("\u0003"))
        assert.deepStrictEqual(read(...cut(start + text + end, at)), [{ _tag: "paste", text }])
      }),
    )
  })

  it("holds keys apart that come before and after", () => {
    assert.deepStrictEqual(
      read(`j${start}yyy${end}k`).map((input) => (input._tag === "key" ? input.key : input)),
      ["j", { _tag: "paste", text: "yyy" }, "k"],
    )
  })

  it("keeps escape sequences inside as text", () => {
    assert.deepStrictEqual(read(`${start}\u001b[Ay\u001b${end}`), [
      { _tag: "paste", text: "\u001b[Ay\u001b" },
    ])
  })

  it("is bounded, and a paste without an end gives the keyboard back to control-C", () => {
    const long = read(`${start}${"x".repeat(pasteLimit + 1_000)}${end}`)
    assert.strictEqual(long.length, 1)
    assert.strictEqual(long[0]!._tag === "paste" ? long[0]!.text.length : 0, pasteLimit)
    const log = "a line of a log that is long\n".repeat(20_000)
    assert.deepStrictEqual(read(`${start}${log}${end}`), [{ _tag: "paste", text: log }])
    assert.deepStrictEqual(keys(`${start}abc`, "y", "\u0003", "q"), ["C-c", "q"])
  })

  it("gives the same keys for the same sequences, however the reads cut them", () => {
    const sequence = fc.constantFrom(
      "j",
      "\u001b[A",
      "\u001b[5~",
      "\u001bOB",
      "é",
      "\u001b[<64;3;4M",
      "\r",
      "🚀",
    )
    fc.assert(
      fc.property(
        fc.array(sequence, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (parts, at) => {
          const text = parts.join("")
          // reads are decoded as UTF-8 before: a cut never parts a surrogate pair
          const chunks = cut(text, at).filter((_, index, all) => {
            const before = all.slice(0, index).join("").length
            return !/[\ud800-\udbff]/.test(text[before - 1] ?? "")
          })
          fc.pre(chunks.join("") === text && !cut(text, at).some((chunk) => /[\ud800-\udbff]$/.test(chunk)))
          assert.deepStrictEqual(keys(...chunks), keys(text))
        },
      ),
    )
  })
})
