/** claw up, down, restart: they return when the daemon answers, or has stopped with the log durable. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { lockHolder } from "../../daemon/lockHolder.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, OtherProtocol } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { safe } from "../output.ts"
import { Session } from "../Session.ts"

const stopLimitMs = 15_000

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // a zombie whose parent does not reap it is gone all the same
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

const untilGone = (pid: number) =>
  Effect.gen(function* () {
    while (alive(pid)) yield* Effect.sleep("20 millis")
  }).pipe(
    Effect.timeoutOrElse({
      duration: stopLimitMs,
      orElse: () => Effect.fail(fail(`the daemon (pid ${pid}) did not stop within ${stopLimitMs / 1000} s`)),
    }),
  )

export const watchDirectories = Effect.fnUntraced(function* (dirs: ReadonlyArray<string>) {
  const session = yield* Session
  const { cwd } = yield* Invocation
  const client = yield* session.ensure
  for (const dir of dirs) yield* orExit(client.Watch({ dir: resolve(cwd, dir) }))
  return client
})

/** Of a daemon that speaks another protocol: the lock names it, and a signal stops it as a call does. */
const stopBySignal = Effect.fnUntraced(function* (error: OtherProtocol) {
  const { directories } = yield* Invocation
  const holder = lockHolder(directories.lock)
  if (holder === null) return yield* error
  process.kill(holder.pid, "SIGTERM")
  return holder.pid
})

const stopDaemon = Effect.fnUntraced(function* (reason: string) {
  const session = yield* Session
  const pid = yield* session.attach.pipe(
    Effect.flatMap((client) =>
      Effect.gen(function* () {
        const status = yield* orExit(client.Status())
        yield* orExit(client.Shutdown({ reason }))
        return status.pid
      }),
    ),
    Effect.catchIf((error) => error instanceof OtherProtocol, stopBySignal),
  )
  yield* untilGone(pid)
  return pid
})

export const up = Command.make(
  "up",
  {
    foreground: Flag.Boolean("foreground").pipe(
      Flag.withDefault(false),
      Flag.withDescription("stay in this terminal and print the daemon's own messages"),
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("watch this folder; may be given several times"),
      Flag.atLeast(0),
    ),
  },
  Effect.fn(function* ({ foreground, workspace }) {
    const session = yield* Session
    if (foreground) {
      if (yield* session.isRunning) return yield* fail("a daemon is running already: claw down stops it")
      const { runForeground } = yield* Effect.promise(() => import("../../daemon/main.ts"))
      const { watchable } = yield* Effect.promise(() => import("../../daemon/watchable.ts"))
      const { cwd, directories, entry, env } = yield* Invocation
      const folders = yield* orExit(
        Effect.forEach(workspace, (dir) => watchable(resolve(cwd, dir), directories.home)),
      )
      return yield* runForeground(entry, env, folders).pipe(Effect.mapError((error) => fail(error.message)))
    }
    const client = yield* watchDirectories(workspace)
    const status = yield* orExit(client.Status())
    const { length } = status.workspaces
    const { cwd } = yield* Invocation
    for (const dir of workspace.map((path) => resolve(cwd, path))) {
      const above = status.workspaces.find((known) => dir.startsWith(`${known}/`))
      if (above !== undefined && !status.workspaces.includes(dir))
        yield* Console.error(`${safe(dir)} lies in ${safe(above)}, which is watched already`)
    }
    yield* Console.log(
      `claw ${status.version} is up (pid ${status.pid}), watching ${length} ${length === 1 ? "workspace" : "workspaces"}`,
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("start the daemon"),
  Command.withExamples([{ command: "claw up --workspace .", description: "start it and watch this folder" }]),
)

export const down = Command.make(
  "down",
  {
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("only stop watching this folder; the daemon goes on"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ workspace }) {
    if (Option.isSome(workspace)) {
      const session = yield* Session
      const { cwd } = yield* Invocation
      const client = yield* session.attach
      const dir = resolve(cwd, workspace.value)
      if (!(yield* orExit(client.Unwatch({ dir })))) {
        const { workspaces } = yield* orExit(client.Status())
        const above = workspaces.find((known) => dir.startsWith(`${known}/`))
        const by = above === undefined ? "" : ` by itself: it lies in ${above}, which is`
        return yield* new Exit({ reason: "noSuch", message: `${dir} is not watched${by}` })
      }
      return yield* Console.log(`${safe(dir)} is not watched any more`)
    }
    const pid = yield* stopDaemon("claw down")
    yield* Console.log(`claw (pid ${pid}) stopped, the log is durable`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("stop the daemon; returns when the log is durable"),
  Command.withExamples([{ command: "claw down", description: "stop watching" }]),
)

export const restart = Command.make(
  "restart",
  {},
  Effect.fn(function* () {
    const session = yield* Session
    if (yield* session.isRunning) yield* stopDaemon("claw restart")
    const client = yield* session.ensure
    const status = yield* orExit(client.Status())
    yield* Console.log(`claw ${status.version} is up (pid ${status.pid})`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("stop the daemon, if it runs, and start it again"),
  Command.withExamples([{ command: "claw restart", description: "after an update of claw" }]),
)
