/** What the source does around its watchers: choosing, replacing, restarting, degrading, telling its health. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "rolldown"
import { assert, describe, it } from "vitest"
import { openFs, type OpenFs, withFs } from "./openFs.ts"

const write = (root: string, path: string): void => {
  mkdirSync(join(root, path, ".."), { recursive: true })
  writeFileSync(join(root, path), "x")
}
const heard = (fs: OpenFs, line: string): Promise<void> => fs.until(line, () => fs.said().includes(line))

describe("the filesystem source", () => {
  it("takes chokidar for a small tree and the worker for a larger one, and says so", async () => {
    const small = { folders: 4, files: 10 }
    const prepare = (files: number) => (root: string) => {
      for (let index = 0; index < files; index++) write(root, `src/${index}.ts`)
      for (let index = 0; index < 100; index++) write(root, `node_modules/m/${index}.js`)
    }
    await withFs({ small }, prepare(8), async (fs) => {
      assert.deepInclude(fs.health()[0], { state: "running", backend: "chokidar" })
      assert.include(fs.health()[0]!.detail, "8 files in 2 folders")
    })
    await withFs({ small }, prepare(12), async (fs) => {
      assert.deepInclude(fs.health()[0], { state: "running", backend: "worker" })
      assert.include(fs.health()[0]!.detail, "12 files in 2 folders")
    })
  })

  it("goes from chokidar to the worker when the tree grows, and loses nothing on the way", () =>
    withFs(
      { small: { folders: 4, files: 10 } },
      (root) => write(root, "old"),
      async (fs) => {
        for (let index = 0; index < 60; index++) {
          write(fs.root, `d${index % 6}/f${index}`)
          if (index % 7 === 0) await new Promise(setImmediate)
        }
        await fs.until("the worker", () => fs.health().at(-1)!.backend === "worker")
        await fs.until("all", () => new Set(fs.said()).size >= 60)
        write(fs.root, "last")
        await heard(fs, "add last")
        assert.deepStrictEqual(new Set(fs.said().filter((line) => line.startsWith("add"))).size, 61)
      },
    ))

  it("loses nothing while the main thread is blocked", () =>
    withFs(
      { backend: "worker" },
      () => {},
      async (fs) => {
        const script = `
        const fs = require("node:fs")
        for (let index = 0; index < 2000; index++) {
          if (index % 100 === 0) fs.mkdirSync("d" + index / 100)
          fs.writeFileSync("d" + Math.floor(index / 100) + "/f" + index, "x")
        }`
        const child = spawn(process.execPath, ["-e", script], { cwd: fs.root })
        const ended = once(child, "exit")
        const until = performance.now() + 1200
        while (performance.now() < until);
        await ended
        await fs.until("all", () => fs.total("add") >= 2000)
        assert.strictEqual(fs.total("add"), 2000)
      },
    ))

  it("polls visibly where the budget is too small", () =>
    withFs(
      { watchBudget: 3 },
      (root) => write(root, "a/b/c/d/e.txt"),
      async (fs) => {
        assert.deepInclude(fs.health()[0], { state: "degraded", backend: "polling" })
        assert.include(fs.health()[0]!.detail, "more folders than the budget of 3 watches")
        appendFileSync(join(fs.root, "a/b/c/d/e.txt"), "y")
        await heard(fs, "change a/b/c/d/e.txt")
        assert.strictEqual(fs.changed()[0]!.cause, "poll")
      },
    ))

  it("skips folders it may not read, says so, and reads them when it may", () =>
    withFs(
      { backend: "chokidar" },
      (root) => {
        chmodSync(join(root, ".."), 0o755)
        chmodSync(root, 0o777)
      },
      async (fs) => {
        // Root may read everything: then the test goes on as nobody. The sources are loaded by now.
        const isRoot = process.geteuid!() === 0
        write(fs.root, "-\\-")
        await fs.until("the worker", () => fs.health().at(-1)!.backend === "worker")
        if (isRoot) process.seteuid!(65534)
        try {
          mkdirSync(join(fs.root, "locked"), 0)
          await fs.until("degraded", () => fs.health().at(-1)!.state === "degraded")
          assert.include(fs.health().at(-1)!.detail, '1 folder cannot be read: "locked"')
          write(fs.root, "beside")
          await heard(fs, "add beside")
          chmodSync(join(fs.root, "locked"), 0o755)
          await fs.until("running", () => fs.health().at(-1)!.state === "running")
          write(fs.root, "locked/inside")
          await heard(fs, "add locked/inside")
        } finally {
          if (isRoot) process.seteuid!(0)
        }
      },
    ))

  it("starts a watcher again that died, and says what was missed meanwhile", () =>
    withFs(
      { backend: "chokidar" },
      () => {},
      async (before) => {
        // A worker that dies at once the first time, and on the next start is the real one.
        const mark = join(before.root, "../died")
        const real = new URL("../../../src/observe/fs/folderWorker.ts", import.meta.url)
        const entry = join(before.root, "../worker.mjs")
        writeFileSync(
          entry,
          `import fs from "node:fs"
        if (!fs.existsSync(${JSON.stringify(mark)})) { fs.writeFileSync(${JSON.stringify(mark)}, ""); throw new Error("boom") }
        await import(${JSON.stringify(real.href)})`,
        )
        await withFs(
          { backend: "worker", workerEntry: pathToFileURL(entry) },
          () => {},
          async (fs) => {
            assert.deepInclude(fs.health()[0], { state: "degraded", backend: "worker" })
            assert.include(fs.health()[0]!.detail, "boom")
            write(fs.root, "meanwhile")
            await fs.until("running", () => fs.health().at(-1)!.state === "running")
            await heard(fs, "add meanwhile")
            assert.strictEqual(fs.changed()[0]!.cause, "reconcile")
            write(fs.root, "later")
            await heard(fs, "add later")
          },
        )
      },
    ))

  it(
    "runs the worker from a bundle",
    () =>
      withFs(
        { backend: "chokidar" },
        () => {},
        async (before) => {
          const input = fileURLToPath(new URL("../../../src/observe/fs/folderWorker.ts", import.meta.url))
          const dir = join(before.root, "../dist")
          await build({ input, platform: "node", logLevel: "silent", output: { dir, format: "esm" } })
          const workerEntry = pathToFileURL(join(dir, "folderWorker.js"))
          await withFs(
            { backend: "worker", workerEntry },
            () => {},
            async (fs) => {
              write(fs.root, "a/b")
              await heard(fs, "add a/b")
              assert.deepInclude(fs.health()[0], { state: "running", backend: "worker" })
            },
          )
        },
      ),
    60_000,
  )

  it("follows a workspace that is reached by a link", async () => {
    for (const backend of ["chokidar", "worker"] as const)
      await withFs(
        { backend },
        (root) => symlinkSync("work", join(root, "../link")),
        async (real) => {
          const fs = await openFs(join(real.root, "../link"), { backend })
          try {
            write(real.root, "a/b")
            await heard(fs, "add a/b")
            assert.strictEqual(fs.drafts[0]!.workspace, join(real.root, "../link"))
          } finally {
            await fs.close()
          }
        },
      )
  })

  it("lists urgent names first, so that no checkout hides a lockfile", () =>
    withFs(
      { backend: "worker" },
      () => {},
      async (fs) => {
        for (let index = 0; index < 700; index++) writeFileSync(join(fs.root, `f${index}`), "x")
        writeFileSync(join(fs.root, "package-lock.json"), "{}")
        await fs.until("all", () => fs.total("add") >= 701)
        const event = fs
          .changed()
          .find(({ changes }) => changes.some(({ path }) => path === "package-lock.json"))
        assert.strictEqual(event?.changes[0]!.path, "package-lock.json")
      },
    ))

  it("states what is there when it speaks, not what was seen", () =>
    withFs(
      { backend: "worker" },
      (root) => write(root, "a"),
      async (fs) => {
        appendFileSync(join(fs.root, "a"), "12345")
        appendFileSync(join(fs.root, "a"), "67890")
        await heard(fs, "change a")
        assert.strictEqual(fs.changed()[0]!.changes[0]!.bytes, 11)
      },
    ))
})
