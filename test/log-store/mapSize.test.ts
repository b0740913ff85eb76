/** The map's size under a limit of the address space, and the log opened under a real one. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { defaultMapSize, fittingMapSize } from "../../log-store/mapSize.ts"
import { temporaryDir } from "./temporary.ts"

const bytes = fc.integer({ min: 0, max: 2 ** 45 })

describe("mapSize", () => {
  it("is what was wanted where nothing limits it", () => {
    assert.strictEqual(fittingMapSize(defaultMapSize, 0, null), defaultMapSize)
    assert.strictEqual(fittingMapSize(2 ** 30, 2 ** 20, { limit: 2 ** 40, used: 2 ** 32 }), 2 ** 30)
  })

  it("holds the file, and stays within the limit", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (wanted, file, limit, used) => {
        try {
          const size = fittingMapSize(wanted, file, { limit, used })
          assert.isAtLeast(size, file)
          assert.isAtMost(size, limit - used + 4096)
          assert.strictEqual(size % 4096, 0)
        } catch (error) {
          assert.include((error as Error).message, "ulimit -v")
          assert.isAbove(file + 64 * 2 ** 20, limit - used)
        }
      }),
    )
  })

  it.live("lets a log be opened where the address space is limited", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      const module = join(import.meta.dirname, "../../log-store/LmdbBackend.ts")
      const script = `const { lmdbBackend } = await import(process.argv[1]); const backend = lmdbBackend({ dir: process.argv[2] }); console.log(backend.usedBytes() > 0); await backend.close()`
      // Node itself needs some gigabytes of addresses.
      const command = 'ulimit -v 24000000 && exec "$0" --input-type=module -e "$1" "$2" "$3"'
      const ran = spawnSync("sh", ["-c", command, process.execPath, script, module, dir], {
        encoding: "utf8",
      })
      assert.deepStrictEqual([ran.signal, ran.status, ran.stdout], [null, 0, "true\n"], ran.stderr)
    }).pipe(Effect.scoped),
  )
})
