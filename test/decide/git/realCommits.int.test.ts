/** The rules on commits over real git: lost, on the wrong branch, too large, amended, unpushed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { answerGitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, gitAt, write } from "../../observe/git/harness.ts"
import { watched, world, worksOnBranches } from "./gitWorld.ts"

describe("commits in real repositories", () => {
  it.live("commits on a detached HEAD: a branch is offered, and again when they are left behind", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const here = yield* watched(folder)
      git(folder, "checkout", "-q", "--detach")
      yield* here.see()
      const lost = commit(folder, "b.txt", "b", "Try it")
      yield* here.see()
      assert.deepStrictEqual(here.action("git-detached-commits"), [
        { operation: "branch-create", name: `work-${lost.slice(0, 7)}`, switch: true },
      ])
      git(folder, "checkout", "-q", "main")
      yield* here.see()
      assert.deepStrictEqual(here.action("git-commits-left-behind"), [
        { operation: "branch-create", name: `rescue-${lost.slice(0, 7)}`, from: lost },
      ])
      git(folder, "branch", "mine", lost)
      yield* here.see()
      assert.strictEqual(here.driver.of("decision.outcome").at(-1)?.payload.outcome, "resolved")
    }),
  )

  it.live("nothing is lost where a tag, a branch or a cherry-pick keeps it", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const here = yield* watched(folder)
      for (const keep of [
        () => git(folder, "tag", "-a", "-m", "kept", "kept"),
        () => git(folder, "branch", "kept"),
        () => git(folder, "update-ref", "refs/heads/picked", "main"),
      ]) {
        git(folder, "checkout", "-q", "--detach", "main")
        const made = commit(folder, `${String(keep)}.txt`.replace(/\W+/g, ""), "x", "Try it")
        keep()
        git(folder, "checkout", "-q", "main")
        if (git(folder, "tag", "-l") !== "" && git(folder, "branch", "--list", "picked") !== "")
          git(folder, "cherry-pick", made)
        yield* here.see()
      }
      assert.deepStrictEqual(here.rules, [])
    }),
  )

  it.live("a commit on main where work is done on branches; silent once main is usual", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      worksOnBranches(folder)
      const upstream = git(folder, "rev-parse", "origin/main")
      const here = yield* watched(folder)
      commit(folder, "cart.ts", "x", "Add a cart")
      yield* here.see()
      assert.deepStrictEqual(here.action("git-wrong-branch"), [
        { operation: "branch-create", name: "add-a-cart", switch: true },
        { command: `git branch --force main ${upstream}` },
      ])
      git(folder, "push", "-q")
      yield* here.see()
      assert.strictEqual(here.driver.of("decision.expired").length, 1)
      for (let n = 0; n < 6; n += 1) {
        commit(folder, "cart.ts", `${n}`, `Change the cart ${n}`)
        git(folder, "push", "-q")
      }
      yield* here.see()
      commit(folder, "cart.ts", "more", "Change it again")
      yield* here.see()
      assert.deepStrictEqual(here.rules, ["git-wrong-branch"])
      assert.include(here.driver.silence("git-wrong-branch"), "usual here")
    }),
  )

  it.live("a large file in the newest commit, until it is out of it; one that was large before is none", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const here = yield* watched(folder)
      commit(folder, "dump.sql", Buffer.alloc(6 << 20, 1) as never, "Add a dump")
      yield* here.see()
      assert.deepStrictEqual(here.action("git-large-committed"), [
        { command: "git rm --cached --quiet -- dump.sql && git commit --amend --no-edit" },
      ])
      git(folder, "push", "-q")
      commit(folder, "dump.sql", Buffer.alloc(6 << 20, 2) as never, "Change the dump")
      yield* here.see()
      assert.deepStrictEqual(
        here.rules.filter((rule) => rule === "git-large-committed"),
        ["git-large-committed"],
      )
      assert.include(here.driver.silence("git-large-committed"), "nothing large")
    }),
  )

  it.live("what was amended after a push is no divergence to be rebased away", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const here = yield* watched(folder)
      const pushed = commit(folder, "b.txt", "b", "Add b")
      git(folder, "push", "-q")
      yield* here.see()
      write(folder, "b.txt", "c")
      git(folder, "commit", "-q", "-a", "--amend", "--no-edit")
      yield* here.see()
      assert.deepStrictEqual(here.rules, ["git-amended-pushed"])
      assert.deepStrictEqual(here.action("git-amended-pushed")[0], { command: `git reset --soft ${pushed}` })
      yield* here.boundary("git push", 1)
      assert.strictEqual(here.driver.row("git-push-failed").mode, "notify")
    }),
  )

  it.live("commits unpushed for days, where pushes are usual", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      const now = Math.floor(Date.now() / 1000)
      for (let n = 5; n > 2; n -= 1) {
        write(folder, "a.txt", `${n}`)
        gitAt(now - n * 86_400, folder, "commit", "-q", "-a", "-m", `day ${n}`)
        gitAt(now - n * 86_400, folder, "push", "-q")
      }
      write(folder, "a.txt", "last")
      gitAt(now - 86_400, folder, "commit", "-q", "-a", "-m", "not pushed")
      const here = yield* watched(folder)
      yield* here.pass(3_600_000)
      yield* here.boundary()
      assert.include(here.driver.silence("git-unpushed"), "not unusual")
      yield* here.pass(26 * 3_600_000)
      yield* here.boundary()
      assert.deepStrictEqual(here.action("git-unpushed"), [
        { operation: "push", remote: "origin", branch: "main" },
      ])
    }),
  )

  it.live("the answers say the same as git", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      worksOnBranches(folder)
      commit(folder, "x.txt", "x", "on main")
      const ask = <T extends keyof ProbeAnswers>(request: Extract<ProbeRequest, { _tag: T }>) =>
        answerGitProbe(request as never, { workspace: folder, home: "/nonexistent" }).pipe(
          Effect.map((fact) => fact.answer as ProbeAnswers[T]),
        )
      const habits = yield* ask<"gitHabits">({ _tag: "gitHabits" })
      assert.deepInclude(habits, {
        trunk: "main",
        onTrunk: 2,
        elsewhere: 6,
        detached: 0,
        trunkPushes: 1,
        managed: false,
      })
      assert.deepStrictEqual([habits.merged, habits.of], [6, 7])
      git(folder, "pack-refs", "--all")
      git(folder, "gc", "-q")
      const unpushed = yield* ask<"gitUnpushed">({ _tag: "gitUnpushed" })
      assert.deepStrictEqual(
        unpushed?.commits.map((each) => each.sha),
        git(folder, "rev-list", "origin/main..main").split("\n"),
      )
      const tip = git(folder, "rev-parse", "topic-3")
      for (let n = 0; n < 6; n += 1) git(folder, "branch", "-q", "-D", `topic-${n}`)
      assert.deepStrictEqual((yield* ask<"gitLost">({ _tag: "gitLost", sha: tip })).commits, [])
    }),
  )
})
