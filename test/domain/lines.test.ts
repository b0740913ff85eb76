/** Lines end at a newline and nowhere else, wherever the pieces were cut. */
import fc from "fast-check"
import { assert, it } from "vitest"
import { linesOf } from "../../src/domain/lines.ts"

async function* piecesOf(pieces: ReadonlyArray<string>): AsyncGenerator<string> {
  yield* pieces
}
const cut = async (pieces: ReadonlyArray<string>) => {
  const lines: Array<string> = []
  for await (const line of linesOf(piecesOf(pieces))) lines.push(line)
  return lines
}

it("takes nothing but a newline for the end of a line", async () => {
  const lines = ['{"detail":"a\u2028b\u2029c\u0085d\u000be"}', "", "\r", "last"]
  for (const end of ["", "\n"]) assert.deepStrictEqual(await cut([lines.join("\n") + end]), lines)
  assert.deepStrictEqual(await cut([]), [])
})

it("gives the same lines however the text was cut", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("a", "\n", "bc", "\u2028", "")), async (pieces) => {
      assert.deepStrictEqual(await cut(pieces), await cut([pieces.join("")]))
    }),
  ))
