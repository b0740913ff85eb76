/** A command whose reader goes away. */
import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { join } from "node:path"

it("ends quietly when its reader has seen enough", () => {
  const claw = join(import.meta.dirname, "../../bin/claw.cjs")
  const done = spawnSync(
    "bash",
    ["-c", `"$0" "$1" policy list | true; echo "$\{PIPESTATUS[0]}"`, process.execPath, claw],
    { encoding: "utf8" },
  )
  assert.strictEqual(done.stdout.trim(), "0")
  assert.strictEqual(done.stderr, "")
})
