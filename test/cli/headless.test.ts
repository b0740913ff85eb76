/** What `claw ask` still has to write of an answer when the whole of it is told. */
import { assert, it } from "@effect/vitest"
import { unwritten } from "../../src/cli/headless.ts"

it("ends an answer's line, whether its pieces came or not", () => {
  assert.strictEqual(unwritten("A cat.", "A cat."), "\n")
  assert.strictEqual(unwritten("A cat.\n", "A cat.\n"), "")
  assert.strictEqual(unwritten("A ", "A cat."), "cat.\n")
  assert.strictEqual(unwritten("", "A cat."), "A cat.\n")
  assert.strictEqual(unwritten("", ""), "")
  assert.strictEqual(unwritten("thought aloud", "A cat."), "\n")
})
