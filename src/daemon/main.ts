/**
 * The daemon's life: directories, lock, a log that was probed by a child first, the layer graph, the sources, the
 * socket; and the way back. Invariants: nothing is served before the log is folded; a stop ends what runs, seals
 * the log and only then lets go of the lock.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import {
  Cause,
  Deferred,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  References,
  Result,
  SubscriptionRef,
} from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { TaskEnds } from "../loop/TaskEnds.ts"
import { Thinker } from "../loop/Thinker.ts"
import { Tasks } from "../act/tasks/Tasks.ts"
import { SubAgents } from "../agent/agents/SubAgents.ts"
import { Embeddings } from "../agent/memory/Embeddings.ts"
import { Learning } from "../agent/memory/Learning.ts"
import { Sessions } from "../agent/Sessions.ts"
import {
  directories as directoriesOf,
  type DirectoriesShape,
  type Environment,
  socketProblem,
} from "../config/Directories.ts"
import { reflexes } from "../decide/registry.ts"
import { registryDigest } from "../decide/registryDigest.ts"
import { draft } from "../domain/event.ts"
import { neutraliseLines } from "../domain/neutralise.ts"
import { Announcer } from "../loop/Announcer.ts"
import { Appender } from "../loop/Appender.ts"
import { Calls } from "../loop/Calls.ts"
import { Executor } from "../loop/Executor.ts"
import { Folds } from "../loop/Folds.ts"
import { Outbox } from "../loop/Outbox.ts"
import { Resumer } from "../loop/Resumer.ts"
import { Sources } from "../loop/Sources.ts"
import { StopWork } from "../loop/StopWork.ts"
import { Checkpoints } from "./Checkpoints.ts"
import { Configs } from "./Configs.ts"
import { CredentialWatch } from "./CredentialWatch.ts"
import type { Entry } from "./entry.ts"
import { Forgetting } from "./Forgetting.ts"
import { Gate } from "./Gate.ts"
import { Identity } from "./Identity.ts"
import { daemonLayer } from "./layers.ts"
import { acquireLock, LockError, privateDirectory } from "./Lock.ts"
import { prepareLog } from "./prepareLog.ts"
import { Retention } from "./Retention.ts"
import { serverLayer } from "./Server.ts"
import { Stop } from "./Stop.ts"

export interface DaemonOptions {
  readonly directories: DirectoriesShape
  readonly env: Environment
  readonly entry: Entry
  /** Folders to watch from the start, absolute. */
  readonly workspaces: ReadonlyArray<string>
  /** What else goes on as long as it lives. */
  readonly beside?: Effect.Effect<unknown, unknown, Folds>
}

/** A part that ended by itself is a defect: the daemon says so and stops rather than go on without it. */
const guard = <R>(name: string, run: Effect.Effect<unknown, unknown, R>, stop: Stop["Service"]) =>
  Effect.forkScoped(
    Effect.onExit(Effect.interruptible(run), (exit) =>
      Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
        ? Effect.andThen(
            Effect.logError(`${name} ended: ${Cause.pretty(exit.cause)}`),
            Deferred.succeed(stop.requested, `${name} ended: ${Cause.pretty(exit.cause).split("\n")[0]}`),
          )
        : Effect.void,
    ),
  )

/** Seals full segments as the log grows, signs what was sealed, and archives what is due; an idle log is left alone. */
const sealing = (
  store: typeof LogStore.Service,
  dir: string,
  checkpoints: typeof Checkpoints.Service,
  retention: typeof Retention.Service,
) =>
  Effect.gen(function* () {
    const before = yield* store.head
    const sealed = yield* Effect.orElseSucceed(sealSegments(store, dir), () => 0)
    yield* checkpoints.due(sealed > 0 && sealed >= before.seq ? "sealed" : "time")
    yield* retention.due(sealed)
    yield* Effect.sleep("10 minutes")
  }).pipe(Effect.forever)

