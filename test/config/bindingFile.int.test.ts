/** What a repository can put where a binding file is looked for: devices, pipes, folders, links, too much. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { largestBinding, readBinding } from "../../src/config/bindingFile.ts"
import { removeTree } from "../removeTree.ts"

describe("a file that would bind", () => {
  let dir = ""
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "claw-binding-"))
  })
  afterAll(() => removeTree(dir))

  const refusal = (path: string): Promise<string> =>
    readBinding(path).then(
      () => "read",
      (error: Error) => error.message,
    )

  it("is read whole up to the bound, through a link too; one that is not there is null", async () => {
    const file = join(dir, "whole")
    const bytes = Buffer.alloc(largestBinding, "x")
    writeFileSync(file, bytes)
    symlinkSync(file, join(dir, "link"))
    assert.isTrue(bytes.equals((await readBinding(file))!))
    assert.isTrue(bytes.equals((await readBinding(join(dir, "link")))!))
    assert.isNull(await readBinding(join(dir, "none")))
  })

  it("that is an endless device, a pipe, a folder or too large is refused at once", async () => {
    symlinkSync("/dev/zero", join(dir, "zero"))
    mkdirSync(join(dir, "folder"))
    writeFileSync(join(dir, "large"), Buffer.alloc(largestBinding + 1))
    assert.strictEqual(spawnSync("mkfifo", [join(dir, "pipe")]).status, 0)
    assert.match(await refusal(join(dir, "zero")), /regular file/)
    assert.match(await refusal(join(dir, "pipe")), /regular file/)
    assert.match(await refusal(join(dir, "folder")), /regular file/)
    assert.match(await refusal(join(dir, "large")), /larger/)
  })
})
