/** Which comments are addressed to Claw, and what they say. */
import { assert, describe, it } from "@effect/vitest"
import { clawComments } from "../../src/domain/clawComments.ts"

const texts = (text: string) => clawComments(text).map((one) => [one.line, one.wants, one.text])

describe("comments to Claw", () => {
  it("stand in any usual mark, wherever a comment begins", () => {
    const marks = ["//", "///", "#", "--", ";", ";;"]
    for (const mark of marks)
      assert.deepStrictEqual(texts(`a\n${mark} claw: fix it`), [[2, "work", "fix it"]])
    assert.deepStrictEqual(texts("<!-- claw? why -->"), [[1, "answer", "why"]])
    assert.deepStrictEqual(texts("/* CLAW: fix it */ x"), [[1, "work", "fix it"]])
    assert.deepStrictEqual(texts("const a = 1 // claw: name it\n// not this"), [[1, "work", "name it"]])
    assert.deepStrictEqual(texts("\t//claw: tight"), [[1, "work", "tight"]])
  })

  it("go on in the comment lines below", () => {
    assert.deepStrictEqual(texts("// claw: one\n// two\n//   three\ncode\n// four"), [
      [1, "work", "one two three"],
    ])
    assert.deepStrictEqual(texts("/* claw: one\n * two\n */\n* three"), [[1, "work", "one two"]])
    assert.deepStrictEqual(texts("<!-- claw: one\ntwo -->\nthree"), [[1, "work", "one two"]])
    assert.deepStrictEqual(texts("# claw: one\n# claw? two"), [
      [1, "work", "one"],
      [2, "answer", "two"],
    ])
  })

  it("are none without the word, the sign or a text", () => {
    for (const text of [
      "// clawback: no",
      "// the claw: no",
      "http://claw: no",
      "claw: no",
      "// claw:no",
      "// claw:",
      "// claw: ---",
      'const s = "x// claw: no"',
    ])
      assert.deepStrictEqual(texts(text), [], text)
  })

  it("are bounded in number, length and time", () => {
    assert.strictEqual(clawComments("// claw: x\n\n".repeat(500)).length, 20)
    assert.isAtMost(
      clawComments(`// claw: ${"a ".repeat(900)}\n${"// b\n".repeat(50)}`)[0]!.text.length,
      1_000,
    )
    assert.deepStrictEqual(clawComments(`// claw: ${"a".repeat(500_000)}`), [])
    assert.strictEqual(clawComments("/".repeat(900_000)).length, 0)
  })
})
