/** Wherever a text stands in a JSON, the words it is sure of are words of the JSON: so no sketch rules out what matches. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { inAnyCase } from "../../log-store/Needle.ts"
import { certainWords, eachWord } from "../../log-store/words.ts"

const text = fc
  .array(
    fc.constantFrom("a", "B", "7", "1e3", "exit", " ", "/", ".", '"', "\\", "\n", "é", "\u001b", "u", "n"),
    {
      maxLength: 10,
    },
  )
  .map((parts) => parts.join(""))
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer({ min: -99, max: 2000 }),
    fc.double(),
    fc.constantFrom(null, true),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(text, tie("json"), { maxKeys: 3 }),
  ),
}))
const wordsOf = (value: unknown): ReadonlySet<number> => {
  const words = new Set<number>()
  eachWord(Buffer.from(JSON.stringify(value)), (word) => void words.add(word))
  return words
}

describe("words", () => {
  it("of a piece of JSON are among the words of the whole", () => {
    fc.assert(
      fc.property(json, fc.nat(), fc.nat(), fc.boolean(), (value, a, b, upper) => {
        const whole = JSON.stringify(value)
        const from = a % (whole.length + 1)
        const piece = whole.slice(from, from + (b % 12))
        // What begins with a backslash, or behind one, is no text that is looked for by its words.
        if (piece.includes("\\") || !piece.isWellFormed()) return
        const looked = upper ? piece.toUpperCase() : piece
        if (!inAnyCase(looked).test(whole)) return
        const words = wordsOf(value)
        const literal = { text: looked, left: false, right: false, quoted: false }
        for (const word of certainWords(literal)) assert.isTrue(words.has(word), `${looked} in ${whole}`)
      }),
      { numRuns: 5000 },
    )
  })

  it("of a string that stands there as a whole are all of its words", () => {
    fc.assert(
      fc.property(text, text, (inner, other) => {
        const words = wordsOf({ other, list: [inner] })
        const literal = { text: JSON.stringify(inner).slice(1, -1), left: true, right: true, quoted: false }
        for (const word of certainWords(literal)) assert.isTrue(words.has(word), inner)
      }),
      { numRuns: 2000 },
    )
  })

  it("tell a number by the key it belongs to", () => {
    const exit = (code: number) =>
      certainWords({ text: `"exit":${code}`, left: true, right: true, quoted: true })
    const all = (value: unknown, wanted: ReadonlyArray<number>) => {
      const words = wordsOf(value)
      return wanted.length === 2 && wanted.every((word) => words.has(word))
    }
    assert.isTrue(all({ command: "x", exit: 137, ms: 5 }, exit(137)))
    assert.isTrue(all([{ exit: -1 }], exit(-1)))
    assert.isFalse(all({ command: "exit 137", exit: 0 }, exit(137)))
    assert.isFalse(all({ exit: 0, bytes: 137 }, exit(137)))
  })
})
