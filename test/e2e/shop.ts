/** The small repository the stories play in: its files, as a developer would have them. */
import { Effect } from "effect"
import { join } from "node:path"
import type { World } from "../../src/cli/ThrowAway.ts"

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

export const cart = {
  wrong: "export const total = (prices) => prices.reduce((sum, price) => sum - price, 0)\n",
  right: "export const total = (prices) => prices.reduce((sum, price) => sum + price, 0)\n",
}

/** Each run of the tests leaves a line in `runs.txt`, so that runs can be counted. */
const test = `import { test } from "node:test"
import assert from "node:assert"
import { appendFileSync } from "node:fs"
import { total } from "./cart.js"

appendFileSync("runs.txt", "ran\\n")
test("a cart of two", () => assert.equal(total([2, 3]), 5))
`

export const lockfile = (axios: string): string =>
  json({
    name: "shop",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: "shop", version: "1.0.0", dependencies: { axios: "^1.14.0" } },
      "node_modules/axios": { version: axios, license: "MIT" },
    },
  })

/** Put together at run time, so that no scanner takes this file for a leak: keys that were never valid. */
export const fakeKey = ["AKIA", "Z7QN", "4TXW", "2MKD", "5HRB"].join("")

export const markers = "one\n<<<<<<< HEAD\ntwo\n=======\nthree\n>>>>>>> other\n"

export const originOf = (world: World): string => join(world.root, "origin.git")

/** A shop whose test fails, with a bare remote that has nothing yet. */
export const openShop = Effect.fnUntraced(function* (world: World) {
  yield* world.write(
    "package.json",
    json({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }),
  )
  yield* world.write("cart.js", cart.wrong)
  yield* world.write("cart.test.js", test)
  yield* world.write(".gitignore", "runs.txt\nnode_modules\n")
  yield* world.exec("git", "add", ".")
  yield* world.exec("git", "commit", "-qm", "open the shop")
  yield* world.exec("git", "init", "-q", "--bare", originOf(world))
  yield* world.exec("git", "remote", "add", "origin", originOf(world))
})