const live = (options: DaemonOptions, recovered: ReturnType<typeof draft> | null) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const appender = yield* Appender
      const executor = yield* Executor
      const stopWork = yield* StopWork
      const tasks = yield* Tasks
      const calls = yield* Calls
      const stop = yield* Stop
      const identity = yield* Identity
      const outbox = yield* Outbox
      const sources = yield* Sources
      const resumer = yield* Resumer
      const announcer = yield* Announcer
      const configs = yield* Configs
      const credentials = yield* CredentialWatch
      const gate = yield* Gate
      const forgetting = yield* Forgetting
      const retention = yield* Retention
      const checkpoints = yield* Checkpoints
      const sessions = yield* Sessions
      const subAgents = yield* SubAgents
      const thinker = yield* Thinker
      const taskEnds = yield* TaskEnds
      const learning = yield* Learning
      const embeddings = yield* Embeddings

      const folding = yield* guard("the fold", folds.run, stop)
      let watching: Fiber.Fiber<unknown, unknown> | null = null
      let tending: Fiber.Fiber<unknown, unknown> | null = null
      let talking: Fiber.Fiber<unknown, unknown> | null = null
      let thinking: Fiber.Fiber<unknown, unknown> | null = null
      let minding: Fiber.Fiber<unknown, unknown> | null = null
      let meaning: Fiber.Fiber<unknown, unknown> | null = null
      // a disk that is full holds this up; what there is can be read meanwhile, and the daemon be stopped
      const begin = Effect.gen(function* () {
        const started = yield* appender.append([
          draft(
            "daemon.started",
            {
              version: identity.version,
              pid: identity.pid,
              node: process.versions.node,
              rules: registryDigest(reflexes),
            },
            { actor: "daemon" },
          ),
          ...(recovered === null ? [] : [recovered]),
        ])
        yield* folds.reached(started.at(-1)!.seq)
        yield* guard("the gate", gate.run, stop)
        yield* gate.loaded
        yield* tasks.settle
        yield* guard("the executor", executor.run, stop)
        yield* guard("the requests", calls.run, stop)
        yield* guard("the outbox", outbox.run, stop)
        talking = yield* guard("the conversations", sessions.run, stop)
        tending = yield* guard("the agents", subAgents.run, stop)
        minding = yield* guard("what is learned", learning.run, stop)
        meaning = yield* guard("what memories mean", embeddings.run, stop)
        yield* guard("the pause timer", resumer.run, stop)
        yield* guard("the announcer", announcer.run, stop)
        yield* guard("the credentials", credentials.run, stop)
        yield* guard("the configuration", configs.run, stop)
        yield* guard("the ends of tasks", taskEnds.run, stop)
        thinking = yield* guard("the thinking", Effect.andThen(configs.loaded, thinker.run), stop)
        // an erasure that was cut off; while the disk is full it waits for the next one, or the next start
        yield* Effect.forkScoped(Effect.ignore(forgetting.finish))
        yield* guard("the segments", sealing(store, options.directories.log, checkpoints, retention), stop)
        const { control } = yield* SubscriptionRef.get(folds.snapshot)
        yield* appender.append(
          options.workspaces
            .filter((path) => !control.workspaces.includes(path))
            .map((path) =>
              draft("daemon.workspace", { action: "added", path }, { actor: "user", workspace: path }),
            ),
        )
        watching = yield* guard("the sources", sources.run, stop)
        if (options.beside !== undefined) yield* guard("what goes on beside", options.beside, stop)
      })
      yield* guard("the start", begin, stop)

      // a signal interrupts this wait, not what follows it
      const waited = yield* Effect.exit(restore(Deferred.await(stop.requested)))
      const reason = Exit.isSuccess(waited) ? waited.value : "stopped by a signal"
      if (watching !== null) yield* Fiber.interrupt(watching)
      // what it does goes on at the next start
      if (minding !== null) yield* Fiber.interrupt(minding)
      if (meaning !== null) yield* Fiber.interrupt(meaning)
      if (thinking !== null) yield* Fiber.interrupt(thinking)
      if (tending !== null) yield* Fiber.interrupt(tending)
      if (talking !== null) yield* Fiber.interrupt(talking)
      yield* stopWork.stop("daemon-stopped")
      const stopped = yield* Effect.result(
        appender.appendNow([draft("daemon.stopped", { reason }, { actor: "daemon" })]),
      )
      yield* appender.giveUp
      if (Result.isSuccess(stopped)) {
        // the fold may be what ended
        const folded = Effect.raceFirst(folds.reached(stopped.success[0]!.seq), Fiber.await(folding))
        yield* Effect.flatMap(Effect.forkScoped(folded), Fiber.await)
        yield* checkpoints.due("stop")
      } else yield* Effect.logError(`its end is not in the log: ${stopped.failure.message}`)
      yield* folds.checkpoint
      yield* Effect.ignore(sealSegments(store, options.directories.log, { atLeast: 1 }))
      yield* Fiber.interrupt(folding)
    }),
  )

export const daemon = (options: DaemonOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { directories } = options
      const problem = socketProblem(directories)
      if (problem !== null) return yield* new LockError({ reason: "unsafe", message: problem, pid: null })
      for (const dir of [directories.runtime, directories.spool, directories.data, directories.state]) {
        yield* privateDirectory(dir)
      }
      yield* acquireLock(directories.lock)
      const recovered = yield* prepareLog(options.entry, directories.log)
      const graph = daemonLayer(options)
      yield* Effect.scoped(live(options, recovered)).pipe(
        Effect.provide(serverLayer(directories).pipe(Layer.provideMerge(graph))),
      )
    }),
  )

const say = (cause: Cause.Cause<unknown>) => {
  const error = Cause.squash(cause)
  return Effect.sync(() => {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`claw: ${neutraliseLines(message)}\n`)
  })
}

const logging = Layer.mergeAll(
  Logger.layer([Logger.withConsoleError(Logger.map(Logger.formatSimple, neutraliseLines))]),
  Layer.succeed(References.MinimumLogLevel, "Warn"),
)

/** `claw up --foreground`: the same daemon in this process. */
export const runForeground = (entry: Entry, env: Environment, workspaces: ReadonlyArray<string>) =>
  daemon({ directories: directoriesOf(env), env, entry, workspaces }).pipe(Effect.provide(logging))

/** Runs a daemon as all that this process does. */
export const runDetached = <E>(running: Effect.Effect<void, E>): void =>
  NodeRuntime.runMain(Effect.tapCause(Effect.provide(running, logging), say), {
    disableErrorReporting: true,
    teardown: (exit, done) => done(Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : 1),
  })

/** The hidden command: the detached daemon. */
export const runDaemon = (entry: Entry, workspaces: ReadonlyArray<string>): void =>
  runDetached(runForeground(entry, process.env, workspaces))
