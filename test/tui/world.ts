/** The whole program in a pane of tmux: a real daemon, a real repository, all of it gone with the scope. */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { launcher } from "../launcher.ts"
import { openPane, untilShown } from "./pane.ts"

/** `config`: the user's own, null for none. */
export const worldWith = Effect.fnUntraced(function* (config: string | null) {
  const pane = yield* openPane(120, 34)
  const repository = join(pane.dir, "proj")
  const runtime = join(pane.dir, "run")
  mkdirSync(repository)
  mkdirSync(runtime, { mode: 0o700 })
  if (config !== null) {
    const folder = join(pane.dir, ".config", "claw")
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "claw.config.ts"), config)
  }
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
  return { ...pane, repository, daemonEnv: env, git, claw }
})

export const world = worldWith(null)

export type World = Effect.Success<typeof world>

/** Stages a file with a key in it; resolves when the question about it can be answered. */
export const stageSecret = (shown: World) =>
  Effect.gen(function* () {
    // in two parts, so that no scanner takes this file for a leak
    const key = ["AKIA", "Z5GMXQ7TWJ2K3LPN"].join("")
    writeFileSync(join(shown.repository, "cred.txt"), `aws_access_key_id = ${key}\n`)
    shown.git("add", "cred.txt")
    yield* untilShown(shown, "a approve", 20)
    yield* Effect.sleep(300)
  })
