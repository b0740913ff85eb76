/** The folder watcher in the test's own thread, which can be blocked until the kernel's queue really overflows. */
import { appendFileSync, mkdirSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { FolderWatcher } from "../../../src/observe/fs/FolderWatcher.ts"
import {
  eachSighting,
  type Handover,
  type WatchOptions,
  type WatchReport,
  type WatchState,
} from "../../../src/observe/fs/Watcher.ts"
import { scratchFolder } from "./openFs.ts"
import { removeTree } from "../../removeTree.ts"

interface Watched {
  readonly root: string
  readonly said: Array<string>
  readonly causes: Set<string>
  readonly states: Array<WatchState>
  readonly until: (holds: () => boolean) => Promise<void>
}

const watching = async (
  options: Partial<WatchOptions>,
  prepare: (root: string) => void,
  test: (watched: Watched) => Promise<void>,
) => {
  const root = scratchFolder()
  prepare(root)
  const said: Array<string> = []
  const causes = new Set<string>()
  const states: Array<WatchState> = []
  let check = () => {}
  const hear = (report: WatchReport) => {
    if (report._tag === "ready" || report._tag === "state") states.push(report.state)
    if (report._tag === "seen") {
      causes.add(report.cause)
      eachSighting(report, (kind, path) => said.push(`${kind} ${path}`))
    }
    check()
  }
  const watcher = new FolderWatcher(
    {
      root,
      globalExcludes: null,
      budget: 1000,
      mostFolders: 1000,
      poll: false,
      pollMs: 50,
      suspicious: 8192,
      handover: null,
      ...options,
    },
    hear,
  )
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      check = () => holds() && resolve()
      check()
    })
  try {
    await until(() => states.length > 0)
    await test({ root, said, causes, states, until })
  } finally {
    watcher.close()
    removeTree(root)
  }
}

