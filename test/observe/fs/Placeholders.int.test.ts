/** Placeholders of the sandbox: held back while a command runs, and never told as files. */
import { assert, describe, it } from "@effect/vitest"
import { chmodSync, mkdtempSync, unlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Placeholders } from "../../../src/observe/fs/Placeholders.ts"
import { removeTree } from "../../removeTree.ts"

const burst = (paths: Record<string, { before: boolean; now: boolean }>) => ({
  paths: new Map(Object.entries(paths)),
  cause: "watch" as const,
})
const names = (found: { readonly paths: ReadonlyMap<string, unknown> }) => [...found.paths.keys()]

describe("Placeholders", () => {
  it("takes out a placeholder as it comes and as it goes, and nothing else", () => {
    const root = mkdtempSync(join(tmpdir(), "claw-placeholder-"))
    try {
      const path = join(root, ".envrc")
      writeFileSync(path, "")
      chmodSync(path, 0o400)
      utimesSync(path, 0, 0)
      writeFileSync(join(root, "empty"), "")
      const placeholders = new Placeholders(root)
      const added = { before: false, now: true }
      assert.deepStrictEqual(names(placeholders.without(burst({ ".envrc": added, empty: added }))), ["empty"])
      unlinkSync(path)
      const gone = { before: true, now: false }
      assert.deepStrictEqual(names(placeholders.without(burst({ ".envrc": gone, empty: gone }))), ["empty"])
      assert.deepStrictEqual(names(placeholders.without(burst({ ".envrc": gone }))), [".envrc"])
    } finally {
      removeTree(root)
    }
  })
})
