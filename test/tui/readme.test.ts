import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { keyTable } from "../../tui/keymap.ts"

it("the README shows the keys there are", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8")
  assert.include(readme, keyTable().trim())
})
