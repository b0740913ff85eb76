/** Children of conversations over the real gate, queue, tools and git: side by side, denied, bounded, stopped, cut off. */
import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Deferred, Effect, Schedule } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { makeTree } from "../../src/agent/agents/worktrees.ts"
import { draft, type PayloadOf } from "../../src/domain/event.ts"
import { place } from "../loop/loopWorld.ts"
import { awaitEvent, byTask, git, promptText, repository } from "./agentStory.ts"
import { type Talk, talk } from "./agentWorld.ts"
import { call, calls, say } from "./ScriptedModels.ts"

const child = (id: string, prompt: string, more: Readonly<Record<string, unknown>> = {}) =>
  call(id, "Agent", { description: prompt, prompt, subagent_type: "explore", ...more })

const firstWord = ({ sessions }: Talk, session: string) =>
  Effect.map(
    Effect.orDie(sessions.transcript(session)),
    ({ entries }) => entries.find(({ _tag }) => _tag === "said")!.seq,
  )

describe("children of a conversation", () => {
  it.live("work side by side, and their answers are results", () =>
    Effect.gen(function* () {
      const at = yield* place
      const both = yield* Deferred.make<void>()
      let begun = 0
      const meet = Effect.suspend(() =>
        ++begun === 2 ? Deferred.succeed(both, undefined) : Deferred.await(both),
      )
      const world = yield* talk(
        at,
        byTask({
          "look left": [{ ...say("a door"), before: meet }],
          "look right": [{ ...say("a window"), before: meet }],
          "Look around": [
            calls(child("t1", "look left"), child("t2", "look right")),
            say("A door and a window."),
          ],
        }),
      )
      const session = yield* world.open()
      const rested = yield* world.ask(session, "Look around")
      assert.strictEqual(rested.reason, "completed")
      const last = world.asked.at(-1)!
      assert.include(promptText(last), "a door")
      assert.include(promptText(last), "a window")
      const rows = Object.values(yield* world.log.agents)
      assert.deepStrictEqual(
        rows.map(({ depth, state, type }) => [type, state, depth]),
        [
          ["explore", "succeeded", 1],
          ["explore", "succeeded", 1],
        ],
      )
      // what a child may use is what its kind says, and a parent is shown the board from its first child on
      const own = world.asked
        .find(({ purpose }) => purpose === "agent")!
        .request.tools.map(({ name }) => name)
      assert.includeMembers(own, ["read_file", "git", "board_write"])
      assert.notIncludeMembers(own, ["write_file"])
      assert.notIncludeMembers(own, ["Agent"])
      assert.includeMembers(
        last.request.tools.map(({ name }) => name),
        ["board_read", "board_write", "agent_send"],
      )
      const spent = yield* world.log.spent(session)
      assert.closeTo(spent.usd, 0.04, 1e-9)
    }).pipe(Effect.scoped),
  )

  it.live("ask in the same queue by name; a no leaves the child alive", () =>
    Effect.gen(function* () {
      const at = yield* place
      const world = yield* talk(
        at,
        byTask({
          "check it": [
            calls(call("b1", "bash", { command: "npm test" })),
            say("nobody let me run the tests"),
          ],
          Verify: [calls(child("t1", "check it", { subagent_type: "verify" })), say("unverified")],
        }),
      )
      const session = yield* world.open()
      yield* world.say(session, "Verify")
      const waiting = yield* awaitEvent(world, "agent.waiting")
      const [row] = Object.values(yield* world.log.agents)
      assert.strictEqual(row!.state, "waiting")
      const [id] = row!.on
      const asked = yield* world.loop.row(id!)
      assert.include(asked.title, 'agent "check it"')
      const [requested] = (yield* world.loop.events("tool.requested")).filter(
        ({ correlationId }) => correlationId === id,
      )
      assert.strictEqual(requested!.actor, "agent:verify")
      yield* world.loop.answers.reject(id!, "not now", "cli")
      const ended = yield* awaitEvent(world, "agent.succeeded")
      assert.isAbove(ended.seq, waiting.seq)
      yield* Effect.orDie(world.sessions.rested(session, 0))
      assert.include(promptText(world.asked.at(-1)!), "nobody let me run the tests")
    }).pipe(Effect.scoped),
  )

  it.live("share what their parent has left, and may no more than it", () =>
    Effect.gen(function* () {
      const at = yield* place
      const both = yield* Deferred.make<void>()
      const world = yield* talk(
        at,
        byTask({
          one: [{ ...say("1"), before: Deferred.await(both) }],
          two: [{ ...say("2"), before: Deferred.await(both) }],
          Split: [calls(child("t1", "one"), child("t2", "two")), say("done")],
        }),
      )
      const session = yield* world.open({
        limits: { usd: 1.01, tokens: 1_000_000, ms: 60_000 },
        tools: ["Agent", "read_file"],
      })
      const word = yield* world.say(session, "Split")
      yield* awaitEvent(world, "agent.queued")
      yield* Effect.repeat(world.loop.events("agent.queued"), {
        until: (events) => events.length === 2,
        schedule: Schedule.spaced("5 millis"),
      })
      yield* Deferred.succeed(both, undefined)
      yield* Effect.orDie(world.sessions.rested(session, word))
      const queued = (yield* world.loop.events("agent.queued")).map(
        ({ payload }) => payload as never,
      ) as ReadonlyArray<{
        readonly limits: { readonly usd: number; readonly ms: number; readonly tokens: number }
        readonly tools: ReadonlyArray<string>
      }>
      assert.lengthOf(queued, 2)
      for (const { limits, tools } of queued) {
        assert.closeTo(limits.usd, 0.5, 0.011)
        assert.isAtMost(limits.ms, 60_000)
        assert.deepStrictEqual(tools, ["read_file"])
      }
      assert.isAtMost(
        queued.reduce((sum, { limits }) => sum + limits.tokens, 0),
        1_000_000,
      )
    }).pipe(Effect.scoped),
  )

  it.live("go no deeper than the settings say, and no more at once", () =>
    Effect.gen(function* () {
      const at = yield* place
      const deeper = (n: number) => child(`t${n}`, `level ${n}`, { subagent_type: "general" })
      const world = yield* talk(
        at,
        byTask({
          "level 4": [say("too deep")],
          "level 3": [calls(deeper(4)), say("three")],
          "level 2": [calls(deeper(3)), say("two")],
          "level 1": [calls(deeper(2)), say("one")],
          Down: [calls(deeper(1)), say("up again")],
        }),
        memoryBackend(),
        { concurrent: 1 },
      )
      const session = yield* world.open()
      const rested = yield* world.ask(session, "Down")
      assert.strictEqual(rested.reason, "completed")
      const rows = Object.values(yield* world.log.agents)
      assert.deepStrictEqual(
        rows.map(({ depth, readsOnly, state }) => [depth, state, readsOnly]),
        [
          [1, "succeeded", "the workspace is not a git repository"],
          [2, "succeeded", null],
          [3, "succeeded", null],
        ],
      )
      assert.include(world.asked.map(promptText).join(), "agents go 3 deep")
      assert.include(
        world.asked.map(promptText).join(),
        "You can only read here, because the workspace is not a git repository",
      )
    }).pipe(Effect.scoped),
  )

  it.live("are stopped with their parent's turn, those in the background by name", () =>
    Effect.gen(function* () {
      const at = yield* place
      const world = yield* talk(
        at,
        byTask({
          front: [{ ...say("never"), before: Effect.never }],
          back: [{ ...say("never"), before: Effect.never }],
          Both: [calls(child("t1", "back", { run_in_background: true }), child("t2", "front"))],
        }),
      )
      const session = yield* world.open()
      yield* world.say(session, "Both")
      const isOf = (title: string) => (event: { readonly payload: unknown }) =>
        (event.payload as { readonly title: string }).title === title
      const front = (yield* awaitEvent(world, "agent.queued", isOf("front"))).correlationId!
      const back = (yield* awaitEvent(world, "agent.queued", isOf("back"))).correlationId!
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId === front)
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId === back)
      yield* Effect.orDie(world.sessions.stop(session, "cli"))
      yield* awaitEvent(world, "agent.cancelled", (event) => event.correlationId === front)
      assert.strictEqual((yield* world.log.agents)[back]!.state, "running")
      assert.deepStrictEqual(yield* Effect.orDie(world.agents.stop(back, "cli")), [back])
      yield* awaitEvent(world, "agent.cancelled", (event) => event.correlationId === back)
    }).pipe(Effect.scoped),
  )

  it.live("in the background wake their parent when they end, and hear words meanwhile", () =>
    Effect.gen(function* () {
      const at = yield* place
      const told = yield* Deferred.make<void>()
      const begun = yield* Deferred.make<void>()
      const world = yield* talk(at, (one) => {
        const words = promptText(one)
        if (one.purpose === "agent")
          return words.includes("mind the gap")
            ? say("minded the gap")
            : { ...calls(call("g1", "glob_search", { pattern: "*" })), before: Deferred.await(told) }
        if (words.includes("minded the gap")) return say("It came back.")
        const [id] = /c_[0-9a-f]{16}(?= works in the background)/.exec(words) ?? []
        if (id === undefined) return calls(child("t1", "go", { run_in_background: true }))
        return words.includes("was told")
          ? say("Sent.")
          : {
              ...calls(call("t2", "agent_send", { agent: id, message: "mind the gap" })),
              before: Deferred.await(begun),
            }
      })
      const session = yield* world.open()
      const word = yield* world.say(session, "Send one")
      yield* awaitEvent(world, "model.requested", (event) => event.correlationId !== session)
      yield* Deferred.succeed(begun, undefined)
      const sent = yield* Effect.orDie(world.sessions.rested(session, word))
      assert.strictEqual(sent.payload.reason, "completed")
      yield* Deferred.succeed(told, undefined)
      const ended = yield* awaitEvent(world, "agent.succeeded")
      const rested = yield* Effect.orDie(world.sessions.rested(session, ended.seq))
      assert.strictEqual(rested.payload.reason, "completed")
      assert.include(JSON.stringify(world.asked.at(-1)!.request.messages.at(-1)), "minded the gap")
    }).pipe(Effect.scoped),
  )
})

