/**
 * The deciding loop with a real model server on this machine behind it: situations, thoughts, drafts, queue, hands.
 * `thinkWorld` can be called again over the same log: a restart, after an end as hard as a kill.
 */
import { Context, Effect, Exit, Layer, Scope, Stream, SubscriptionRef } from "effect"
import type { Backend } from "../../log-store/Backend.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { Conversation } from "../../src/act/Conversation.ts"
import { Trusted } from "../../src/agent/context/Trusted.ts"
import { environment } from "../../src/agent/environment.ts"
import { innerTools } from "../../src/agent/inner/innerTools.ts"
import { Preparation } from "../../src/agent/Preparation.ts"
import { Sessions } from "../../src/agent/Sessions.ts"
import { Memories } from "../../src/agent/memory/Memories.ts"
import { Skills } from "../../src/agent/skills/Skills.ts"
import { decodeSettings, type SettingsInput } from "../../src/config/Settings.ts"
import { draft, type Event, type EventOf, type EventType, type PayloadOf } from "../../src/domain/event.ts"
import type { QueueRow } from "../../src/domain/queue.ts"
import { agentLog } from "../../src/loop/agentLog.ts"
import { agentViews } from "../../src/loop/agentViews.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Calls } from "../../src/loop/Calls.ts"
import { Executor } from "../../src/loop/Executor.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { hands } from "../../src/loop/hands.ts"
import { Judge } from "../../src/loop/Judge.ts"
import { modelLog } from "../../src/loop/modelLog.ts"
import { Thinker } from "../../src/loop/Thinker.ts"
import { UndoRanges } from "../../src/loop/UndoRanges.ts"
import { KillSwitch } from "../../src/model/KillSwitch.ts"
import { modelsLayer } from "../../src/model/modelsLayer.ts"
import { makeProvider } from "../../src/model/routingProviders.ts"
import { Probes } from "../../src/observe/probes/answer.ts"
import { boot, type Loop, type Place } from "./loopWorld.ts"
import { wordsAlone } from "../agent/memory/wordsAlone.ts"
import { credentialsOf } from "../model/modelWorld.ts"

export interface ThinkWorld {
  readonly loop: Loop
  /** A command of the user's that just ended. */
  readonly ran: (command: string, exit: number, output?: string) => Effect.Effect<Event>
  readonly see: <T extends EventType>(type: T, payload: PayloadOf<T>) => Effect.Effect<Event>
  /** The first event of this type, past or to come, that holds. */
  readonly first: <T extends EventType>(
    type: T,
    holds?: (event: EventOf<T>) => boolean,
  ) => Effect.Effect<EventOf<T>>
  readonly all: <T extends EventType>(type: T) => Effect.Effect<ReadonlyArray<EventOf<T>>>
  readonly row: (id: string) => Effect.Effect<QueueRow>
  readonly crash: Effect.Effect<void>
}

const base = (baseUrl: string | null): SettingsInput =>
  baseUrl === null
    ? {}
    : {
        models: {
          default: "local/strong",
          small: "local/small",
          providers: { local: { kind: "chat", baseUrl, free: true } },
        },
      }

let offset = 0

export const thinkWorld = (
  at: Place,
  baseUrl: string | null,
  backend: Backend = memoryBackend(),
  options: {
    readonly settings?: SettingsInput
    readonly sandboxed?: boolean
    readonly thinking?: boolean
  } = {},
): Effect.Effect<ThinkWorld, never, Scope.Scope> =>
  Effect.gen(function* () {
    const loop = yield* boot(at, backend, { deciding: true, sandboxed: options.sandboxed ?? false })
    const scope = yield* Scope.fork(yield* Scope.Scope)
    const decoded = decodeSettings({ ...base(baseUrl), ...options.settings })
    if (decoded._tag === "Failure") throw decoded.failure
    const settings = decoded.success
    const given = Layer.mergeAll(
      Layer.succeed(LogStore, loop.store),
      Layer.succeed(Folds, loop.folds),
      Layer.succeed(Appender, loop.appender),
      Layer.succeed(Calls, loop.calls),
      Layer.succeed(Executor, loop.executor),
      Layer.succeed(UndoRanges, loop.ranges),
      Layer.succeed(Judge, loop.judging),
      Layer.succeed(Probes, loop.probes),
      Layer.succeed(Conversation, loop.conversation),
    )
    const models = modelsLayer({ settings: () => Effect.succeed(settings), provider: makeProvider }).pipe(
      Layer.provideMerge(Layer.mergeAll(modelLog, credentialsOf(), KillSwitch.layer(Effect.succeed(false)))),
    )
    const skills = Skills.layer({ home: at.home, config: `${at.home}/.config/claw` }).pipe(
      Layer.provide(Layer.succeed(Trusted, Trusted.of({ digests: () => Effect.succeed({}) }))),
    )
    const layer = Thinker.layer({ settings: Effect.succeed(settings.deliberation) }).pipe(
      Layer.provideMerge(Sessions.layer),
      Layer.provideMerge(Preparation.layer([environment({ platform: "test", release: "1" })])),
      Layer.provideMerge(innerTools),
      Layer.provideMerge(skills),
      Layer.provideMerge(models),
      Layer.provideMerge(Memories.layer.pipe(Layer.provide(wordsAlone))),
      Layer.provideMerge(Layer.mergeAll(agentLog, agentViews, hands)),
      Layer.provide(given),
    )
    const context = yield* Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
    yield* Effect.forkIn(Context.get(context, Sessions).run, scope, { startImmediately: true })
    const thinker = Context.get(context, Thinker)
    yield* loop.append(
      draft(
        "daemon.config",
        { file: "claw.config.ts", accepted: true, message: "in force", settings },
        { actor: "daemon" },
      ),
    )
    yield* thinker.look
    if (options.thinking !== false) yield* Effect.forkIn(thinker.run, scope, { startImmediately: true })

    const see: ThinkWorld["see"] = (type, payload) =>
      Effect.map(
        loop.append(
          draft(type, payload, { actor: "source:test", workspace: at.workspace, trust: "untrusted" }),
        ),
        ([event]) => event!,
      )
    const all = <T extends EventType>(type: T) =>
      Effect.map(loop.events(type), (found) => found as ReadonlyArray<Event> as ReadonlyArray<EventOf<T>>)
    return {
      loop,
      see,
      all,
      ran: (command, exit, output) =>
        see("terminal.command", {
          command,
          cwd: at.workspace,
          exit,
          durationMs: 10,
          shell: "zsh",
          session: "zsh-1-1",
          authorKind: "user",
          startedAt: new Date(Date.now() - 10).toISOString(),
          position: { file: "/spool/zsh-1", offset: (offset += 1) },
          ...(output === undefined ? {} : { output }),
        }),
      first: (type, holds = () => true) =>
        loop.folds.follow(0).pipe(
          Stream.flattenIterable,
          Stream.filter((event) => event.type === type && holds(event as never)),
          Stream.runHead,
          Effect.flatMap(Effect.fromOption),
          Effect.orDie,
        ) as never,
      row: (id) =>
        Effect.map(SubscriptionRef.get(loop.folds.snapshot), ({ queue }) => queue.suggestions[id]!),
      crash: Effect.andThen(Scope.close(scope, Exit.void), loop.crash),
    }
  })
