/**
 * A throw-away world with the real program: every call is a process of its own, the daemon is a real one. What is
 * left of a daemon is stopped with the scope, by the pid that its lock names.
 */
import { assert } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { lockHolder } from "../../src/daemon/lockHolder.ts"
import { makeWorld, type World } from "../../src/cli/ThrowAway.ts"
import { launcher } from "../launcher.ts"

export { launcher, root } from "../launcher.ts"

export interface Ran {
  readonly exit: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutMs?: number
  /** Argv before node: a wrapper such as `setpriv`. */
  readonly before?: ReadonlyArray<string>
}

/** Programs under way, by the runtime folder they were given. */
const underWay = new Map<Promise<Ran>, string | undefined>()

/** Runs a program to its end; one that hangs is killed and has no exit code. */
export const runProgram = (argv: ReadonlyArray<string>, options: Parameters<typeof run>[1]): Promise<Ran> => {
  const running = run(argv, options)
  underWay.set(running, options.env["XDG_RUNTIME_DIR"])
  void running.then(() => underWay.delete(running))
  return running
}

const run = (
  argv: ReadonlyArray<string>,
  options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly stdin?: string
    readonly timeoutMs?: number
  },
): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: options.cwd,
      env: options.env as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
    })
    const out: Array<Buffer> = []
    const err: Array<Buffer> = []
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk))
    child.stdin.on("error", () => undefined)
    child.stdin.end(options.stdin ?? "")
    child.on("close", (exit, signal) =>
      resolve({
        exit,
        signal,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      }),
    )
  })

export interface Claws extends World {
  readonly claw: (...args: ReadonlyArray<string>) => Effect.Effect<Ran>
  readonly clawWith: (options: RunOptions, ...args: ReadonlyArray<string>) => Effect.Effect<Ran>
  /** The pid of this world's daemon; null where none runs. */
  readonly daemonPid: Effect.Effect<number | null>
  readonly daemonOutput: Effect.Effect<string>
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Looks every 20 ms until it holds; fails after `limitMs` with what was awaited. */
export const until = (
  what: string,
  holds: Effect.Effect<boolean> | (() => boolean | Promise<boolean>),
  limitMs = 20_000,
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const look = typeof holds === "function" ? Effect.promise(async () => holds()) : holds
    while (!(yield* look)) yield* Effect.sleep("20 millis")
  }).pipe(
    Effect.timeoutOrElse({
      duration: limitMs,
      orElse: () => Effect.die(new Error(`not within ${limitMs} ms: ${what}`)),
    }),
  )

export const gone = (pid: number) => until(`process ${pid} is gone`, () => !isAlive(pid))

const kill = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(pid, signal)
  } catch {
    // it ended before
  }
}

const stop = (pid: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    kill(pid, "SIGTERM")
    yield* Effect.exit(until("it stops by itself", () => !isAlive(pid), 5_000))
    if (!isAlive(pid)) return
    kill(pid, "SIGKILL")
    yield* gone(pid)
  })

/** A world in which `claw` is what this launcher starts. */
export const clawWorldOf = Effect.fn("Claws.world")(function* (program: string) {
  const world = yield* makeWorld(process.env)
  const clawWith: Claws["clawWith"] = (options, ...args) =>
    Effect.promise(() =>
      runProgram([...(options.before ?? []), process.execPath, program, ...args], {
        cwd: options.cwd ?? world.repository,
        env: { ...world.env, ...options.env },
        ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      }),
    )
  const holder = Effect.sync(() => lockHolder(world.directories.lock))
  // a test that was cut short may have left a `claw up` on its way: its daemon is there when it has ended
  const settled = Effect.promise(() =>
    Promise.all(
      [...underWay].flatMap(([running, dir]) => (dir === world.env["XDG_RUNTIME_DIR"] ? [running] : [])),
    ),
  )
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      settled,
      Effect.flatMap(holder, (found) => (found === null ? Effect.void : stop(found.pid))),
    ),
  )
  return {
    ...world,
    clawWith,
    claw: (...args) => clawWith({}, ...args),
    daemonPid: Effect.map(holder, (found) => found?.pid ?? null),
    daemonOutput: Effect.sync(() => readFileSync(world.directories.daemonOutput, "utf8")),
  } satisfies Claws
})

export const clawWorld: Effect.Effect<Claws, never, Scope.Scope> = clawWorldOf(launcher)

/** The same with a daemon that watches the repository. */
export const watching = Effect.gen(function* () {
  const world = yield* clawWorld
  const ran = yield* world.claw("up", "--workspace", ".")
  assert.strictEqual(ran.exit, 0, ran.stderr)
  return world
})

/** Each line as JSON. */
export const ndjson = (text: string): ReadonlyArray<Record<string, unknown>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
