/** The runner of git: hardened environment, no repository's git, bounded time and output, no process left. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { plumbing, searchPath } from "../../../src/observe/git/plumbing.ts"
import { tempFolder, write } from "./harness.ts"

/** A program called git that does what the test wants. */
const fakeGit = (script: string) =>
  Effect.map(tempFolder, (folder) => {
    write(folder, "bin/git", `#!/bin/sh\n${script}\n`)
    fs.chmodSync(path.join(folder, "bin/git"), 0o755)
    return { folder, options: { path: `${folder}/bin:/usr/bin:/bin`, workspace: "/nowhere" } }
  })

const alive = (pid: number): boolean => {
  try {
    // A killed process that nobody waited for yet is a zombie: gone.
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}
const gone = (pid: number): Effect.Effect<void> =>
  Effect.suspend(() => (alive(pid) ? Effect.andThen(Effect.sleep(5), gone(pid)) : Effect.void))

describe("plumbing", () => {
  it.live("runs as argv in / with an environment of its own", () =>
    Effect.gen(function* () {
      const { options } = yield* fakeGit('pwd; printf "%s\\n" "$@"; env')
      process.env["CLAW_TEST_LEAK"] = "leaked"
      const out = (yield* plumbing(["a b", "$(x)", ";"], options)).toString("utf8")
      delete process.env["CLAW_TEST_LEAK"]
      assert.match(out, /^\/\na b\n\$\(x\)\n;\n/)
      assert.notInclude(out, "leaked")
      for (const line of [
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_ALLOW_PROTOCOL=none",
        "GIT_OPTIONAL_LOCKS=0",
        "GIT_NO_LAZY_FETCH=1",
        "GIT_TERMINAL_PROMPT=0",
      ])
        assert.include(out, line)
    }),
  )

  it("never takes a git from the workspace or from a relative folder", () => {
    assert.strictEqual(searchPath("/w/bin:bin:.::/usr/bin:/w:/work/x:/w/../w/y", "/w"), "/usr/bin:/work/x")
  })

  it.live("too long and too much end it, with all its children", () =>
    Effect.gen(function* () {
      const slow = yield* fakeGit('sleep 300 & echo $! > "$0.pid"; wait')
      const late = yield* Effect.flip(plumbing([], { ...slow.options, timeoutMs: 300 }))
      assert.strictEqual(late.reason, "too-long")
      yield* gone(Number(fs.readFileSync(path.join(slow.folder, "bin/git.pid"), "utf8")))
      const loud = yield* fakeGit("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done")
      const much = yield* Effect.flip(plumbing([], { ...loud.options, maxBytes: 10_000 }))
      assert.strictEqual(much.reason, "too-much")
      const failing = yield* fakeGit("exit 3")
      assert.strictEqual((yield* Effect.flip(plumbing([], failing.options))).detail, "exit 3")
    }),
  )

  it.live("an interruption kills it", () =>
    Effect.gen(function* () {
      const { folder, options } = yield* fakeGit('echo $$ > "$0.pid"; exec sleep 300')
      const fiber = yield* Effect.forkChild(plumbing([], options), { startImmediately: true })
      const file = path.join(folder, "bin/git.pid")
      const started: Effect.Effect<void> = Effect.suspend(() =>
        fs.existsSync(file) && fs.readFileSync(file, "utf8").endsWith("\n")
          ? Effect.void
          : Effect.andThen(Effect.sleep(5), started),
      )
      yield* started
      yield* Fiber.interrupt(fiber)
      yield* gone(Number(fs.readFileSync(file, "utf8")))
    }),
  )
})
