/** The typed git operations where a repository is no plain one: unborn, detached, of SHA-256, with submodules, a worktree. */
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { put } from "./sandboxFixture.ts"
import { undoOf, withTools } from "./toolFixture.ts"
import { answer, failed, gitIn, type Git, repository, rows, run, thereAndBack } from "./gitOperationWorld.ts"

describe("repositories of every kind", () => {
  it.live("one without a commit", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        gitIn(place.workspace, place.home, "init", "-q", "-b", "main")
        yield* Effect.promise(() => put(place, { a: "1\n" }))
        const status = yield* answer(tools, { operation: "status" })
        assert.deepInclude(status, { branch: "main", commit: null })
        for (const operation of ["log", "show", "stash-push"])
          assert.strictEqual((yield* failed(tools, { operation }))["code"], "unborn")
        const missing = yield* failed(tools, { operation: "branch-switch", name: "main" })
        assert.strictEqual(missing["code"], "no-such-branch")
        gitIn(place.workspace, place.home, "add", "a")
        yield* thereAndBack(tools, { operation: "commit", message: "first" })
      }),
    ),
  )

  it.live("one with a detached HEAD, and one of SHA-256", () =>
    Effect.forEach([[], ["--object-format=sha256"]], (init) =>
      withTools((tools) =>
        Effect.gen(function* () {
          const git = yield* repository(tools, ...init)
          git("checkout", "-q", "--detach")
          const status = yield* answer(tools, { operation: "status" })
          assert.isNull(status["branch"])
          assert.lengthOf(String(status["commit"]), init.length === 0 ? 40 : 64)
          yield* Effect.promise(() => put(tools.place, { a: "detached\n" }))
          git("add", "a")
          yield* thereAndBack(tools, { operation: "commit", message: "nowhere" })
          yield* thereAndBack(tools, { operation: "branch-create", name: "kept", switch: true })
          const log = yield* answer(tools, { operation: "log" })
          assert.lengthOf(rows(log, "commits"), 2)
        }),
      ),
    ),
  )

  it.live("one with a submodule, whose own repository is left alone and said to be", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        const git = yield* repository(tools)
        const inner = join(place.folder, "inner")
        fs.mkdirSync(inner)
        gitIn(inner, place.home, "init", "-q", "-b", "main")
        fs.writeFileSync(join(inner, "x"), "1\n")
        gitIn(inner, place.home, "add", "x")
        gitIn(inner, place.home, "commit", "-qm", "inner")
        git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "sub")
        git("commit", "-qm", "with a submodule")
        yield* thereAndBack(tools, { operation: "merge-start", name: "apart", how: "no-ff" })
        yield* Effect.promise(() => put(place, { "sub/x": "2\n", a: "2\n" }))
        const status = yield* answer(tools, { operation: "status" })
        assert.deepInclude(rows(status, "entries"), {
          path: "sub",
          staged: ".",
          worktree: "M",
          submodule: true,
        })
        yield* thereAndBack(tools, { operation: "stash-push" })
        const plan = yield* tools.plan(
          "bash",
          { command: "true" },
          {
            permits: { write: [place.workspace], network: false, hosts: [], shell: true, unsandboxed: false },
          },
        )
        assert.match(plan.undo.reason ?? "", /not in sub\/\.git/)
      }),
    ),
  )

  it.live("a linked worktree, beside which the main one goes on", () =>
    withTools((tools) =>
      Effect.gen(function* () {
        const { place } = tools
        const main = join(place.home, "main")
        fs.mkdirSync(main)
        const there: Git = (...args) => gitIn(main, place.home, ...args)
        there("init", "-q", "-b", "main")
        fs.writeFileSync(join(main, "a"), "1\n")
        there("add", "a")
        there("commit", "-qm", "one")
        there("branch", "other")
        fs.rmdirSync(place.workspace)
        there("worktree", "add", "-q", "-b", "linked", place.workspace)
        const here: Git = (...args) => gitIn(place.workspace, place.home, ...args)
        const state = () => [
          here("rev-parse", "HEAD"),
          here("reflog"),
          here("ls-files", "--stage"),
          there("for-each-ref"),
        ]
        fs.writeFileSync(join(place.workspace, "b"), "2\n")
        here("add", "b")
        const before = state()
        const plan = yield* tools.plan("git", { operation: "commit", message: "two" })
        const result = yield* run(plan, true)
        fs.writeFileSync(join(main, "c"), "3\n")
        there("add", "c")
        there("commit", "-qm", "meanwhile, in the main one")
        yield* undoOf(place, plan, result)
        assert.deepStrictEqual(state().slice(0, 3), before.slice(0, 3))
        assert.strictEqual(there("log", "-1", "--format=%s").trim(), "meanwhile, in the main one")
        const used = yield* failed(tools, { operation: "branch-switch", name: "main" })
        assert.strictEqual(used["code"], "checked-out")
      }),
    ),
  )
})
