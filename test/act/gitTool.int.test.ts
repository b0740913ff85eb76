/** The git tool on real repositories: what a call is planned as, what it does, and how it is taken back. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ToolContext, ToolPlan } from "../../src/act/Tool.ts"
import { put, type Place } from "./sandboxFixture.ts"
import { undoOf, withTools, type Tools } from "./toolFixture.ts"

const online: Partial<ToolContext> = {
  permits: { write: [], network: true, hosts: [], shell: false, unsandboxed: false },
}

const gitIn = (folder: string, home: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", HOME: home, GIT_EDITOR: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  }).toString()
const repository = (place: Place) => {
  const git = (...args: ReadonlyArray<string>) => gitIn(place.workspace, place.home, ...args)
  git("init", "-q", "-b", "main")
  return git
}
/** Refs, HEAD, staged entries, index bytes and every file: all an undo has to bring back. */
const facts = (place: Place, git: ReturnType<typeof repository>) => ({
  refs: git("for-each-ref", "refs/heads", "refs/stash"),
  head: fs.readFileSync(join(place.workspace, ".git/HEAD"), "utf8"),
  staged: git("ls-files", "--stage"),
  stash: git("stash", "list"),
  merging: fs.existsSync(join(place.workspace, ".git/MERGE_HEAD")),
  files: fs
    .readdirSync(place.workspace)
    .filter((name) => name !== ".git")
    .map((name) => {
      const path = join(place.workspace, name)
      return [name, fs.readFileSync(path, "utf8"), fs.lstatSync(path, { bigint: true }).mtimeNs]
    }),
})

const committed = (
  place: Place,
  git: ReturnType<typeof repository>,
  files: Readonly<Record<string, string>>,
) =>
  Effect.promise(async () => {
    await put(place, files)
    git("add", ".")
    git("commit", "-qm", "one")
  })
const ran = (plan: ToolPlan) =>
  plan.run.pipe(
    Effect.tap((result) =>
      Effect.sync(() => assert.isTrue(result.ok, result.output.head + result.output.tail)),
    ),
  )
/** Plans, runs, checks that something changed, takes back, and compares. */
const thereAndBack = (tools: Tools, git: ReturnType<typeof repository>, input: Record<string, unknown>) =>
  Effect.gen(function* () {
    const before = facts(tools.place, git)
    const plan = yield* tools.plan("git", input)
    assert.deepStrictEqual(facts(tools.place, git), before)
    const result = yield* ran(plan)
    const after = facts(tools.place, git)
    assert.notDeepEqual(after, before, JSON.stringify(input))
    yield* undoOf(tools.place, plan, result)
    assert.deepStrictEqual(facts(tools.place, git), before, JSON.stringify(input))
    return after
  })