describe("a restart", () => {
  it.live("goes on with two children in the middle; their parent has each result once", () =>
    Effect.gen(function* () {
      const at = yield* place
      at.write("a.txt", "one\n")
      const backend = memoryBackend()
      const script = (stuck: boolean) =>
        byTask({
          "first half": [
            calls(call("r1", "read_file", { path: "a.txt" })),
            { ...say("half one"), before: stuck ? Effect.never : Effect.void },
          ],
          "second half": [{ ...say("half two"), before: stuck ? Effect.never : Effect.void }],
          Halves: [calls(child("t1", "first half"), child("t2", "second half")), say("both")],
        })
      const before = yield* talk(at, script(true), backend)
      const session = yield* before.open()
      const word = yield* before.say(session, "Halves")
      yield* awaitEvent(before, "session.results", (event) => event.correlationId !== session)
      const rows = Object.keys(yield* before.log.agents)
      for (const agent of rows)
        yield* awaitEvent(before, "model.requested", (event) => event.correlationId === agent)
      yield* before.crash
      const after = yield* talk(
        at,
        (one) => {
          const text = promptText(one)
          if (one.purpose === "agent") return say(text.includes("first half") ? "half one" : "half two")
          return say("both")
        },
        backend,
      )
      const rested = yield* Effect.orDie(after.sessions.rested(session, word))
      assert.strictEqual(rested.payload.reason, "completed")
      assert.deepStrictEqual(
        (yield* after.loop.events("agent.succeeded")).map(({ correlationId }) => correlationId).toSorted(),
        rows.toSorted(),
      )
      assert.lengthOf(yield* after.loop.events("agent.queued"), 2)
      const results = (yield* after.loop.events("session.results")).filter(
        ({ correlationId }) => correlationId === session,
      )
      assert.lengthOf(results, 2)
      assert.include(JSON.stringify(results), "half one")
      assert.include(JSON.stringify(results), "half two")
      const reads = (yield* after.loop.events("tool.started")).filter(
        ({ payload }) => (payload as { readonly tool: string }).tool === "read_file",
      )
      assert.lengthOf(reads, 1)
    }).pipe(Effect.scoped),
  )
})

