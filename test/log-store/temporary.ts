/** A directory of a test's own, removed afterwards. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { removeTree } from "../removeTree.ts"

export const temporaryDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-log-"))),
  (dir) => Effect.sync(() => removeTree(dir)),
)