describe("git", () => {
  it.live("stages, commits, stashes, switches, restores, and each is taken back exactly", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n", b: "1\n" })
        git("switch", "-qc", "other")
        yield* committed(place, git, { a: "2\n", c: "new\n" })
        git("switch", "-q", "main")
        yield* Effect.promise(() => put(place, { b: "changed\n", u: "untracked\n" }))
        const staged = yield* thereAndBack(tools, git, { operation: "stage", paths: ["b", "u"] })
        assert.match(staged.staged, /\tu\n/)
        git("add", "b")
        yield* thereAndBack(tools, git, { operation: "unstage", paths: ["b"] })
        yield* thereAndBack(tools, git, { operation: "commit", message: "two\n\n--amend $(id)" })
        yield* thereAndBack(tools, git, { operation: "commit", message: "again", amend: true })
        yield* thereAndBack(tools, git, {
          operation: "stash-push",
          includeUntracked: true,
          message: "--keep",
        })
        yield* thereAndBack(tools, git, { operation: "restore", paths: ["b"], staged: true })
        git("stash", "push", "-q", "-u")
        yield* thereAndBack(tools, git, { operation: "stash-pop" })
        const switched = yield* thereAndBack(tools, git, { operation: "branch-switch", name: "other" })
        assert.strictEqual(switched.head, "ref: refs/heads/other\n")
        yield* thereAndBack(tools, git, { operation: "branch-create", name: "fresh", switch: true })
        yield* thereAndBack(tools, git, { operation: "branch-create", name: "fresh", from: "other" })
        git("fsck", "--no-dangling")
      }),
    ),
  )

  it.live("continues and aborts a merge, and each is taken back", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        git("switch", "-qc", "other")
        yield* committed(place, git, { a: "2\n" })
        git("switch", "-q", "main")
        yield* committed(place, git, { a: "3\n" })
        assert.throws(() => git("merge", "other"))
        yield* thereAndBack(tools, git, { operation: "merge-abort" })
        yield* Effect.promise(() => put(place, { a: "both\n" }))
        git("add", "a")
        const merged = yield* thereAndBack(tools, git, { operation: "merge-continue" })
        assert.isFalse(merged.merging)
        assert.isTrue(facts(place, git).merging)
      }),
    ),
  )

  it.live("paths are literal and never options; names are checked", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        yield* Effect.promise(() => put(place, { "--all": "x", "*": "y", b: "z" }))
        yield* ran(yield* plan("git", { operation: "stage", paths: ["--all", "*"] }))
        assert.strictEqual(git("diff", "--cached", "--name-only"), "*\n--all\n")
        for (const name of ["--upload-pack=x", "a..b", "a b", "x.lock", "@{-1}", "", "-"]) {
          const error = yield* Effect.flip(plan("git", { operation: "branch-switch", name }))
          assert.strictEqual(error.reason, "input", name)
        }
        for (const remote of ["ext::sh -c id", "/tmp/x", "-u", "https://e.f/x"]) {
          const error = yield* Effect.flip(plan("git", { operation: "fetch", remote }, online))
          assert.strictEqual(error.reason, "input", remote)
        }
      }),
    ),
  )

  it.live("runs the repository's hooks only in the sandbox, and shuts hooks and configuration", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        const hook = join(place.workspace, ".git/hooks/pre-commit")
        const outside = join(place.home, "escaped")
        fs.writeFileSync(
          hook,
          `#!/bin/sh\necho ran > hook-ran\necho x > ${outside}\necho y > .git/hooks/post-commit\ngit config core.fsmonitor evil\nexit 0\n`,
        )
        fs.chmodSync(hook, 0o755)
        yield* Effect.promise(() => put(place, { a: "2\n" }))
        git("add", "a")
        const planned = yield* plan("git", { operation: "commit", message: "two" })
        assert.strictEqual(planned.sandbox, "bubblewrap")
        yield* ran(planned)
        assert.isTrue(fs.existsSync(join(place.workspace, "hook-ran")))
        assert.isFalse(fs.existsSync(outside))
        assert.isFalse(fs.existsSync(join(place.workspace, ".git/hooks/post-commit")))
        assert.notMatch(fs.readFileSync(join(place.workspace, ".git/config"), "utf8"), /fsmonitor/)
      }),
    ),
  )

  it.live("pushes with upstream to a bare remote, fetches and pulls; pull is taken back", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        const remote = join(place.folder, "remote.git")
        gitIn(place.folder, place.home, "init", "-q", "--bare", "-b", "main", remote)
        yield* committed(place, git, { a: "1\n" })
        git("remote", "add", "origin", remote)
        const input = { operation: "push", remote: "origin", branch: "main", setUpstream: true }
        assert.match((yield* Effect.flip(plan("git", input))).message, /network/)
        const push = yield* plan("git", input, online)
        assert.deepStrictEqual([push.sandbox, push.undo.possible], ["none", false])
        assert.match(push.summary, /without a sandbox/)
        assert.deepStrictEqual(push.commands, [
          ["git", "push", "--set-upstream", "--", "origin", "refs/heads/main:refs/heads/main"],
        ])
        yield* ran(push)
        assert.strictEqual(git("rev-parse", "main@{upstream}"), git("rev-parse", "main"))

        const clone = join(place.folder, "clone")
        gitIn(place.folder, place.home, "clone", "-q", remote, clone)
        fs.writeFileSync(join(clone, "b"), "theirs\n")
        gitIn(clone, place.home, "add", "b")
        gitIn(clone, place.home, "commit", "-qm", "theirs")
        gitIn(clone, place.home, "push", "-q")
        yield* ran(yield* plan("git", { operation: "fetch", remote: "origin" }, online))
        assert.strictEqual(git("rev-list", "--count", "main..origin/main"), "1\n")
        const before = facts(place, git)
        const pull = yield* plan("git", { operation: "pull", how: "ff-only" }, online)
        const result = yield* ran(pull)
        assert.strictEqual(fs.readFileSync(join(place.workspace, "b"), "utf8"), "theirs\n")
        yield* undoOf(place, pull, result)
        assert.deepStrictEqual(facts(place, git), before)
      }),
    ),
  )

  it.live("a pre-push hook runs in the sandbox first; a no from it stops the push", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        const remote = join(place.folder, "remote.git")
        gitIn(place.folder, place.home, "init", "-q", "--bare", "-b", "main", remote)
        yield* committed(place, git, { a: "1\n" })
        git("remote", "add", "origin", remote)
        const hook = join(place.workspace, ".git/hooks/pre-push")
        const escaped = join(place.home, "escaped")
        const script = (exit: number) =>
          `#!/bin/sh\necho "hook for $1"; cat; echo x > ${escaped}; exit ${exit}\n`
        fs.writeFileSync(hook, script(1))
        fs.chmodSync(hook, 0o755)
        const input = { operation: "push", remote: "origin", branch: "main" }
        const refusedPush = yield* (yield* plan("git", input, online)).run
        assert.isFalse(refusedPush.ok)
        const head = git("rev-parse", "main").trim()
        assert.match(
          refusedPush.output.head,
          new RegExp(`^hook for origin\nrefs/heads/main ${head} refs/heads/main 0{40}\n`),
        )
        assert.strictEqual(gitIn(remote, place.home, "for-each-ref"), "")
        fs.writeFileSync(hook, script(0))
        yield* ran(yield* plan("git", input, online))
        assert.include(gitIn(remote, place.home, "for-each-ref"), head)
        assert.isFalse(fs.existsSync(escaped))
      }),
    ),
  )

  it.live("refuses the network for a repository whose own configuration runs programs", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        const marker = join(place.folder, "fired")
        git("remote", "add", "origin", `ext::sh -c touch% ${marker}`)
        const input = { operation: "fetch", remote: "origin" }
        const ext = yield* (yield* plan("git", input, online)).run
        assert.isFalse(ext.ok)
        git("remote", "set-url", "origin", "ssh://host/x")
        for (const [key, value] of [
          ["core.sshCommand", `touch ${marker}`],
          ["credential.helper", `!touch ${marker}`],
          ["remote.origin.uploadpack", `touch ${marker}`],
          ["include.path", "evil"],
          ["url.ext::sh.insteadOf", "ssh://"],
          ["filter.x.smudge", `touch ${marker}`],
        ] as const) {
          git("config", key, value)
          const error = yield* Effect.flip(plan("git", input, online))
          assert.match(error.message, /own configuration sets/, key)
          git("config", "--unset", key)
        }
        const absent = yield* Effect.flip(plan("git", { operation: "fetch", remote: "nowhere" }, online))
        assert.match(absent.message, /no remote nowhere/)
        const noUpstream = yield* Effect.flip(plan("git", { operation: "pull", how: "rebase" }, online))
        assert.match(noUpstream.message, /follows no branch/)
        assert.isFalse(fs.existsSync(marker))
      }),
    ),
  )

  it.live("traps in hooks, monitor and filters do not fire while planning or taking back", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        git("branch", "other")
        const marker = join(place.folder, "fired")
        const trap = join(place.folder, "trap")
        fs.writeFileSync(trap, `#!/bin/sh\necho "$0 $@" >> ${marker}\ncat\n`)
        fs.chmodSync(trap, 0o755)
        for (const hook of ["post-checkout", "reference-transaction", "post-index-change", "pre-commit"]) {
          fs.copyFileSync(trap, join(place.workspace, ".git/hooks", hook))
          fs.chmodSync(join(place.workspace, ".git/hooks", hook), 0o755)
        }
        fs.appendFileSync(
          join(place.workspace, ".git/config"),
          `[core]\n\tfsmonitor = ${trap}\n[filter "t"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n[diff "t"]\n\ttextconv = ${trap}\n\tcommand = ${trap}\n`,
        )
        fs.writeFileSync(join(place.workspace, ".gitattributes"), "* filter=t diff=t\n")
        const planned = yield* plan("git", { operation: "branch-switch", name: "other" })
        yield* plan("git", { operation: "stash-push", includeUntracked: true })
        const result = yield* planned.run
        yield* undoOf(place, planned, result)
        assert.isFalse(fs.existsSync(marker))
      }),
    ),
  )

  it.live("works in a linked worktree", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        const main = join(place.home, "main")
        fs.mkdirSync(main)
        gitIn(main, place.home, "init", "-q", "-b", "main")
        fs.writeFileSync(join(main, "a"), "1\n")
        gitIn(main, place.home, "add", "a")
        gitIn(main, place.home, "commit", "-qm", "one")
        fs.rmdirSync(place.workspace)
        gitIn(main, place.home, "worktree", "add", "-q", "-b", "linked", place.workspace)
        const git = (...args: ReadonlyArray<string>) => gitIn(place.workspace, place.home, ...args)
        const state = () => [
          git("rev-parse", "HEAD"),
          git("ls-files", "--stage"),
          git("status", "--porcelain"),
        ]
        fs.writeFileSync(join(place.workspace, "b"), "2\n")
        git("add", "b")
        const before = state()
        const planned = yield* tools.plan("git", { operation: "commit", message: "two" })
        const result = yield* ran(planned)
        assert.notDeepEqual(state(), before)
        yield* undoOf(place, planned, result)
        assert.deepStrictEqual(state(), before)
      }),
    ),
  )

  it.live("removes a stale lock, not a fresh one nor one that is held", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place, plan } = tools
        const git = repository(place)
        yield* committed(place, git, { a: "1\n" })
        const lock = join(place.workspace, ".git/index.lock")
        const input = { operation: "remove-stale-lock" }
        assert.match((yield* Effect.flip(plan("git", input))).message, /gone already/)
        fs.writeFileSync(lock, "")
        assert.match((yield* Effect.flip(plan("git", input))).message, /seconds old/)
        fs.utimesSync(lock, 1_700_000_000, 1_700_000_000)
        const held = fs.openSync(lock, "r")
        assert.match((yield* Effect.flip(plan("git", input))).message, /at work/)
        fs.closeSync(held)
        const planned = yield* plan("git", input)
        const result = yield* ran(planned)
        assert.isFalse(fs.existsSync(lock))
        git("add", ".")
        yield* undoOf(place, planned, result)
        assert.isTrue(fs.existsSync(lock))
      }),
    ),
  )
})
