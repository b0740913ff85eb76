/** The benchmark of the filesystem's source measures each row that it names. */
import { Effect } from "effect"
import { assert, it } from "vitest"
import { benchFs } from "../../../src/observe/fs/benchFs.ts"
import { scratchFolder } from "./openFs.ts"
import { removeTree } from "../../removeTree.ts"

it("the bench answers a row for each figure, and the burst loses nothing", async () => {
  const scratch = scratchFolder()
  try {
    const rows = await Effect.runPromise(
      benchFs({ scratch, saves: 5, changes: 10, burst: 100, files: 100, ignored: 100 }),
    )
    assert.deepStrictEqual(
      rows.map(({ name }) => name),
      ["fs.saved_to_draft", "fs.trickle_writes", "fs.burst_lost", "fs.large_tree_memory"],
    )
    for (const row of rows) {
      assert.isTrue(Number.isFinite(row.claw), row.name)
      assert.strictEqual(row.ratio === null, row.peer === null, row.name)
    }
    assert.strictEqual(rows.find(({ name }) => name === "fs.burst_lost")!.claw, 0)
  } finally {
    removeTree(scratch)
  }
}, 60_000)
