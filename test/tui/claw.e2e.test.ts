/** The whole way, in a real terminal: a real daemon, a real repository, a secret staged, approved away, taken back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasTmux, openPane, untilShown } from "./pane.ts"

const launcher = join(import.meta.dirname, "..", "..", "bin", "claw.cjs")

const world = Effect.gen(function* () {
  const pane = yield* openPane(120, 34)
  const repository = join(pane.dir, "proj")
  const runtime = join(pane.dir, "run")
  mkdirSync(repository)
  mkdirSync(runtime, { mode: 0o700 })
  const env = { ...pane.env, XDG_RUNTIME_DIR: runtime }
  const git = (...args: ReadonlyArray<string>) =>
    execFileSync("git", args, { cwd: repository, env, encoding: "utf8" })
  const claw = (...args: ReadonlyArray<string>) =>
    execFileSync(process.execPath, [launcher, ...args], { cwd: repository, env, encoding: "utf8" })
  git("init", "-q")
  git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "first")
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      try {
        claw("down")
      } catch {
        // it is down already
      }
    }),
  )
  pane.keys(`cd ${repository}; export XDG_RUNTIME_DIR=${runtime}; ${process.execPath} ${launcher}`, "Enter")
  yield* untilShown(pane, "● watching", 40)
  yield* untilShown(pane, "nothing to see")
  return { ...pane, repository, git, claw }
})

describe.skipIf(!hasTmux)("claw in a terminal", { timeout: 90_000 }, () => {
  it.live("sees a secret staged, unstages it on approval, takes that back, and lives through a restart", () =>
    Effect.gen(function* () {
      const shown = yield* world
      // in two parts, so that no scanner takes this file for a leak
      const key = ["AKIA", "Z5GMXQ7TWJ2K3LPN"].join("")
      writeFileSync(join(shown.repository, "cred.txt"), `aws_access_key_id = ${key}\n`)
      shown.git("add", "cred.txt")
      yield* untilShown(shown, "a approve", 20)
      assert.include(shown.shot(), "urgent")
      yield* Effect.sleep(300)
      shown.keys("a")
      yield* untilShown(
        shown,
        (shot) => shot.includes("are you sure?") || shot.includes("✓ Secret staged"),
        20,
      )
      if (shown.shot().includes("are you sure?")) {
        yield* Effect.sleep(200)
        shown.keys("y")
      }
      yield* untilShown(shown, "✓ Secret staged", 20)
      assert.strictEqual(shown.git("status", "--short").trim(), "?? cred.txt")
      shown.keys("u")
      yield* untilShown(shown, "↶ Secret staged", 20)
      assert.strictEqual(shown.git("status", "--short").trim(), "A  cred.txt")
      shown.keys("@")
      yield* untilShown(shown, (shot) => /evidence +git.staged/.test(shot))
      shown.keys("G")
      yield* untilShown(shown, "approval.approved")
      shown.claw("down")
      yield* untilShown(shown, "disconnected, retrying")
      shown.claw("up")
      yield* untilShown(shown, "● watching", 20)
      shown.keys("C-c")
      yield* untilShown(shown, (shot) => !shot.includes("1 queue"))
      assert.strictEqual(shown.modes(), "0 1")
    }),
  )
})
