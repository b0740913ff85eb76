/**
 * A throw-away world with a real daemon that a person started by typing `claw up`, the person's shell, and the log
 * followed from outside. Everything is gone with the scope.
 */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import manifest from "../../package.json" with { type: "json" }
import { Invocation } from "../../src/cli/Invocation.ts"
import type { Client } from "../../src/cli/Session.ts"
import { makeWorld, type World, worldSession } from "../../src/cli/ThrowAway.ts"
import type { Shell as ShellName } from "../../src/observe/terminal/spoolFormat.ts"
import { follow, type Followed } from "./Followed.ts"
import { launcher } from "../launcher.ts"
import { openShell, type Shell, withClaw } from "./Shell.ts"

export interface Scene {
  readonly world: World
  readonly shell: Shell
  readonly client: Client
  readonly log: Followed
  /** A command of `claw` as a program calls it, on pipes. */
  readonly claw: (...args: ReadonlyArray<string>) => {
    readonly exit: number
    readonly stdout: string
    readonly stderr: string
  }
}

export const clawIn =
  (world: World): Scene["claw"] =>
  (...args) => {
    const done = spawnSync(process.execPath, [launcher, ...args], {
      cwd: world.repository,
      env: withClaw(world) as NodeJS.ProcessEnv,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    })
    return { exit: done.status ?? 130, stdout: done.stdout, stderr: done.stderr }
  }

export const asUser = (world: World): Invocation["Service"] => ({
  directories: world.directories,
  entry: { node: process.execPath, args: [launcher], version: manifest.version, bundle: null },
  env: withClaw(world),
  cwd: world.repository,
  interactive: false,
  stdoutIsTerminal: false,
  columns: 100,
  colour: false,
})

/** `prepare` fills the repository before anybody looks at it. */
export const openScene = Effect.fn("Scene.open")(function* (
  name: ShellName,
  prepare: (world: World) => Effect.Effect<void>,
) {
  const world = yield* makeWorld(process.env)
  yield* prepare(world)
  const shell = yield* openShell(world, name)
  yield* shell.type("claw up --workspace .")
  const { client } = yield* worldSession(world).pipe(Effect.provideService(Invocation, asUser(world)))
  const log = yield* follow(client)
  for (const source of ["source:fs", "source:git"]) {
    yield* log.until(
      `${source} is at work`,
      0,
      (event) =>
        (event.type === "daemon.health" &&
          event.payload.component === source &&
          event.payload.state === "running") ||
        (source === "source:git" && event.type === "git.repository"),
    )
  }
  const scene: Scene = { world, shell, client, log, claw: clawIn(world) }
  return scene
})
