/**
 * A throw-away world: its own home, XDG folders and daemon, gone when the scope closes. The demo and the
 * benchmarks play in it, so that neither touches the user's log.
 * Invariant: the daemon of this world is stopped and its folders removed, whatever happens inside.
 */
import { Effect, Layer, Scope } from "effect"
import { execFile, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { directories, type DirectoriesShape, type Environment } from "../config/Directories.ts"
import { Invocation } from "./Invocation.ts"
import { Session } from "./Session.ts"

const run = promisify(execFile)

export interface World {
  readonly root: string
  readonly repository: string
  readonly env: Environment
  readonly directories: DirectoriesShape
  /** Runs a program in the repository; answers its exit code and output, never fails. */
  readonly exec: (
    program: string,
    ...args: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly exit: number; readonly output: string }>
  readonly write: (path: string, text: string) => Effect.Effect<void>
}

const environment = (root: string, outer: Environment): Environment => ({
  PATH: outer["PATH"],
  LANG: outer["LANG"] ?? "C.UTF-8",
  TERM: outer["TERM"] ?? "xterm-256color",
  HOME: join(root, "home"),
  XDG_CONFIG_HOME: join(root, "home", ".config"),
  XDG_DATA_HOME: join(root, "data"),
  XDG_STATE_HOME: join(root, "state"),
  XDG_CACHE_HOME: join(root, "cache"),
  XDG_RUNTIME_DIR: join(root, "run"),
  CLAW_KEYCHAIN: "file",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
})

const gitConfig = `[user]
\tname = Ada Demo
\temail = ada@example.invalid
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
`

/** Folders and a fresh repository; removed with the scope. */
export const makeWorld = Effect.fn("ThrowAway.make")(function* (outer: Environment) {
  const root = yield* Effect.acquireRelease(
    Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "claw-")))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 })),
  )
  const env = environment(root, outer)
  const repository = join(root, "home", "shop")
  for (const dir of [env["XDG_CONFIG_HOME"]!, env["XDG_RUNTIME_DIR"]!, repository]) {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }
  writeFileSync(join(root, "home", ".gitconfig"), gitConfig)
  const exec: World["exec"] = (program, ...args) =>
    Effect.promise(() =>
      run(program, [...args], {
        cwd: repository,
        env: env as NodeJS.ProcessEnv,
        maxBuffer: 8 * 1024 * 1024,
      }).then(
        ({ stdout, stderr }) => ({ exit: 0, output: stdout + stderr }),
        (error: { code?: number | string; stdout?: string; stderr?: string }) => ({
          exit: typeof error.code === "number" ? error.code : 127,
          output: `${error.stdout ?? ""}${error.stderr ?? ""}`,
        }),
      ),
    )
  const write: World["write"] = (path, text) =>
    Effect.sync(() => {
      mkdirSync(join(repository, path, ".."), { recursive: true })
      writeFileSync(join(repository, path), text)
    })
  yield* exec("git", "init", "-q")
  const world: World = { root, repository, env, directories: directories(env), exec, write }
  return world
})

/** A session with this world's daemon, which is started now and stopped with the scope. */
export const worldSession = Effect.fn("ThrowAway.session")(function* (world: World) {
  const outer = yield* Invocation
  const scope = yield* Scope.Scope
  const context = yield* Layer.buildWithScope(
    // fresh: the memoised session is the user's own, and nothing here may reach it
    Layer.fresh(Session.layer).pipe(
      Layer.provide(
        Layer.succeed(Invocation, {
          ...outer,
          env: world.env,
          directories: world.directories,
          cwd: world.repository,
        }),
      ),
    ),
    scope,
  )
  const session = yield* Effect.provideContext(Session, context)
  const client = yield* session.ensure
  const { pid } = yield* Effect.orDie(client.Status())
  // by a connection of its own: whoever played here may have stopped the daemon meanwhile and started another
  const stopped = Effect.gen(function* () {
    const last = yield* session.attach
    const running = yield* last.Status()
    yield* last.Shutdown({ reason: "the throw-away world ends" })
    return running.pid
  }).pipe(
    Effect.scoped,
    Effect.catchCause(() => Effect.succeed(pid)),
  )
  yield* Effect.addFinalizer(() => Effect.flatMap(stopped, (one) => Effect.promise(() => gone(one))))
  return { session, client, pid }
})

/** Waits until a process is gone; kills it after five seconds. */
const gone = async (pid: number): Promise<void> => {
  const until = Date.now() + 5_000
  for (;;) {
    try {
      process.kill(pid, Date.now() > until ? "SIGKILL" : 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** In a session of its own: an interactive shell would take the terminal away from whoever shows this world. */
export const spawnIn = (world: World, program: string, args: ReadonlyArray<string>, env: Environment = {}) =>
  spawn(program, [...args], {
    cwd: world.repository,
    env: { ...world.env, ...env } as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  })
