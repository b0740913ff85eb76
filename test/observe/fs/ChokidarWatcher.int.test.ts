/** The small watcher while it still reads the tree: what was there before it began is never called new. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "vitest"
import { startChokidarWatcher } from "../../../src/observe/fs/ChokidarWatcher.ts"
import { eachSighting, type WatchReport } from "../../../src/observe/fs/Watcher.ts"

it("a file written while the tree is first read is changed, not added: its removal right after is said", async () => {
  const root = mkdtempSync(join(tmpdir(), "claw-chokidar-"))
  try {
    writeFileSync(join(root, "a.toml"), "x")
    for (let n = 0; n < 600; n++) writeFileSync(join(root, `file-${n}`), "")
    const said: Array<string> = []
    let isReady = false
    let isGone: () => void
    const gone = new Promise<void>((resolve) => (isGone = resolve))
    const heard = (report: WatchReport): void => {
      if (report._tag === "ready") isReady = true
      if (report._tag !== "seen") return
      eachSighting(report, (kind, path) => {
        if (path !== "a.toml") return
        said.push(kind)
        if (kind === "unlink") isGone()
      })
    }
    const watcher = startChokidarWatcher({ folders: 100, files: 10_000 })(
      {
        root,
        globalExcludes: null,
        mostFolders: 1000,
        budget: 1000,
        poll: false,
        pollMs: 1000,
        suspicious: 1e6,
        handover: null,
      },
      heard,
    )
    for (let n = 0; !isReady || said.length === 0; n++) {
      writeFileSync(join(root, "a.toml"), String(n))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    rmSync(join(root, "a.toml"))
    await gone
    assert.notInclude(said, "add")
    await watcher.close()
  } finally {
    rmSync(root, { recursive: true })
  }
})
