/** Each module opens with what it is. */
import { assert, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "../..")
const houses = ["build", "log-store", "policies", "src", "test", "tui"]

it("a module opens with a comment that says what it is", () => {
  const files = houses.flatMap((house) =>
    readdirSync(join(root, house), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${house}/${name}`),
  )
  assert.isAbove(files.length, 1000)
  assert.deepStrictEqual(
    files.filter((file) => !readFileSync(join(root, file), "utf8").startsWith("/**")),
    [],
  )
})
