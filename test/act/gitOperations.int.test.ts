/** The typed git operations on real repositories: what they answer, what each changes and that undo brings it back, how they fail. */
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { put } from "./sandboxFixture.ts"
import { withTools } from "./toolFixture.ts"
import { differences, factsOf } from "./undo/facts.ts"
import { answer, failed, named, repository, row, rows, run, thereAndBack } from "./gitOperationWorld.ts"

describe("git operations that read", () => {
  it.live("answer in records", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const git = yield* repository(tools)
        const head = git("rev-parse", "HEAD").trim()
        yield* Effect.promise(() => put(tools.place, { a: "1\nchanged\n3\n", "ünï x": "new\n", "-f": "1\n" }))
        git("add", "--", "-f")
        git("stash", "push", "-q", "-m", "kept", "--", "a")
        yield* Effect.promise(() => put(tools.place, { a: "1\nagain\n3\n" }))
        const before = factsOf(tools.place.workspace)
        const index = fs.readFileSync(join(tools.place.workspace, ".git/index"))

        const status = yield* answer(tools, { operation: "status" })
        assert.deepInclude(status, { branch: "main", commit: head, upstream: null, stashes: 1, clean: false })
        assert.deepStrictEqual(status["entries"], [
          { path: "-f", staged: "A", worktree: "." },
          { path: "a", staged: ".", worktree: "M" },
          { path: "ünï x", staged: "?", worktree: "?" },
        ])
        const only = yield* answer(tools, { operation: "status", paths: ["-f"], untracked: "none" })
        assert.lengthOf(rows(only, "entries"), 1)

        const diff = yield* answer(tools, { operation: "diff" })
        assert.deepStrictEqual(diff["files"], [{ path: "a", kind: "changed", added: 1, removed: 1 }])
        assert.include(String(diff["patch"]), "-main\n+again")
        const staged = yield* answer(tools, { operation: "diff", staged: true })
        assert.deepStrictEqual(staged["files"], [{ path: "-f", kind: "added", added: 1, removed: 0 }])
        const range = yield* answer(tools, { operation: "diff", revision: "main..apart", context: 0 })
        assert.sameMembers(
          rows(range, "files").map(({ kind, path }) => `${String(kind)} ${String(path)}`),
          ["changed a", "added b", "deleted dir/only"],
        )

        const log = yield* answer(tools, { operation: "log", limit: 1 })
        assert.lengthOf(rows(log, "commits"), 1)
        assert.deepInclude(rows(log, "commits")[0], {
          commit: head,
          author: "Dev",
          subject: "main's",
          body: "",
        })
        assert.lengthOf(rows(log, "commits")[0]?.["parents"] as ReadonlyArray<string>, 1)
        const found = yield* answer(tools, { operation: "log", all: true, grep: "apart" })
        assert.deepStrictEqual(
          rows(found, "commits").map(({ subject }) => subject),
          ["apart"],
        )
        const show = yield* answer(tools, { operation: "show", revision: "v1" })
        assert.strictEqual(row(show, "commit")["subject"], "one")
        assert.lengthOf(rows(show, "files"), 2)
        const blame = yield* answer(tools, {
          operation: "blame",
          path: "a",
          revision: "HEAD",
          from: 2,
          to: 3,
        })
        assert.deepStrictEqual(
          rows(blame, "lines").map(({ line, subject, text }) => [line, text, subject]),
          [
            [2, "main", "main's"],
            [3, "3", "one"],
          ],
        )
        const branches = yield* answer(tools, { operation: "branch-list" })
        assert.sameMembers(
          rows(branches, "branches").map(({ current, name }) =>
            current === true ? `*${String(name)}` : name,
          ),
          ["*main", "other", "apart"],
        )
        const tags = yield* answer(tools, { operation: "tag-list" })
        assert.deepInclude(rows(tags, "tags")[0], { name: "v1", annotated: true, subject: "a tag" })
        const stashes = yield* answer(tools, { operation: "stash-list" })
        assert.deepInclude(rows(stashes, "stashes")[0], { index: 0, subject: "On main: kept" })

        assert.deepStrictEqual(differences(before, factsOf(tools.place.workspace)), [])
        assert.isTrue(
          fs.readFileSync(join(tools.place.workspace, ".git/index")).equals(index),
          "not even refreshed",
        )
      }),
    ),
  )

  it.live("run nothing of the repository's that would reach out, and take no option for a name", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const git = yield* repository(tools)
        const marker = join(tools.place.folder, "fired")
        const trap = join(tools.place.workspace, "trap")
        fs.writeFileSync(
          trap,
          `#!/bin/sh\necho x >> ${marker}\ntouch ${join(tools.place.workspace, "made")}\ncat\n`,
        )
        fs.chmodSync(trap, 0o755)
        for (const key of [
          "core.fsmonitor",
          "diff.external",
          "diff.t.textconv",
          "diff.t.command",
          "core.pager",
        ])
          git("config", key, trap)
        git("config", "log.showSignature", "true")
        fs.writeFileSync(join(tools.place.workspace, ".gitattributes"), "* diff=t\n")
        for (const input of [
          { operation: "status" },
          { operation: "diff" },
          { operation: "log" },
          { operation: "show" },
          { operation: "blame", path: "a" },
        ])
          yield* answer(tools, input)
        assert.isFalse(fs.existsSync(marker))
        assert.isFalse(fs.existsSync(join(tools.place.workspace, "made")))
        for (const input of [
          { operation: "show", revision: "--output=x" },
          { operation: "diff", revision: "HEAD:.env" },
          { operation: "log", revision: "-n1" },
          { operation: "show", revision: "main^{/x}" },
          { operation: "log", limit: 0 },
          { operation: "merge-start", name: "-s" },
          { operation: "rebase-start", upstream: "main", exec: "id" },
        ])
          assert.strictEqual(
            (yield* Effect.flip(tools.plan("git", input))).reason,
            "input",
            JSON.stringify(input),
          )
      }),
    ),
  )
})

