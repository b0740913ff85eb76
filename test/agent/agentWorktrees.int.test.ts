/** Children that write: in a worktree of their own, over real git, and what becomes of their patches. */
import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { makeTree } from "../../src/agent/agents/worktrees.ts"
import type { PayloadOf } from "../../src/domain/event.ts"
import { place } from "../loop/loopWorld.ts"
import { awaitEvent, byTask, child, git, promptText, repository } from "./agentStory.ts"
import { talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"

describe("a child that writes", () => {
  /** A child that makes the `one` of a.txt a `two`. */
  const changing = () =>
    byTask({
      "make it two": [
        calls(
          call("p1", "apply_patch", {
            patch: "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n",
          }),
        ),
        say("it is two"),
      ],
      Change: [calls(child("t1", "make it two", { subagent_type: "general" })), say("offered")],
    })

  it.live("works in a worktree; its changes wait as a patch that is taken and undone", () =>
    Effect.gen(function* () {
      const at = yield* place
      repository(at, { "a.txt": "one\n", "b.txt": "kept\n" })
      at.write("b.txt", "not committed\n")
      const world = yield* talk(at, changing())
      const session = yield* world.open()
      yield* world.say(session, "Change")
      const ended = yield* awaitEvent(world, "agent.succeeded")
      const [row] = Object.values(yield* world.log.agents)
      assert.strictEqual(git(row!.tree!.path, "show", `${row!.tree!.base}:b.txt`), "not committed\n")
      // what it writes there asks nobody, by a rule that the log names
      assert.lengthOf(yield* world.loop.events("agent.waiting"), 0)
      const [spoken] = (yield* world.loop.events("policy.verdict")).filter(
        ({ payload }) => (payload as PayloadOf<"policy.verdict">).call.tool === "apply_patch",
      )
      const { verdict } = spoken!.payload as PayloadOf<"policy.verdict">
      assert.strictEqual(verdict.verdict, "allow")
      assert.include(
        verdict.matched.map(({ rule }) => rule),
        "own-worktree",
      )
      const { patch: request } = ended.payload as { readonly patch: string }
      yield* Effect.orDie(world.sessions.rested(session, 0))
      const offered = yield* world.loop.rowWhen(
        request,
        (one) => one !== undefined && one.state === "pending",
      )
      assert.strictEqual(at.read("a.txt"), "one\n")
      assert.strictEqual(offered.workspace, at.workspace)
      assert.include(JSON.stringify(offered.proposed), "+two")
      assert.notInclude(JSON.stringify(offered.proposed), "b.txt")
      yield* world.loop.approve(request)
      yield* awaitEvent(
        world,
        "agent.tree",
        (event) => (event.payload as { readonly state: string }).state === "removed",
      )
      assert.strictEqual(at.read("a.txt"), "two\n")
      assert.strictEqual(git(at.workspace, "worktree", "list").trim().split("\n").length, 1)
      assert.strictEqual(git(at.workspace, "branch", "--list", "claw/*"), "")
      const undone = yield* world.hands.undo([request], "cli")
      assert.lengthOf(undone.undone, 1)
      assert.strictEqual(at.read("a.txt"), "one\n")
      assert.strictEqual(at.read("b.txt"), "not committed\n")
    }).pipe(Effect.scoped),
  )

  it.live("keeps its worktree where its changes were not taken, until it is discarded", () =>
    Effect.gen(function* () {
      const at = yield* place
      repository(at, { "a.txt": "one\n" })
      const world = yield* talk(at, changing())
      const session = yield* world.open()
      yield* world.say(session, "Change")
      const ended = yield* awaitEvent(world, "agent.succeeded")
      const { agent, patch: request } = ended.payload as { readonly agent: string; readonly patch: string }
      yield* world.loop.rowWhen(request, (one) => one !== undefined && one.state === "pending")
      yield* world.loop.answers.reject(request, "no", "cli")
      yield* awaitEvent(
        world,
        "agent.tree",
        (event) => (event.payload as { readonly state: string }).state === "kept",
      )
      const { tree } = (yield* world.log.agents)[agent]!
      assert.strictEqual(git(tree!.path, "diff", "--cached", "--stat", tree!.base).includes("a.txt"), true)
      yield* Effect.orDie(world.agents.discard(agent))
      assert.strictEqual(git(at.workspace, "worktree", "list").trim().split("\n").length, 1)
      assert.deepStrictEqual(yield* world.agents.strays, [])
    }).pipe(Effect.scoped),
  )

  it.live("finds what its parent's workspace has installed, and cannot change it", () =>
    Effect.gen(function* () {
      const at = yield* place
      mkdirSync(join(at.workspace, "packages/own"), { recursive: true })
      mkdirSync(join(at.workspace, "vendor"))
      repository(at, {
        ".gitignore": "node_modules/\n",
        "packages/own/index.js": "module.exports = 'committed'\n",
        "vendor/kept.js": "",
      })
      const installed = join(at.workspace, "node_modules")
      mkdirSync(join(installed, "@app"), { recursive: true })
      mkdirSync(join(installed, "dep"))
      mkdirSync(join(installed, ".cache"))
      writeFileSync(join(installed, "dep/index.js"), "module.exports = 'installed'\n")
      symlinkSync("../../packages/own", join(installed, "@app/own"))
      const tried = [
        "node -e \"console.log(require('dep'), require('@app/own'))\"",
        "node -e \"require('fs').writeFileSync(require.resolve('dep'), 'changed')\"",
        "mkdir node_modules/.cache && echo mine > node_modules/.cache/x && cat node_modules/.cache/x",
      ]
      const world = yield* talk(
        at,
        byTask({
          "use it": [
            ...tried.map((command, n) => calls(call(`b${n}`, "bash", { command }))),
            calls(call("w1", "write_file", { path: "node_modules/dep/index.js", content: "changed" })),
            calls(call("w2", "write_file", { path: "done.txt", content: "done\n" })),
            say("used"),
          ],
          Use: [calls(child("t1", "use it", { subagent_type: "general" })), say("used")],
        }),
        memoryBackend(),
        { sandboxed: true },
      )
      const session = yield* world.open()
      yield* world.say(session, "Use")
      for (const command of tried) {
        const asked = yield* awaitEvent(world, "tool.requested", (event) =>
          JSON.stringify(event.payload).includes(JSON.stringify(command).slice(1, -1)),
        )
        yield* world.loop.rowWhen(asked.correlationId!, (one) => one !== undefined && one.state === "pending")
        yield* world.loop.approve(asked.correlationId!)
      }
      yield* awaitEvent(world, "agent.succeeded")
      const results = JSON.stringify(
        (yield* world.loop.events("tool.finished")).map(({ payload }) => payload as unknown),
      )
      const heard = world.asked.map(promptText).join("\n")
      assert.include(heard, "installed committed", results)
      assert.include(heard, "mine")
      assert.include(heard, "EROFS")
      assert.include(heard, "outside the workspace")
      assert.strictEqual(
        readFileSync(join(installed, "dep/index.js"), "utf8"),
        "module.exports = 'installed'\n",
      )
      assert.lengthOf(readdirSync(join(installed, ".cache")), 0)
      // and nothing of it is a change of the child's
      const [row] = Object.values(yield* world.log.agents)
      assert.deepStrictEqual(row!.tree!.links, [installed])
      const patched = yield* world.loop.rowWhen(
        row!.patch!,
        (one) => one !== undefined && one.state === "pending",
      )
      assert.include(JSON.stringify(patched.proposed), "done.txt")
      assert.notInclude(JSON.stringify(patched.proposed), "node_modules")
    }).pipe(Effect.scoped),
  )

  it.live(
    "leaves worktrees behind that are tidied where nothing is lost by it, and told of where something is",
    () =>
      Effect.gen(function* () {
        const at = yield* place
        repository(at, { "a.txt": "one\n", ".gitignore": "dist/\n" })
        const world = yield* talk(at, byTask({}), memoryBackend(), { working: false })
        const folder = join(at.home, "worktrees")
        const made = (n: number) =>
          Effect.orDie(makeTree(folder, at.workspace, `c_${String(n).padStart(16, "0")}`, []))
        const clean = yield* made(1)
        mkdirSync(join(clean.path, "dist"))
        writeFileSync(join(clean.path, "dist", "app.js"), "built")
        const written = yield* made(2)
        writeFileSync(join(written.path, "new.txt"), "new\n")
        const committed = yield* made(3)
        writeFileSync(join(committed.path, "a.txt"), "two\n")
        git(committed.path, "commit", "-qam", "two")
        const elsewhere = yield* made(4)
        git(elsewhere.path, "switch", "-q", "-c", "mine")
        mkdirSync(join(folder, "c_0000000000000005"))
        mkdirSync(join(folder, "c_0000000000000006"))
        writeFileSync(join(folder, "c_0000000000000006", "notes.txt"), "mine")
        assert.lengthOf(yield* world.agents.strays, 6)
        const { kept, removed } = yield* world.agents.tidy
        assert.deepStrictEqual(removed, [clean.path, join(folder, "c_0000000000000005")])
        assert.deepStrictEqual(
          kept.map(({ path, why }) => [path.slice(-1), why]),
          [
            ["2", "it holds changes to 1 file"],
            ["3", "it holds changes to 1 file"],
            ["4", "it is not on the branch it was made with"],
            ["6", "it holds files and is no worktree of git's"],
          ],
        )
        assert.strictEqual(git(at.workspace, "branch", "--list", clean.branch), "")
        assert.notStrictEqual(git(at.workspace, "branch", "--list", written.branch), "")
        assert.strictEqual(readFileSync(join(written.path, "new.txt"), "utf8"), "new\n")
        rmSync(join(at.workspace, ".git"), { recursive: true })
        const after = yield* world.agents.tidy
        assert.deepStrictEqual(after.removed, [])
        assert.include(
          after.kept.map(({ why }) => why),
          "the repository it belonged to is gone",
        )
      }).pipe(Effect.scoped),
  )
})
