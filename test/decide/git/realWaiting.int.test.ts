/** The rules on what waits for a hand, over real git: operations, stashes, submodules, branches, hooks. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { commit, git, gitAt, gitFails, newRepository, write } from "../../observe/git/harness.ts"
import { watched, world } from "./gitWorld.ts"

/** A merge of another branch's work on a.txt, seen and left for a while: nothing is offered. */
const inConflict = Effect.fnUntraced(function* (folder: string, workOnSide: () => void) {
  git(folder, "checkout", "-q", "-b", "side")
  workOnSide()
  git(folder, "checkout", "-q", "main")
  commit(folder, "a.txt", "main\n", "main")
  const here = yield* watched(folder)
  gitFails(folder, "merge", "-q", "side")
  yield* here.see()
  yield* here.pass(11 * 60_000)
  yield* here.boundary()
  assert.strictEqual(here.driver.silence("git-operation-resolved"), "still in conflict: a.txt")
  return here
})

describe("what waits in real repositories", () => {
  it.live("a merge resolved and not continued, staged or not; not while a marker is left", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const here = yield* inConflict(folder, () => commit(folder, "a.txt", "side\n", "side"))

      write(folder, "a.txt", "both\n")
      const later = new Date(Date.now() + 1_000)
      fs.utimesSync(path.join(folder, "a.txt"), later, later)
      yield* here.pass(11 * 60_000)
      yield* here.boundary()
      assert.deepStrictEqual(here.action("git-operation-resolved"), [
        { operation: "stage", paths: ["a.txt"] },
        { operation: "merge-continue" },
      ])
      git(folder, "commit", "-q", "-a", "-m", "Merge side")
      yield* here.see()
      assert.strictEqual(here.driver.of("decision.expired").at(-1)?.payload.reason, "it ended")
    }),
  )

  it.live("a file one side deleted has no markers and is not resolved for that", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      yield* inConflict(folder, () => {
        git(folder, "rm", "-q", "a.txt")
        git(folder, "commit", "-q", "-m", "side")
      })
    }),
  )

  it.live(
    "a rebase and a bisection left open are in the digest; a rebase that waits for an edit is not continued",
    () =>
      Effect.gen(function* () {
        const { folder } = yield* world
        for (let n = 0; n < 3; n += 1) commit(folder, `${n}.txt`, "x", `step ${n}`)
        const here = yield* watched(folder)
        git(folder, "-c", "sequence.editor=sed -i 1s/pick/edit/", "rebase", "-q", "-i", "HEAD~2")
        yield* here.see()
        yield* here.pass(5 * 3_600_000)
        yield* here.boundary()
        const row = here.driver.row("git-operation-left-open")
        assert.deepStrictEqual(
          [row.mode, row.title],
          ["digest", "The rebase of main, step 1 of 2 has been open for 5 h"],
        )
        assert.deepStrictEqual(here.rules, ["git-operation-left-open"])
        git(folder, "rebase", "--abort")
        git(folder, "bisect", "start")
        yield* here.see()
        yield* here.pass(6 * 3_600_000)
        yield* here.boundary()
        assert.strictEqual(here.driver.rows.length, 2)
        assert.deepStrictEqual(
          here.driver.rows[1]!.actions.map(({ input }) => input),
          [{ command: "git bisect reset" }],
        )
      }),
  )

  it.live("a stash of a branch one is back on, and a stash of long ago", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      git(folder, "branch", "feature")
      git(folder, "checkout", "-q", "feature")
      const here = yield* watched(folder)
      write(folder, "a.txt", "half\n")
      git(folder, "stash", "-q")
      git(folder, "checkout", "-q", "main")
      yield* here.see()
      git(folder, "checkout", "-q", "feature")
      yield* here.see(61_000)
      yield* here.boundary()
      assert.deepStrictEqual(here.action("git-stash-behind"), [{ operation: "stash-pop", index: 0 }])
      git(folder, "stash", "pop", "-q")
      yield* here.see()
      assert.strictEqual(
        here.driver.of("decision.expired").at(-1)?.payload.reason,
        "the stash was taken back or dropped",
      )

      write(folder, "a.txt", "old\n")
      gitAt(Math.floor(Date.now() / 1000) - 9 * 86_400, folder, "stash", "-q")
      yield* here.see(3_600_000)
      yield* here.boundary()
      assert.strictEqual(here.driver.row("git-stash-forgotten").mode, "digest")
    }),
  )

  it.live("a submodule left behind by a switch, until it is updated", () =>
    Effect.gen(function* () {
      const { folder, root } = yield* world
      const lib = newRepository(path.join(root, "lib"))
      const old = git(lib, "rev-parse", "HEAD")
      git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", lib, "vendor/lib")
      git(folder, "commit", "-q", "-m", "Add lib")
      git(folder, "checkout", "-q", "-b", "newer")
      commit(lib, "b.txt", "b", "second")
      git(path.join(folder, "vendor/lib"), "fetch", "-q")
      git(path.join(folder, "vendor/lib"), "checkout", "-q", "--detach", "origin/main")
      git(folder, "commit", "-q", "-a", "-m", "Newer lib")
      const here = yield* watched(folder)
      git(folder, "checkout", "-q", "main")
      yield* here.see()
      assert.deepStrictEqual(here.action("git-submodule-drift"), [
        { command: "git submodule update --init -- vendor/lib" },
      ])
      git(folder, "submodule", "update", "-q")
      assert.strictEqual(git(path.join(folder, "vendor/lib"), "rev-parse", "HEAD"), old)
      git(folder, "checkout", "-q", "newer")
      git(folder, "submodule", "update", "-q")
      yield* here.see()
      assert.deepStrictEqual(here.rules, ["git-submodule-drift"])
    }),
  )

  it.live(
    "a branch merged and deleted at the remote, by a merge or squashed; not one with work of its own",
    () =>
      Effect.gen(function* () {
        const { folder, root } = yield* world
        for (const name of ["merged", "squashed", "open"]) {
          git(folder, "checkout", "-q", "-b", name, "main")
          commit(folder, `${name}.txt`, name, name)
          git(folder, "push", "-q", "-u", "origin", name)
        }
        git(folder, "checkout", "-q", "main")
        const other = path.join(root, "other")
        git(root, "clone", "-q", "origin.git", "other")
        git(other, "merge", "-q", "--no-ff", "-m", "Merge merged", "origin/merged")
        git(other, "merge", "-q", "--squash", "origin/squashed")
        git(other, "commit", "-q", "-m", "Squashed (#2)")
        git(other, "push", "-q")
        git(other, "push", "-q", "origin", "--delete", "merged", "squashed", "open")
        const here = yield* watched(folder)
        git(folder, "fetch", "-q", "--prune")
        yield* here.see()
        const gone = here.driver.rows.filter((row) => row.rule === "git-branch-gone")
        assert.deepStrictEqual(gone.map((row) => row.title).toSorted(), [
          "Delete merged: it is merged, and origin/merged is gone",
          "Delete squashed: it is merged, and origin/squashed is gone",
        ])
        assert.include(here.driver.silence("git-branch-gone"), "main has not all of its work")
      }),
  )

  it.live("a hook that rewrites what is staged, and one that only refuses", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const hook = path.join(folder, ".git/hooks/pre-commit")
      fs.mkdirSync(path.dirname(hook), { recursive: true })
      fs.writeFileSync(hook, "#!/bin/sh\necho tidy > a.txt\nexit 1\n", { mode: 0o755 })
      const here = yield* watched(folder)
      write(folder, "a.txt", "untidy\n")
      git(folder, "add", "a.txt")
      yield* here.see()
      gitFails(folder, "commit", "-q", "-m", "x")
      here.driver.nowMs = Date.now()
      yield* here.boundary("git commit -m x", 1, 5_000)
      assert.deepStrictEqual(here.action("git-hook-failed"), [
        { operation: "stage", paths: ["a.txt"] },
        { command: "git commit -m x" },
      ])
      fs.writeFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 })
      git(folder, "add", "a.txt")
      gitFails(folder, "commit", "-q", "-m", "y")
      yield* here.boundary("git commit -m y", 1)
      const last = here.driver.rows.at(-1)!
      assert.deepStrictEqual(
        [last.mode, last.title],
        ["notify", "Nothing was committed: the pre-commit hook stopped it"],
      )
      fs.chmodSync(hook, 0o644)
      yield* here.boundary("git commit -m z", 1)
      assert.include(here.driver.silence("git-hook-failed"), "no hook is there")
    }),
  )
})
