/**
 * Conversations over the real loop (gate, tools, queue, undo) on a log in memory, with models that answer by a script.
 * `talk` can be called again over the same log: a restart, after an end as hard as a kill.
 */
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { join } from "node:path"
import type { Backend } from "../../log-store/Backend.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { AgentLog } from "../../src/agent/AgentLog.ts"
import { agentSections } from "../../src/agent/agents/sections.ts"
import { AgentTypes } from "../../src/agent/agents/AgentTypes.ts"
import { SubAgents } from "../../src/agent/agents/SubAgents.ts"
import { environment } from "../../src/agent/environment.ts"
import { Hands } from "../../src/agent/Hands.ts"
import { innerTools } from "../../src/agent/inner/innerTools.ts"
import { Preparation, type SectionSource } from "../../src/agent/Preparation.ts"
import { type OpenSession, Sessions } from "../../src/agent/Sessions.ts"
import { Trusted } from "../../src/agent/context/Trusted.ts"
import { Memories } from "../../src/agent/memory/Memories.ts"
import { Skills } from "../../src/agent/skills/Skills.ts"
import { agentLog } from "../../src/loop/agentLog.ts"
import { agentViews } from "../../src/loop/agentViews.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Calls } from "../../src/loop/Calls.ts"
import { Executor } from "../../src/loop/Executor.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { hands } from "../../src/loop/hands.ts"
import { UndoRanges } from "../../src/loop/UndoRanges.ts"
import type { ModelCall } from "../../src/model/Models.ts"
import type { ModelInfo } from "../../src/model/Provider.ts"
import { boot, type Disk, type Loop, type Place } from "../loop/loopWorld.ts"
import { type Answering, scriptedModels } from "./ScriptedModels.ts"
import { wordsAlone } from "./memory/wordsAlone.ts"

export interface Talk {
  readonly loop: Loop
  readonly sessions: Sessions["Service"]
  readonly log: AgentLog["Service"]
  readonly hands: Hands["Service"]
  readonly agents: SubAgents["Service"]
  readonly memories: Memories["Service"]
  /** Every call of a model, in order. */
  readonly asked: ReadonlyArray<ModelCall>
  readonly open: (options?: Partial<OpenSession>) => Effect.Effect<string>
  /** Says it and does not wait. */
  readonly say: (session: string, text: string) => Effect.Effect<number>
  /** Says it and waits for the end of the work on it. */
  readonly ask: (
    session: string,
    text: string,
  ) => Effect.Effect<{ readonly reason: string; readonly message: string }>
  readonly crash: Effect.Effect<void>
}

export interface TalkOptions {
  readonly sources?: ReadonlyArray<SectionSource>
  readonly model?: Partial<ModelInfo>
  /** Digests of the workspace's files that were trusted. */
  readonly trusted?: Readonly<Record<string, string>>
  /** Children at once; 4 if absent. */
  readonly concurrent?: number
  /** False: nobody works on anything. */
  readonly working?: boolean
  /** With the real sandbox; commands run without one if absent. */
  readonly sandboxed?: boolean
  /** Can be told to be full. */
  readonly disk?: Disk
}

export const talk = (
  at: Place,
  answering: Answering,
  backend: Backend = memoryBackend(),
  options: TalkOptions = {},
): Effect.Effect<Talk, never, Scope.Scope> =>
  Effect.gen(function* () {
    const loop = yield* boot(at, backend, {
      ...(options.disk === undefined ? {} : { disk: options.disk }),
      ...(options.sandboxed === undefined ? {} : { sandboxed: options.sandboxed }),
    })
    const outer = yield* Scope.Scope
    const scope = yield* Scope.fork(outer)
    const asked: Array<ModelCall> = []
    const given = Layer.mergeAll(
      Layer.succeed(LogStore, loop.store),
      Layer.succeed(Folds, loop.folds),
      Layer.succeed(Appender, loop.appender),
      Layer.succeed(Calls, loop.calls),
      Layer.succeed(Executor, loop.executor),
      Layer.succeed(UndoRanges, loop.ranges),
    )
    const sources = options.sources ?? [environment({ platform: "test", release: "1" })]
    const layer = SubAgents.layer({
      worktrees: join(at.home, "worktrees"),
      settings: () =>
        Effect.succeed({
          depth: 3,
          concurrent: options.concurrent ?? 4,
          worktree: { link: ["node_modules"] },
        }),
    }).pipe(
      Layer.provideMerge(Sessions.layer),
      Layer.provideMerge(
        Layer.unwrap(Effect.map(agentSections, (own) => Preparation.layer([...sources, own]))),
      ),
      Layer.provideMerge(
        AgentTypes.layer({ config: at.home, trusted: () => Effect.succeed(options.trusted ?? {}) }),
      ),
      Layer.provideMerge(innerTools),
      Layer.provideMerge(
        Skills.layer({ home: at.home, config: `${at.home}/.config/claw` }).pipe(
          Layer.provide(
            Layer.succeed(Trusted, Trusted.of({ digests: () => Effect.succeed(options.trusted ?? {}) })),
          ),
        ),
      ),
      Layer.provideMerge(scriptedModels(answering, asked, options.model)),
      Layer.provideMerge(Memories.layer.pipe(Layer.provide(wordsAlone))),
      Layer.provideMerge(Layer.mergeAll(agentLog, agentViews, hands)),
      Layer.provide(given),
    )
    const context = yield* Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope)
    const sessions = Context.get(context, Sessions)
    const agents = Context.get(context, SubAgents)
    if (options.working !== false) {
      yield* Effect.forkIn(sessions.run, scope, { startImmediately: true })
      yield* Effect.forkIn(agents.run, scope, { startImmediately: true })
    }
    const say: Talk["say"] = (session, text) =>
      Effect.orDie(sessions.say({ session, text, files: [], surface: "cli", actor: "user:cli" }))
    return {
      loop,
      sessions,
      log: Context.get(context, AgentLog),
      hands: Context.get(context, Hands),
      agents,
      memories: Context.get(context, Memories),
      asked,
      open: (more = {}) =>
        sessions.open({ kind: "chat", workspace: at.workspace, actor: "user:cli", ...more }).pipe(
          Effect.orDie,
          Effect.map(({ session }) => session),
        ),
      say,
      ask: (session, text) =>
        Effect.flatMap(say(session, text), (seq) => Effect.orDie(sessions.rested(session, seq))).pipe(
          Effect.map(({ payload }) => payload),
        ),
      crash: Effect.andThen(Scope.close(scope, Exit.void), loop.crash),
    }
  })
