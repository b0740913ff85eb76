/**
 * Memories over a real log, with models asked over HTTP. It can be opened again over the same log: a restart, after an end as
 * hard as a kill.
 */
import { Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import type { Backend } from "../../../log-store/Backend.ts"
import { LogStore } from "../../../log-store/LogStore.ts"
import { AgentLog } from "../../../src/agent/AgentLog.ts"
import { Embeddings } from "../../../src/agent/memory/Embeddings.ts"
import { Memories } from "../../../src/agent/memory/Memories.ts"
import { directories } from "../../../src/config/Directories.ts"
import type { SettingsInput } from "../../../src/config/Settings.ts"
import { Forgetting } from "../../../src/daemon/Forgetting.ts"
import { draft, type EventOf, type EventType } from "../../../src/domain/event.ts"
import { agentLog } from "../../../src/loop/agentLog.ts"
import { agentViews } from "../../../src/loop/agentViews.ts"
import { Appender } from "../../../src/loop/Appender.ts"
import { conversation } from "../../../src/loop/conversation.ts"
import { Folds } from "../../../src/loop/Folds.ts"
import { modelLog } from "../../../src/loop/modelLog.ts"
import { Credentials } from "../../../src/model/credentials/Credentials.ts"
import { KillSwitch } from "../../../src/model/KillSwitch.ts"
import { ModelLog } from "../../../src/model/ModelLog.ts"
import { modelsLayer } from "../../../src/model/modelsLayer.ts"
import { makeProvider } from "../../../src/model/routingProviders.ts"
import { eventsIn, mortalStore } from "../../loop/loopWorld.ts"
import { settingsOf } from "../../model/modelWorld.ts"

export const workspace = "/home/dev/shop"

export interface MeaningWorld {
  readonly memories: Memories["Service"]
  readonly embeddings: Embeddings["Service"]
  readonly store: LogStore["Service"]
  readonly log: ModelLog["Service"]
  readonly forgetting: Forgetting["Service"]
  readonly killSwitch: KillSwitch["Service"]
  readonly append: Appender["Service"]["append"]
  readonly events: <T extends EventType>(type: T) => Effect.Effect<ReadonlyArray<EventOf<T>>>
  /** The first event of this type, past or to come, that holds. */
  readonly first: <T extends EventType>(
    type: T,
    holds?: (event: EventOf<T>) => boolean,
  ) => Effect.Effect<EventOf<T>>
  readonly remember: (text: string, workspace?: string) => Effect.Effect<string>
  /** Once so many are known by what they mean. */
  readonly embedded: (count: number) => Effect.Effect<void>
  /** In a conversation, as of an answer of its own: texts, the best first, and why only words counted. */
  readonly search: (
    query: string,
    limit?: number,
  ) => Effect.Effect<{ readonly found: ReadonlyArray<string>; readonly without: string | null }>
  /** As by a kill: nothing of this life is written any more. */
  readonly kill: Effect.Effect<void>
}

export const settingsWith = (baseUrl: string, more: SettingsInput = {}): SettingsInput => ({
  models: {
    providers: {
      near: { kind: "chat", baseUrl, models: { meanings: { price: { input: 1, output: 0 } } } },
    },
  },
  memory: { embeddings: "near/meanings" },
  ...more,
})

export const meaningWorld = (
  backend: Backend,
  given: (workspace: string | null) => SettingsInput,
  patienceMs = 30_000,
): Effect.Effect<MeaningWorld, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (made) => Scope.close(made, Exit.void))
    const { kill, store } = mortalStore(backend)
    const settings = (of: string | null) => Effect.sync(() => settingsOf(given(of)))
    const all = Memories.layer.pipe(
      Layer.provideMerge(
        Embeddings.layer({
          settings: (of) => Effect.map(settings(of), ({ memory }) => memory),
          patienceMs,
        }),
      ),
      Layer.provideMerge(Layer.mergeAll(agentLog, agentViews)),
      Layer.provideMerge(modelsLayer({ settings, provider: makeProvider })),
      Layer.provideMerge(modelLog),
      Layer.provideMerge(conversation),
      Layer.provideMerge(
        Layer.mock(Credentials, {
          get: () => Effect.succeed(null),
          refused: () => Effect.succeed(false),
        }),
      ),
      Layer.provideMerge(KillSwitch.layer(Effect.succeed(false))),
      Layer.provideMerge(
        Forgetting.layer(directories({ HOME: "/home/dev", XDG_RUNTIME_DIR: "/home/dev/run" })),
      ),
      Layer.provideMerge(Appender.layer),
      Layer.provideMerge(Folds.layer),
      Layer.provideMerge(store),
    )
    const context = yield* Effect.orDie(Layer.buildWithMemoMap(all, Layer.makeMemoMapUnsafe(), scope))
    const folds = Context.get(context, Folds)
    const embeddings = Context.get(context, Embeddings)
    const memories = Context.get(context, Memories)
    const agents = Context.get(context, AgentLog)
    const { append } = Context.get(context, Appender)
    const read = Context.get(context, LogStore)
    yield* Effect.forkIn(Effect.orDie(folds.run), scope)
    yield* Effect.forkIn(embeddings.run, scope, { startImmediately: true })
    const first = <T extends EventType>(type: T, holds: (event: EventOf<T>) => boolean = () => true) =>
      agents.follow(0).pipe(
        Stream.flattenIterable,
        Stream.filter((event) => event.type === type && holds(event as EventOf<T>)),
        Stream.take(1),
        Stream.runCollect,
        Effect.map(([event]) => event as EventOf<T>),
      )
    return {
      memories,
      embeddings,
      store: read,
      log: Context.get(context, ModelLog),
      forgetting: Context.get(context, Forgetting),
      killSwitch: Context.get(context, KillSwitch),
      append,
      events: eventsIn(read),
      first,
      remember: (text, of = workspace) =>
        memories
          .remember({ text, layer: "fact", scope: "workspace", workspace: of, session: null, surface: "cli" })
          .pipe(
            Effect.orDie,
            Effect.map(({ memory }) => memory.id),
          ),
      embedded: Effect.fnUntraced(function* (count) {
        for (;;) {
          const status = yield* embeddings.status(workspace)
          if (status.embedded === count) return
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))
        }
      }),
      search: Effect.fnUntraced(function* (query, limit = 5) {
        const [cause] = yield* append([draft("decision.tick", { dueMs: 0 }, { actor: "decider" })])
        const about = { cause: { seq: cause!.seq, id: cause!.id }, session: "c_1", workspace }
        const { memories: found, without } = yield* memories.search(query, about, limit)
        return { found: found.map(({ text }) => text), without }
      }),
      kill,
    }
  })
