/** What git leaves in a working tree: staging, conflicts, operations under way, stashes, locks; each stated once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { commit, git, gitFails, newRepository, SmallLog, tempFolder, whileUp, write } from "./harness.ts"

describe("state of the working tree", () => {
  it.live(
    "staging, a conflict with its operation, and their end",
    () =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        const log = new SmallLog()
        git(folder, "checkout", "-q", "-b", "side")
        commit(folder, "a.txt", "side\n", "side")
        git(folder, "checkout", "-q", "main")
        commit(folder, "a.txt", "main\n", "main")
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            write(folder, "new.txt", "n")
            git(folder, "add", "new.txt")
            yield* log.until(() => log.of("git.staged").length === 1)
            assert.deepStrictEqual(log.of("git.staged")[0]!.files, [{ path: "new.txt", status: "A" }])
            git(folder, "reset", "-q")
            yield* log.until(() => log.of("git.staged").at(-1)!.count === 0)
            gitFails(folder, "merge", "-q", "side")
            yield* log.until(
              () => log.of("git.conflict").length === 1 && log.of("git.operation").length === 1,
            )
            assert.deepStrictEqual(log.of("git.conflict")[0], {
              operation: "merge",
              paths: ["a.txt"],
              count: 1,
            })
            assert.deepStrictEqual(log.of("git.operation")[0], { operation: "merge", was: null })
          }),
        )
        const between = log.drafts.length
        yield* whileUp(folder, log, Effect.void)
        assert.deepStrictEqual(log.types(between), ["daemon.health"], "a restart states nothing again")
        write(folder, "a.txt", "both\n")
        git(folder, "add", "a.txt")
        git(folder, "commit", "-q", "-m", "merged")
        yield* whileUp(
          folder,
          log,
          log.until(() => log.of("git.operation").length === 2 && log.of("git.conflict").length === 2),
        )
        assert.deepStrictEqual(log.of("git.operation")[1], { operation: null, was: "merge" })
        assert.strictEqual(log.of("git.conflict")[1]!.count, 0)
        assert.strictEqual(log.of("git.commit").at(-1)!.parents.length, 2)
      }),
    60_000,
  )

  it.live(
    "rebase, cherry-pick, revert, bisect and am are known while they wait",
    () =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        git(folder, "checkout", "-q", "-b", "side")
        commit(folder, "a.txt", "side\n", "side")
        git(folder, "checkout", "-q", "main")
        commit(folder, "a.txt", "main\n", "main")
        const log = new SmallLog()
        const waits = (operation: string, begin: () => void, end: () => void) =>
          Effect.gen(function* () {
            const last = () => log.of("git.operation").at(-1)?.operation ?? null
            begin()
            yield* log.until(() => last() === operation)
            end()
            yield* log.until(() => last() === null)
          })
        yield* whileUp(
          folder,
          log,
          Effect.gen(function* () {
            yield* waits(
              "rebase",
              () => gitFails(folder, "rebase", "-q", "side"),
              () => git(folder, "rebase", "--abort"),
            )
            yield* waits(
              "cherry-pick",
              () => gitFails(folder, "cherry-pick", "side"),
              () => git(folder, "cherry-pick", "--abort"),
            )
            yield* waits(
              "revert",
              () => gitFails(folder, "revert", "side"),
              () => git(folder, "revert", "--abort"),
            )
            yield* waits(
              "bisect",
              () => git(folder, "bisect", "start"),
              () => git(folder, "bisect", "reset"),
            )
            write(folder, ".git/side.patch", `${git(folder, "format-patch", "--stdout", "-1", "side")}\n`)
            yield* waits(
              "am",
              () => gitFails(folder, "am", "-q", ".git/side.patch"),
              () => git(folder, "am", "--abort"),
            )
          }),
        )
        assert.strictEqual(log.of("git.operation").length, 10)
      }),
    60_000,
  )

  it.live("stash pushed and popped, the newest one first", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const log = new SmallLog()
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          write(folder, "a.txt", "changed\n")
          git(folder, "stash", "push", "-q", "-m", "kept for later")
          yield* log.until(() => log.of("git.stash").length === 1)
          git(folder, "stash", "pop", "-q")
          yield* log.until(() => log.of("git.stash").length === 2)
        }),
      )
      assert.deepStrictEqual(
        log.of("git.stash").map(({ action, count, subject }) => ({ action, count, subject })),
        [
          { action: "pushed", count: 1, subject: "On main: kept for later" },
          { action: "dropped", count: 0, subject: "On main: kept for later" },
        ],
      )
    }),
  )

  it.live("a lock older than a minute is stated once, also over a restart", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const log = new SmallLog()
      const lock = path.join(folder, ".git/index.lock")
      yield* whileUp(
        folder,
        log,
        Effect.gen(function* () {
          write(folder, ".git/index.lock", "")
          const old = Date.now() / 1000 - 120
          fs.utimesSync(lock, old, old)
          yield* log.until(() => log.of("git.lock").length === 1)
        }),
      )
      yield* whileUp(folder, log, Effect.void)
      assert.strictEqual(log.of("git.lock").length, 1)
      assert.isAtLeast(log.of("git.lock")[0]!.ageMs, 119_000)
      assert.isNull(log.of("git.lock")[0]!.holder)
    }),
  )
})
