/** A directory of a test's own, removed afterwards. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

export const temporaryDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-log-"))),
  (dir) => Effect.sync(() => rmSync(dir, { recursive: true, force: true })),
)
