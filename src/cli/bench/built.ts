/**
 * The program as it is installed, which is what the benchmarks run: an installed package is that itself, a clone is
 * built into a folder of its own first, so that no figure depends on when `dist/` was last made.
 */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import type { Entry } from "../../daemon/entry.ts"
import { fail } from "../Exit.ts"

const run = promisify(execFile)

export const builtEntry = Effect.fn("bench.built")(function* (entry: Entry) {
  if (entry.bundle !== null) return entry
  const root = join(dirname(entry.args[0] ?? ""), "..")
  const place = yield* Effect.acquireRelease(
    Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "claw-built-")))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
  )
  const bundle = join(place, "dist")
  yield* Effect.tryPromise({
    try: () => run(entry.node, [join(root, "build", "bundle.ts"), bundle], { cwd: root }),
    catch: (error) => fail(`the bundle to be measured cannot be built: ${(error as Error).message}`),
  })
  for (const name of ["bin", "package.json"]) cpSync(join(root, name), join(place, name), { recursive: true })
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"))
  return { ...entry, args: [join(place, "bin", "claw.cjs")], bundle } satisfies Entry
})
