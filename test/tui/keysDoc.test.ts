/** The README's table of keys is the keymap. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { docPath, keysDoc, keyTable } from "../../build/keysDoc.ts"
import { bindings } from "../../tui/keymap.ts"

describe("the table of keys", () => {
  it("is a Markdown table with a row a binding", () => {
    const lines = keyTable().split("\n")
    assert.strictEqual(lines.length, bindings.length + 2)
    for (const line of lines) assert.strictEqual(line.match(/(?<!\\)\|/g)?.length, 4, line)
    assert.include(keyTable(), "| `a` | approve: do what is shown | queue, detail |")
    assert.include(keyTable(), "| `tab` | next panel | everywhere |")
  })

  it("in the README is the one there is", () => {
    const readme = readFileSync(docPath, "utf8")
    assert.include(readme, keyTable())
    assert.strictEqual(keysDoc(readme), readme)
  })
})
