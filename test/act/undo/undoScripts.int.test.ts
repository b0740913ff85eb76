/** The short form of `node build/undo.ts`: whatever a script did to files and repository, undo brings back exactly. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runScripts } from "./runScripts.ts"

describe("undo of random scripts", () => {
  it.live(
    "brings every byte, mode, time, ref and reflog back",
    () =>
      Effect.gen(function* () {
        const told: Array<string> = []
        const { changing, mismatches, sandboxed } = yield* runScripts({
          scripts: 20,
          seed: 4,
          sandboxEvery: 10,
          concurrency: 2,
          say: (line) => told.push(line),
        })
        assert.deepStrictEqual(mismatches, [], told.join("\n"))
        assert.isAbove(changing, 20)
        assert.strictEqual(sandboxed, 2)
      }),
    60_000,
  )
})
