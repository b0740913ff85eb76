/** The benchmark of watching measures each row that it names. */
import { Effect } from "effect"
import { assert, it } from "vitest"
import { benchWatch, watchRows } from "../../../src/observe/fs/benchWatch.ts"
import { scratchFolder } from "./openFs.ts"
import { removeTree } from "../../removeTree.ts"

it("the bench of watching answers a row for each figure, and nothing is lost", async () => {
  const scratch = scratchFolder()
  try {
    const sizes = { files: 400, ignored: 100, differing: 100 }
    const rows = await Effect.runPromise(benchWatch({ scratch, sizes, built: 300 }))
    assert.deepStrictEqual(
      rows.map(({ name }) => name),
      [...watchRows],
    )
    for (const row of rows) assert.isTrue(Number.isFinite(row.claw), row.name)
    const claw = (name: string) => rows.find((row) => row.name === name)!.claw
    assert.deepStrictEqual(
      ["watch.switch_missed", "watch.switch_lost", "watch.build_lost"].map(claw),
      [0, 0, 0],
    )
  } finally {
    removeTree(scratch)
  }
}, 60_000)
