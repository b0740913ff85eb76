/** The rules on git work over real git: its files are looked at as the source does, and the probes read what is there. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { Look } from "../../../src/observe/git/Look.ts"
import { answerGitProbe, isGitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, gitAt, gitFails, newRepository, tempFolder, write } from "../../observe/git/harness.ts"
import { Driver, run } from "../driver.ts"

/** A repository that is watched, and what is decided about it. */
class World {
  readonly driver = new Driver()
  readonly folder: string
  readonly #look: Look

  constructor(folder: string) {
    this.folder = folder
    this.#look = new Look({ workspace: folder, known: undefined, settleMs: 0 })
    this.driver.nowMs = Date.now()
    run(this.driver, "ls", 0, { cwd: folder })
    this.driver.answers = this.#answers()
  }

  #answers(): Driver["answers"] {
    const read = (request: ProbeRequest): unknown => this.#facts.get(JSON.stringify(request))
    return new Proxy({}, { get: () => read })
  }
  readonly #facts = new Map<string, unknown>()

  /** Looks as the source does, and lets everything be decided that follows within `ms`. */
  see(ms = 9_000) {
    return Effect.gen({ self: this }, function* () {
      for (let look = 0; look < 3; look += 1) {
        const { drafts } = this.#look.at(this.driver.nowMs)
        for (const draft of drafts) {
          this.driver.put({ ...draft, workspace: "/w" })
          yield* this.#settle()
        }
        this.driver.nowMs += 50
      }
      yield* this.pass(ms)
    })
  }

  pass(ms: number) {
    return Effect.gen({ self: this }, function* () {
      const until = this.driver.nowMs + ms
      for (;;) {
        const wake = this.driver.state.outbox.find((each) => each._tag === "wake")
        if (wake?._tag !== "wake" || wake.atMs > until) break
        this.driver.nowMs = Math.max(this.driver.nowMs, wake.atMs)
        this.driver.fulfil(wake)
        yield* this.#settle()
      }
      this.driver.nowMs = until
    })
  }

  /** The user runs a command that nothing but a boundary comes of. */
  boundary(line = "ls", exit = 0, durationMs = 10) {
    return Effect.gen({ self: this }, function* () {
      const startedAt = new Date(this.driver.nowMs - durationMs).toISOString()
      const made = { command: line, cwd: "/w", exit, durationMs, startedAt }
      this.driver.put({
        ...this.driver.of("terminal.command")[0]!,
        payload: { ...this.driver.of("terminal.command")[0]!.payload, ...made },
      })
      yield* this.#settle()
    })
  }

  /** Everything the outbox asks for; probes read the repository as it is now. */
  #settle() {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const command = this.driver.state.outbox.find((each) => each._tag !== "wake")
        if (command === undefined) return
        for (const request of command._tag === "probe" ? command.requests : []) {
          if (!isGitProbe(request)) continue
          const fact = yield* answerGitProbe(request, { workspace: this.folder, home: "/nonexistent" })
          this.#facts.set(JSON.stringify(request), fact.unavailable === null ? fact.answer : undefined)
        }
        this.driver.fulfil(command)
      }
    })
  }

  get rules(): ReadonlyArray<string> {
    return this.driver.rows.map((row) => row.rule)
  }
  action(rule: string) {
    return this.driver.row(rule).actions.map(({ input }) => input)
  }
}

const world = Effect.gen(function* () {
  const root = yield* tempFolder
  const folder = newRepository(path.join(root, "repo"))
  git(root, "clone", "-q", "--bare", folder, "origin.git")
  git(folder, "remote", "add", "origin", path.join(root, "origin.git"))
  git(folder, "fetch", "-q")
  git(folder, "branch", "-q", "--set-upstream-to=origin/main")
  return { root, folder }
})
const watched = (folder: string) =>
  Effect.gen(function* () {
    const here = new World(folder)
    yield* here.see()
    return here
  })
/** Commits on branches, merged and pushed, as most days have them. */
const worksOnBranches = (folder: string): void => {
  for (let n = 0; n < 6; n += 1) {
    git(folder, "checkout", "-q", "-b", `topic-${n}`)
    commit(folder, `t${n}.txt`, "x", `topic ${n}`)
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", `Merge topic ${n}`, `topic-${n}`)
  }
  git(folder, "push", "-q")
}

describe("git work on real repositories", () => {
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

  it.live("a merge resolved and not continued, staged or not; not while a marker is left", () =>
    Effect.gen(function* () {
      const { folder } = yield* world
      git(folder, "checkout", "-q", "-b", "side")
      commit(folder, "a.txt", "side\n", "side")
      git(folder, "checkout", "-q", "main")
      commit(folder, "a.txt", "main\n", "main")
      const here = yield* watched(folder)
      gitFails(folder, "merge", "-q", "side")
      yield* here.see()
      yield* here.pass(11 * 60_000)
      yield* here.boundary()
      assert.strictEqual(here.driver.silence("git-operation-resolved"), "still in conflict: a.txt")

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
      git(folder, "checkout", "-q", "-b", "side")
      git(folder, "rm", "-q", "a.txt")
      git(folder, "commit", "-q", "-m", "side")
      git(folder, "checkout", "-q", "main")
      commit(folder, "a.txt", "main\n", "main")
      const here = yield* watched(folder)
      gitFails(folder, "merge", "-q", "side")
      yield* here.see()
      yield* here.pass(11 * 60_000)
      yield* here.boundary()
      assert.strictEqual(here.driver.silence("git-operation-resolved"), "still in conflict: a.txt")
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