describe("git operations that change", () => {
  it.live(
    "merge, rebase, pick, revert, tag and delete, and each is taken back to the byte",
    () =>
      withTools((tools) =>
        Effect.gen(function* () {
          const git = yield* repository(tools)
          yield* Effect.promise(() => put(tools.place, { untracked: "mine\n" }))
          yield* thereAndBack(tools, { operation: "merge-start", name: "apart", how: "no-ff" })
          yield* thereAndBack(tools, { operation: "merge-start", name: "apart", how: "squash" })
          yield* thereAndBack(tools, { operation: "rebase-start", upstream: "apart" })
          yield* thereAndBack(tools, { operation: "cherry-pick-start", commits: ["apart"] })
          yield* thereAndBack(tools, { operation: "revert-start", commits: ["HEAD", "HEAD~1"] })
          yield* thereAndBack(tools, { operation: "branch-switch", name: "apart" })
          yield* thereAndBack(tools, { operation: "branch-delete", name: "other", unmerged: true })
          yield* thereAndBack(tools, { operation: "tag-create", name: "v2", message: "--note", at: "other" })
          yield* thereAndBack(tools, { operation: "tag-delete", name: "v1" })
          yield* thereAndBack(tools, { operation: "restore", paths: ["a"], source: "v1", staged: true })
          yield* Effect.promise(() => put(tools.place, { a: "stashed\n" }))
          git("stash", "-q")
          yield* thereAndBack(tools, { operation: "stash-drop" })
          yield* thereAndBack(tools, { operation: "stash-pop", index: 0 })
          git("fsck", "--no-dangling")
        }),
      ),
    60_000,
  )

  it.live(
    "that stop in a conflict name the files and what comes next, and are taken back, continued or left",
    () =>
      withTools((tools) =>
        Effect.gen(function* () {
          const git = yield* repository(tools)
          for (const [input, what] of [
            [{ operation: "merge-start", name: "other" }, "merge"],
            [{ operation: "rebase-start", upstream: "other" }, "rebase"],
            [{ operation: "cherry-pick-start", commits: ["other"] }, "cherry-pick"],
          ] as const) {
            const result = yield* thereAndBack(tools, input, false)
            const line = result.output.head.trimEnd().split("\n").at(-1)
            const failure = named(line ?? "")
            assert.strictEqual(failure["code"], "conflict")
            assert.deepStrictEqual(failure["files"], ["a"])
            assert.includeMembers(failure["next"] as Array<string>, [`${what}-continue`, `${what}-abort`])
          }
          yield* run(yield* tools.plan("git", { operation: "rebase-start", upstream: "other" }), false)
          const early = yield* failed(tools, { operation: "rebase-continue" })
          assert.strictEqual(early["code"], "conflict")
          const again = yield* failed(tools, { operation: "merge-start", name: "apart" })
          assert.strictEqual(again["code"], "operation-under-way")
          yield* thereAndBack(tools, { operation: "rebase-abort" })
          yield* thereAndBack(tools, { operation: "rebase-skip" })
          yield* Effect.promise(() => put(tools.place, { a: "1\nboth\n3\n" }))
          git("add", "a")
          yield* thereAndBack(tools, { operation: "rebase-continue" })
          yield* run(yield* tools.plan("git", { operation: "rebase-continue" }), true)
          assert.strictEqual(git("log", "-1", "--format=%s").trim(), "main's")
        }),
      ),
    60_000,
  )

  it.live("fail with a code and what to do about it", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const git = yield* repository(tools)
        const code = (input: Record<string, unknown>) =>
          Effect.map(failed(tools, input), (one) => one["code"])
        assert.strictEqual(yield* code({ operation: "commit", message: "x" }), "nothing-to-commit")
        assert.strictEqual(yield* code({ operation: "branch-create", name: "other" }), "exists")
        assert.strictEqual(yield* code({ operation: "branch-switch", name: "nowhere" }), "no-such-branch")
        assert.strictEqual(yield* code({ operation: "branch-delete", name: "other" }), "not-merged")
        assert.strictEqual(yield* code({ operation: "branch-delete", name: "main" }), "checked-out")
        assert.strictEqual(yield* code({ operation: "log", revision: "nowhere" }), "no-such-revision")
        assert.strictEqual(yield* code({ operation: "merge-start", name: "nowhere" }), "no-such-revision")
        assert.strictEqual(
          yield* code({ operation: "merge-start", name: "other", how: "ff-only" }),
          "not-fast-forward",
        )
        assert.strictEqual(yield* code({ operation: "stash-pop" }), "no-stash")
        assert.strictEqual(yield* code({ operation: "merge-abort" }), "no-operation")
        assert.strictEqual(yield* code({ operation: "stage", paths: ["nowhere"] }), "no-such-path")
        yield* Effect.promise(() => put(tools.place, { a: "mine\n" }))
        const dirty = yield* failed(tools, { operation: "branch-switch", name: "other" })
        assert.deepStrictEqual([dirty["code"], dirty["files"]], ["dirty-tree", ["a"]])
        assert.strictEqual(fs.readFileSync(join(tools.place.workspace, "a"), "utf8"), "mine\n")
        assert.strictEqual(yield* code({ operation: "rebase-start", upstream: "apart" }), "dirty-tree")
        fs.writeFileSync(join(tools.place.workspace, ".git/index.lock"), "")
        assert.strictEqual(yield* code({ operation: "stage", paths: ["a"] }), "locked")
        git("rev-parse", "HEAD")
      }),
    ),
  )

  it.live("say which hooks they would run, and what those change comes back too", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        yield* repository(tools)
        const hook = join(tools.place.workspace, ".git/hooks/pre-commit")
        fs.mkdirSync(join(hook, ".."), { recursive: true })
        fs.writeFileSync(hook, "#!/bin/sh\necho formatted > dir/only; echo made > by-hook\n")
        fs.chmodSync(hook, 0o755)
        yield* Effect.promise(() => put(tools.place, { c: "1\n" }))
        yield* run(yield* tools.plan("git", { operation: "stage", paths: ["c"] }), true)
        const plan = yield* tools.plan("git", { operation: "commit", message: "two" })
        assert.match(plan.summary, /runs the repository's pre-commit in the sandbox/)
        const result = yield* thereAndBack(tools, { operation: "commit", message: "two" })
        assert.include(
          result.after.map(({ path }) => path),
          join(tools.place.workspace, "by-hook"),
        )
        fs.writeFileSync(hook, "#!/bin/sh\necho no >&2\nexit 1\n")
        const no = yield* failed(tools, { operation: "commit", message: "two" })
        assert.notStrictEqual(no["code"], "nothing-to-commit")
      }),
    ),
  )
})
