/** What a reader of spools knows of a record beyond its bytes. */
import { assert, it } from "@effect/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SpoolReader } from "../../../src/observe/terminal/SpoolReader.ts"

it("takes a time in whole seconds for the latest it may mean, and none for later than now", () => {
  const directory = mkdtempSync(join(tmpdir(), "claw-spool-"))
  try {
    const second = Math.floor(Date.now() / 1000)
    const session = `fish-${process.pid}-${Date.now()}000`
    const record = (ended: number) => `c\x1f${ended}\n\x1f5\x1f0\x1fuser\x1f2\n\x1f/w\x1fls\n\x1e\n`
    writeFileSync(join(directory, session), record(second - 60) + record(second))
    const items = new SpoolReader(directory, {}).read(session)?.items ?? []
    const [old, fresh] = items.map((item) => (item.kind === "record" ? item.record.endedMs : Number.NaN))
    assert.strictEqual(old, (second - 60) * 1000 + 999)
    assert.isAtLeast(fresh!, second * 1000)
    assert.isAtMost(fresh!, Date.now())
  } finally {
    rmSync(directory, { recursive: true })
  }
})