describe("the folder watcher", () => {
  it("finds all after the kernel's queue overflowed while the thread was blocked", () =>
    watching(
      {},
      (root) => {
        mkdirSync(join(root, "old"))
        for (let index = 0; index < 100; index++) writeFileSync(join(root, `old/${index}`), "x")
        for (const name of ["one", "other"]) writeFileSync(join(root, name), "x")
        // What is younger than the clock's slack would rightly be taken for changed.
        const old = Date.now() + 100
        while (Date.now() < old);
      },
      async ({ root, said, causes, until }) => {
        // Touching two files in turn fills the queue of 16,384; of what follows the kernel says nothing.
        const now = new Date()
        for (let index = 0; index < 9000; index++)
          for (const name of ["one", "other"]) utimesSync(join(root, name), now, now)
        for (let index = 0; index < 50; index++) unlinkSync(join(root, `old/${index}`))
        for (let index = 50; index < 75; index++) appendFileSync(join(root, `old/${index}`), "y")
        renameSync(join(root, "old/99"), join(root, "moved"))
        mkdirSync(join(root, "new/deep"), { recursive: true })
        writeFileSync(join(root, "new/deep/file"), "x")
        await until(() => said.includes("add new/deep/file") && said.length >= 80)
        const expected = [
          ...Array.from({ length: 50 }, (_, index) => `unlink old/${index}`),
          ...Array.from({ length: 25 }, (_, index) => `change old/${index + 50}`),
          "unlink old/99",
          "add moved",
          "add new/deep/file",
          "change one",
          "change other",
        ]
        assert.deepStrictEqual([...said].sort(), expected.sort())
        assert.deepStrictEqual([...causes], ["reconcile"])
      },
    ))

  it("polls beyond its budget, says so, and watches again when the tree has shrunk", () =>
    watching(
      { budget: 5 },
      (root) => {
        for (let index = 0; index < 10; index++) mkdirSync(join(root, `d${index}/e`), { recursive: true })
      },
      async ({ root, said, causes, states, until }) => {
        assert.deepInclude(states[0], { mode: "poll", limit: "budget", folders: 21 })
        writeFileSync(join(root, "d1/e/a"), "x")
        await until(() => said.includes("add d1/e/a"))
        appendFileSync(join(root, "d1/e/a"), "y")
        await until(() => said.includes("change d1/e/a"))
        assert.deepStrictEqual([...causes], ["poll"])
        for (let index = 2; index < 10; index++) rmSync(join(root, `d${index}`), { recursive: true })
        rmSync(join(root, "d0"), { recursive: true })
        await until(() => states.at(-1)!.mode === "watch")
        assert.strictEqual(states.at(-1)!.limit, null)
        writeFileSync(join(root, "d1/e/b"), "x")
        await until(() => said.includes("add d1/e/b"))
        assert.isTrue(causes.has("watch"))
      },
    ))

  it("keeps no more folders than it may, and says so", () =>
    watching(
      { mostFolders: 5 },
      (root) => {
        for (let index = 0; index < 10; index++) mkdirSync(join(root, `d${index}`))
      },
      async ({ root, said, states, until }) => {
        assert.deepInclude(states[0], { mode: "watch", folders: 5, cut: true })
        for (let index = 0; index < 10; index++) writeFileSync(join(root, `d${index}/a`), "x")
        writeFileSync(join(root, "last"), "x")
        await until(() => said.includes("add last"))
        assert.strictEqual(said.length, 5)
      },
    ))

  it("says what its predecessor missed, from the names it knew and the time it gave up", () => {
    const handover: Handover = {
      since: Date.now() - 60_000,
      known: new Map([
        ["", ["kept", "gone"]],
        ["sub", ["inner"]],
        ["lost/deep", ["file"]],
      ]),
      next: "worker",
    }
    return watching(
      { handover },
      (root) => {
        mkdirSync(join(root, "sub"))
        mkdirSync(join(root, "new"))
        for (const path of ["kept", "sub/inner", "sub/fresh", "new/one"]) writeFileSync(join(root, path), "x")
      },
      async ({ said, causes, states }) => {
        assert.deepStrictEqual([...said].sort(), [
          "add new/one",
          "add sub/fresh",
          "change kept",
          "change sub/inner",
          "unlink gone",
          "unlink lost/deep/file",
        ])
        assert.deepStrictEqual([...causes], ["reconcile"])
        assert.deepInclude(states[0], { folders: 3, files: 4 })
      },
    )
  })

  it("leaves a folder that becomes a repository, without calling its files gone", () =>
    watching(
      {},
      (root) => {
        mkdirSync(join(root, "sub"))
        writeFileSync(join(root, "sub/a"), "x")
      },
      async ({ root, said, until }) => {
        mkdirSync(join(root, "sub/.git"))
        writeFileSync(join(root, "first"), "x")
        await until(() => said.includes("add first"))
        writeFileSync(join(root, "sub/b"), "x")
        writeFileSync(join(root, "second"), "x")
        await until(() => said.includes("add second"))
        assert.deepStrictEqual(
          said.filter((line) => line.includes("sub")),
          [],
        )
      },
    ))

  it("counts what it watches exactly, through all that comes and goes", () =>
    watching(
      {},
      () => {},
      async ({ root, said, states, until }) => {
        mkdirSync(join(root, "a/b"), { recursive: true })
        writeFileSync(join(root, "a/b/1"), "x")
        await until(() => said.includes("add a/b/1"))
        renameSync(join(root, "a"), join(root, "c"))
        await until(() => said.includes("add c/b/1"))
        rmSync(join(root, "c"), { recursive: true })
        await until(() => said.includes("unlink c/b/1"))
        // A state is told when the workspace goes: the counts are those of an empty tree.
        rmSync(root, { recursive: true })
        await until(() => states.at(-1)!.rootMissing)
        assert.deepInclude(states.at(-1), { folders: 1, files: 0 })
      },
    ))
})