describe("a child that writes", () => {
  const patch = (path: string, from: string, to: string) =>
    `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`

  it.live("works in a worktree; its changes wait as a patch that is taken and undone", () =>
    Effect.gen(function* () {
      const at = yield* place
      repository(at, { "a.txt": "one\n", "b.txt": "kept\n" })
      at.write("b.txt", "not committed\n")
      const world = yield* talk(
        at,
        byTask({
          "make it two": [
            calls(call("p1", "apply_patch", { patch: patch("a.txt", "one", "two") })),
            say("it is two"),
          ],
          Change: [calls(child("t1", "make it two", { subagent_type: "general" })), say("offered")],
        }),
      )
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
      const world = yield* talk(
        at,
        byTask({
          "make it two": [
            calls(call("p1", "apply_patch", { patch: patch("a.txt", "one", "two") })),
            say("it is two"),
          ],
          Change: [calls(child("t1", "make it two", { subagent_type: "general" })), say("offered")],
        }),
      )
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

describe("a kind that came with the workspace", () => {
  const asked = Effect.gen(function* () {
    const at = yield* place
    const text = "---\nname: helper\ntools: Read, Agent, no_such\n---\nObey the file.\n"
    mkdirSync(join(at.workspace, ".claw/agents"), { recursive: true })
    at.write(".claw/agents/helper.md", text)
    const world = yield* talk(
      at,
      byTask({
        "help me": [say("helped")],
        Help: [calls(child("t1", "help me", { subagent_type: "helper" })), say("done")],
      }),
    )
    const session = yield* world.open()
    assert.strictEqual((yield* world.ask(session, "Help")).reason, "completed")
    const [row] = Object.values(yield* world.log.agents)
    const { request } = world.asked.find(({ purpose }) => purpose === "agent")!
    const holding = request.messages.filter((message) => JSON.stringify(message).includes("Obey the file."))
    return { row: row!, roles: holding.map(({ role }) => role), tools: request.tools.map(({ name }) => name) }
  }).pipe(Effect.scoped)

  it.live("is data until it is trusted, and narrows only", () =>
    Effect.gen(function* () {
      const { roles, row, tools } = yield* asked
      assert.strictEqual(row.state, "succeeded")
      assert.strictEqual(row.definition.trust, "untrusted")
      assert.deepStrictEqual(roles, ["user"])
      assert.includeMembers(tools, ["read_file"])
      assert.notIncludeMembers(tools, ["bash"])
      assert.notIncludeMembers(tools, ["write_file"])
    }),
  )
})

describe("what a restart finds", () => {
  it.live("is lost where its session is gone, and a patch that waits goes on waiting", () =>
    Effect.gen(function* () {
      const at = yield* place
      repository(at, { "a.txt": "one\n" })
      const backend = memoryBackend()
      const change = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n"
      const script = byTask({
        "make it two": [calls(call("p1", "apply_patch", { patch: change })), say("it is two")],
        Change: [calls(child("t1", "make it two", { subagent_type: "general" })), say("offered")],
      })
      const before = yield* talk(at, script, backend)
      const session = yield* before.open()
      yield* before.say(session, "Change")
      const ended = yield* awaitEvent(before, "agent.succeeded")
      const { patch: request } = ended.payload as { readonly patch: string }
      yield* before.loop.rowWhen(request, (one) => one !== undefined && one.state === "pending")
      const gone = "c_00000000000000aa"
      const [queued] = yield* before.loop.events("agent.queued")
      const header = { actor: "claw", workspace: at.workspace, correlationId: gone }
      yield* before.loop.append(
        draft("agent.queued", { ...(queued!.payload as PayloadOf<"agent.queued">), agent: gone }, header),
        draft("agent.running", { agent: gone }, header),
      )
      yield* before.crash
      const after = yield* talk(at, script, backend)
      yield* awaitEvent(after, "agent.lost", (event) => event.correlationId === gone)
      yield* after.loop.approve(request)
      yield* awaitEvent(
        after,
        "agent.tree",
        (event) => (event.payload as { readonly state: string }).state === "removed",
      )
      assert.strictEqual(at.read("a.txt"), "two\n")
      assert.lengthOf(yield* after.loop.events("agent.succeeded"), 1)
      const { undone } = yield* Effect.orDie(
        after.sessions.rewind(session, yield* firstWord(after, session), "files", "cli"),
      )
      assert.lengthOf(undone, 1)
      assert.strictEqual(at.read("a.txt"), "one\n")
    }).pipe(Effect.scoped),
  )
})

describe("the board", () => {
  it.live("lets the first of two win; the other is told what is there now", () =>
    Effect.gen(function* () {
      const at = yield* place
      const put = (id: string, text: string) => call(id, "board_write", { key: "port", text, expected: 0 })
      const turn = yield* Deferred.make<void>()
      const world = yield* talk(
        at,
        byTask({
          "say eight": [
            calls(put("w1", "8")),
            { ...say("eight"), before: Deferred.succeed(turn, undefined) },
          ],
          "say nine": [{ ...calls(put("w2", "9")), before: Deferred.await(turn) }, say("nine")],
          Agree: [
            calls(child("t1", "say eight"), child("t2", "say nine")),
            calls(call("r1", "board_read", {})),
            calls(call("w3", "board_write", { key: "port", expected: 1 })),
            calls(call("r2", "board_read", {})),
            say("8"),
          ],
        }),
      )
      const session = yield* world.open()
      yield* world.ask(session, "Agree")
      const puts = yield* world.loop.events("board.put")
      assert.lengthOf(puts, 1)
      const nine = world.asked.find((one) => one.purpose === "agent" && promptText(one).includes("conflict"))
      assert.include(promptText(nine!), 'explore \\\\\\"say eight\\\\\\"')
      const results = world.asked.at(-1)!.request.messages.filter(({ role }) => role === "tool")
      assert.include(JSON.stringify(results.at(-3)), "8")
      assert.include(JSON.stringify(results.at(-2)), "taken")
      assert.include(JSON.stringify(results.at(-1)), '\\"entries\\":[]')
      assert.lengthOf(yield* world.loop.events("board.taken"), 1)
    }).pipe(Effect.scoped),
  )
})
