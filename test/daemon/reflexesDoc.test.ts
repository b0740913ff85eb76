/** The page of reflexes is what the rules themselves say now, and none is without a sentence. */
import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { docPath, reflexesDoc } from "../../build/reflexesDoc.ts"
import { aboutReflex } from "../../src/daemon/aboutReflexes.ts"
import { reflexes } from "../../src/decide/registry.ts"

it("is what `npm run docs:reflexes` writes", () => {
  assert.strictEqual(readFileSync(docPath, "utf8"), reflexesDoc(), "run npm run docs:reflexes")
})
it("has a sentence for each that ships, and each has its own", () => {
  const said = reflexes.map(({ name }) => [name, aboutReflex(name)] as const)
  assert.deepStrictEqual(
    said.filter(([, sentence]) => sentence === null),
    [],
    "write what it says into src/daemon/aboutReflexes.ts",
  )
  assert.strictEqual(new Set(said.map(([, sentence]) => sentence)).size, reflexes.length)
})
