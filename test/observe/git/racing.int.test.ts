/** Commits in a loop while the source starts and stops at any moment: each is stated exactly once, in order. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { spawn } from "node:child_process"
import * as path from "node:path"
import { git, newRepository, SmallLog, start, tempFolder } from "./harness.ts"

const env = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.org",
  GIT_COMMITTER_NAME: "C",
  GIT_COMMITTER_EMAIL: "c@example.org",
}

const shell = (folder: string, script: string) =>
  Effect.callback<number>((resume) => {
    const child = spawn("sh", ["-c", script], { cwd: folder, env, stdio: "ignore" })
    child.on("close", (code) => resume(Effect.succeed(code ?? -1)))
    return Effect.sync(() => child.kill())
  })

describe("racing", () => {
  it.live(
    "a hundred commits while the source comes and goes, with a log that is rewritten on the way",
    () =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        const log = new SmallLog()
        const first = yield* start(folder, log)
        yield* log.until(() => log.types().includes("daemon.health"))
        yield* Fiber.interrupt(first)

        const commits = `i=0; while [ $i -lt 100 ]; do
          echo $i > f; git add f; git commit -q -m "commit $i" || exit 1
          if [ $i = 50 ]; then git gc -q --prune=now; git reflog delete HEAD@{40}; fi
          i=$((i+1)); done`
        const writer = yield* Effect.forkChild(shell(folder, commits), { startImmediately: true })
        let rounds = 0
        while (writer.pollUnsafe() === undefined) {
          const source = yield* start(folder, log)
          yield* Effect.sleep((rounds * 37) % 140)
          yield* Fiber.interrupt(source)
          rounds++
        }
        assert.strictEqual(yield* Fiber.join(writer), 0)
        const last = yield* start(folder, log)
        yield* log.until(() => log.of("git.commit").length >= 100)
        yield* Fiber.interrupt(last)

        assert.deepStrictEqual(
          log.of("git.commit").map(({ sha }) => sha),
          git(folder, "rev-list", "--reverse", "HEAD~100..HEAD").split("\n"),
        )
        assert.isTrue(
          log.of("git.commit").every(({ branch, files }) => branch === "main" && files[0] === "f"),
        )
        assert.deepStrictEqual(log.of("git.branch"), [], "a commit is no move of its branch")
        assert.isAbove(rounds, 3)
      }),
    60_000,
  )
})
