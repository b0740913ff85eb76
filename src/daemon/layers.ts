/**
 * The layer graph of the daemon, bottom up: log, folds and appender; configuration and gate; hands; the loop; what
 * clients call. Each block stands on those before it.
 */
import { Effect, Layer, SubscriptionRef } from "effect"
import { release } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { Agents } from "../act/Agents.ts"
import { LanguageServers } from "../act/lsp/LanguageServers.ts"
import { Notifier } from "../act/Notifier.ts"
import { Tasks } from "../act/tasks/Tasks.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import { AgentLog } from "../agent/AgentLog.ts"
import { contextSource } from "../agent/context/contextSource.ts"
import { Discovery } from "../agent/context/Discovery.ts"
import { RepositoryIndex } from "../agent/context/RepositoryIndex.ts"
import { environment } from "../agent/environment.ts"
import { innerTools } from "../agent/inner/innerTools.ts"
import { Embeddings } from "../agent/memory/Embeddings.ts"
import { Learning } from "../agent/memory/Learning.ts"
import { Memories } from "../agent/memory/Memories.ts"
import { memorySource } from "../agent/memory/memorySource.ts"
import { Preparation } from "../agent/Preparation.ts"
import { Sessions } from "../agent/Sessions.ts"
import { Skills } from "../agent/skills/Skills.ts"
import { skillSource } from "../agent/skills/skillSource.ts"
import { agentStarts } from "../agent/agents/agentStarts.ts"
import { AgentTypes } from "../agent/agents/AgentTypes.ts"
import { agentSections } from "../agent/agents/sections.ts"
import { SubAgents } from "../agent/agents/SubAgents.ts"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import { Keychain } from "../config/Keychain.ts"
import { ruledBy } from "../domain/agents.ts"
import { findCompromised } from "../domain/lockfiles/findCompromised.ts"
import { holdsSecret, redactSecrets } from "../domain/secrets/findSecrets.ts"
import { agentLog } from "../loop/agentLog.ts"
import { agentViews } from "../loop/agentViews.ts"
import { Announcer } from "../loop/Announcer.ts"
import { conversation } from "../loop/conversation.ts"
import { Answers } from "../loop/Answers.ts"
import { Appender } from "../loop/Appender.ts"
import { Calls } from "../loop/Calls.ts"
import { Executor } from "../loop/Executor.ts"
import { Folds } from "../loop/Folds.ts"
import { Grants } from "../loop/Grants.ts"
import { hands as sessionHands } from "../loop/hands.ts"
import { Judge } from "../loop/Judge.ts"
import { Outbox } from "../loop/Outbox.ts"
import { Planner } from "../loop/Planner.ts"
import { Resumer } from "../loop/Resumer.ts"
import { Retrier } from "../loop/Retrier.ts"
import { Sources } from "../loop/Sources.ts"
import { StopWork } from "../loop/StopWork.ts"
import { Thinker } from "../loop/Thinker.ts"
import { canBeTold, TaskEnds } from "../loop/TaskEnds.ts"
import { taskHistory } from "../loop/taskHistory.ts"
import { toolJournal } from "../loop/toolJournal.ts"
import { Turns } from "../loop/Turns.ts"
import { Undoer } from "../loop/Undoer.ts"
import { UndoRanges } from "../loop/UndoRanges.ts"
import { Waiver } from "../loop/Waiver.ts"
import { modelLog } from "../loop/modelLog.ts"
import { Credentials } from "../model/credentials/Credentials.ts"
import { Logins } from "../model/credentials/Logins.ts"
import { KillSwitch } from "../model/KillSwitch.ts"
import { modelsLayer } from "../model/modelsLayer.ts"
import { makeProvider } from "../model/routingProviders.ts"
import { Probes } from "../observe/probes/answer.ts"
import { Anchoring } from "./Anchoring.ts"
import { Checkpoints } from "./Checkpoints.ts"
import { Configs, ownFile } from "./Configs.ts"
import { CredentialWatch } from "./CredentialWatch.ts"
import { type Entry, hidden } from "./entry.ts"
import { Forgetting } from "./Forgetting.ts"
import { Gate } from "./Gate.ts"
import { agentHandlers } from "./handlers/agents.ts"
import { answerHandlers } from "./handlers/answers.ts"
import { authHandlers } from "./handlers/auth.ts"
import { backtestHandlers } from "./handlers/backtesting.ts"
import { commandGround } from "./handlers/commandGround.ts"
import { commandHandlers } from "./handlers/commands.ts"
import { costHandlers } from "./handlers/costs.ts"
import { grantHandlers } from "./handlers/grants.ts"
import { provingHandlers } from "./handlers/proving.ts"
import { keepingHandlers } from "./handlers/keeping.ts"
import { attentionHandlers } from "./handlers/attention.ts"
import { memoryHandlers } from "./handlers/memories.ts"
import { readHandlers } from "./handlers/reading.ts"
import { rebuildHandlers } from "./handlers/rebuilding.ts"
import { sessionHandlers } from "./handlers/sessions.ts"
import { settingHandlers } from "./handlers/settings.ts"
import { taskHandlers } from "./handlers/tasks.ts"
import { toolHandlers } from "./handlers/tools.ts"
import { undoHandlers } from "./handlers/undoing.ts"
import { Health } from "./Health.ts"
import { Identity } from "./Identity.ts"
import { liveHolder, startTime } from "./lockHolder.ts"
import { Moments } from "./Moments.ts"
import { policiesLayer } from "./policiesLayer.ts"
import { Reporter } from "./Reporter.ts"
import { Retention } from "./Retention.ts"
import { sandboxLayer } from "./sandboxLayer.ts"
import { Presences } from "./Presences.ts"
import { changeSetting, type OwnConfig } from "./settingChange.ts"
import { sourceMakers } from "./sources.ts"
import { Stop } from "./Stop.ts"
import { Token } from "./Token.ts"

export interface GraphOptions {
  readonly directories: DirectoriesShape
  readonly env: Environment
  readonly entry: Entry
}

const notifier = Layer.unwrap(
  Effect.gen(function* () {
    const folds = yield* Folds
    const focused = Effect.map(
      SubscriptionRef.get(folds.snapshot),
      ({ control }) => control.health["client:tui "]?.state === "running",
    )
    // which ones are wanted is the announcer's question; a notify tool that was approved is always wanted
    return Notifier.layer({ everything: true, focused })
  }),
)

const sources = (options: GraphOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const folds = yield* Folds
      const configs = yield* Configs
      return Sources.layer(
        sourceMakers({
          directories: options.directories,
          env: options.env,
          snapshot: folds.snapshot,
          settingsFor: configs.settingsFor,
          bundle: options.entry.bundle,
        }),
      )
    }),
  )

const announcer = Layer.unwrap(
  Effect.map(Configs, (configs) =>
    Announcer.layer(Effect.map(configs.settingsFor(null), (settings) => settings.notifications)),
  ),
)

const executor = (home: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const configs = yield* Configs
      return Executor.layer({
        home,
        timeoutMs: (workspace) =>
          Effect.map(configs.settingsFor(workspace), (settings) => settings.tools.timeoutMs),
      })
    }),
  )

const ownConfig = (directories: DirectoriesShape, entry: Entry): OwnConfig => ({
  file: join(directories.config, ownFile),
  child: { node: entry.node, args: [...entry.args, hidden.config] },
  scratch: directories.runtime,
})

const registry = ({ directories, entry, env }: GraphOptions) =>
  Layer.unwrap(
    Effect.map(Effect.all([Configs, LogStore, Agents, Folds]), ([configs, store, agents, folds]) =>
      ToolRegistry.layer({
        agents,
        holdsSecret,
        redact: redactSecrets,
        yields: (session) =>
          Effect.map(SubscriptionRef.get(folds.snapshot), ({ sessions: rows }) =>
            canBeTold(Object.hasOwn(rows, session) ? rows[session]!.kind : null),
          ),
        erasures: store.erasedTimes,
        config: {
          settings: configs.settingsFor,
          change: (section, key, value) =>
            Effect.tap(changeSetting(ownConfig(directories, entry), section, key, value), () =>
              configs.reload(null),
            ),
        },
        web: {
          search: Effect.map(configs.settingsFor(null), ({ web }) => web.search ?? null),
          environment: env,
          ...(entry.bundle === null
            ? {}
            : { pageWorker: pathToFileURL(join(entry.bundle, "pageWorker.js")) }),
        },
      }),
    ),
  )

const retention = (logDir: string) =>
  Layer.unwrap(
    Effect.map(Configs, (configs) =>
      Retention.layer({
        logDir,
        settings: Effect.map(configs.settingsFor(null), (settings) => settings.retention),
      }),
    ),
  )

/** Keys and logins of models' providers, on the user's store of secrets. */
const credentials = ({ directories, env }: GraphOptions) =>
  Layer.mergeAll(CredentialWatch.layer, Logins.layer).pipe(
    Layer.provideMerge(
      Credentials.layer({
        env,
        directory: directories.keys,
        marks: {
          mine: `${process.pid} ${startTime(process.pid) ?? ""}`,
          isAlive: (mark) => liveHolder(mark) !== null,
        },
      }),
    ),
    Layer.provideMerge(Keychain.layer({ directory: directories.keys, env })),
  )

/** Thrown from the start where the daemon starts paused. */
const killSwitch = KillSwitch.layer(
  Effect.flatMap(Folds, ({ snapshot }) =>
    Effect.map(SubscriptionRef.get(snapshot), ({ control }) => control.paused),
  ),
)

/** No SDK is loaded and no server asked before something thinks. */
const models = Layer.unwrap(
  Effect.map(Effect.all([Configs, Folds]), ([{ loaded, settingsFor }, folds]) =>
    modelsLayer({
      // in the worktree of an agent the workspace's own word holds
      settings: (workspace) =>
        Effect.flatMap(SubscriptionRef.get(folds.snapshot), ({ agents }) =>
          Effect.andThen(
            loaded,
            settingsFor(workspace === null ? null : (ruledBy(agents, workspace) ?? workspace)),
          ),
        ),
      provider: makeProvider,
    }),
  ),
).pipe(Layer.provideMerge(modelLog))

/** Rules, skills, memories, sources and the state of the work, before each conversation. */
const preparation = Layer.unwrap(
  Effect.gen(function* () {
    const discovery = yield* Discovery
    const memories = yield* Memories
    const log = yield* AgentLog
    const skills = yield* Skills
    return Preparation.layer([
      environment({ platform: process.platform, release: release() }),
      contextSource(discovery),
      skillSource(skills),
      memorySource(memories, log),
      yield* agentSections,
    ])
  }),
)

const memorySettings = Effect.map(Configs, ({ settingsFor }) => ({
  settings: (workspace: string | null) => Effect.map(settingsFor(workspace), ({ memory }) => memory),
}))
const learning = Layer.unwrap(Effect.map(memorySettings, Learning.layer))
const embeddings = Layer.unwrap(Effect.map(memorySettings, Embeddings.layer))

/** Asks models about what no reflex explains. */
const thinker = Layer.unwrap(
  Effect.map(Configs, ({ settingsFor }) =>
    Thinker.layer({ settings: Effect.map(settingsFor(null), ({ deliberation }) => deliberation) }),
  ),
)

/** Kinds of agents, and the way of a tool call to a child of its conversation. */
const agentTypes = ({ directories: { config } }: GraphOptions) =>
  Layer.unwrap(
    Effect.map(Folds, (folds) =>
      AgentTypes.layer({
        config,
        trusted: (workspace) =>
          Effect.map(SubscriptionRef.get(folds.snapshot), ({ control }) => control.trust[workspace] ?? {}),
      }),
    ),
  )
const starts = Layer.unwrap(
  Effect.map(Configs, ({ settingsFor }) =>
    agentStarts((workspace) => Effect.map(settingsFor(workspace), ({ agents }) => agents)),
  ),
).pipe(Layer.provide(agentLog))

/** Children of conversations. */
const subAgents = ({ directories }: GraphOptions) =>
  Layer.unwrap(
    Effect.map(Configs, ({ settingsFor }) =>
      SubAgents.layer({
        worktrees: directories.worktrees,
        settings: (workspace) => Effect.map(settingsFor(workspace), ({ agents }) => agents),
      }),
    ),
  )

/** Conversations, and what stands before each. */
const sessions = (options: GraphOptions) => {
  const { directories } = options
  return Layer.mergeAll(subAgents(options), learning).pipe(
    Layer.provideMerge(Sessions.layer),
    Layer.provideMerge(preparation),
    Layer.provideMerge(innerTools),
    Layer.provideMerge(
      Layer.mergeAll(Discovery.layer(directories), Skills.layer(directories), Memories.layer),
    ),
    Layer.provideMerge(Layer.merge(RepositoryIndex.layer(directories), embeddings)),
    Layer.provideMerge(Layer.mergeAll(agentLog, agentViews, sessionHands)),
  )
}

const slashCommands = ({ directories, entry }: GraphOptions) =>
  Layer.unwrap(
    Effect.map(Configs, (configs) =>
      commandHandlers.pipe(
        Layer.provide(
          commandGround({
            change: (section, key, value) =>
              Effect.tap(changeSetting(ownConfig(directories, entry), section, key, value), () =>
                configs.reload(null),
              ),
          }),
        ),
      ),
    ),
  )

export const daemonLayer = (options: GraphOptions) => {
  const { directories, entry, env } = options
  const { home } = directories
  const identity = Layer.succeed(Identity, {
    version: entry.version,
    pid: process.pid,
    startedAt: new Date().toISOString(),
  })
  const log = Appender.layer.pipe(
    Layer.provideMerge(Folds.layer),
    Layer.provideMerge(LmdbLogStore.layer({ dir: directories.log })),
  )
  const gate = Layer.mergeAll(Gate.layer({ home, config: directories.config }), Judge.layer({ home })).pipe(
    Layer.provideMerge(Configs.layer({ directories, entry })),
    Layer.provideMerge(policiesLayer(directories)),
  )
  const hands = registry(options).pipe(
    Layer.provide(starts),
    Layer.provideMerge(agentTypes(options)),
    Layer.provideMerge(notifier),
    Layer.provideMerge(LanguageServers.layer()),
    Layer.provideMerge(Tasks.layer({ redact: redactSecrets })),
    Layer.provideMerge(Layer.mergeAll(toolJournal, taskHistory, conversation)),
    Layer.provideMerge(sandboxLayer(options)),
  )
  const loop = Layer.mergeAll(
    Outbox.layer,
    Answers.layer,
    Calls.layer({ home }),
    Resumer.layer,
    announcer,
    sources(options),
  ).pipe(
    Layer.provideMerge(Waiver.layer),
    Layer.provideMerge(Grants.layer({ home })),
    Layer.provideMerge(StopWork.layer),
    Layer.provideMerge(executor(home)),
    Layer.provideMerge(Planner.layer({ home })),
    Layer.provideMerge(UndoRanges.layer),
    Layer.provideMerge(Undoer.layer),
    Layer.provideMerge(Turns.layer),
    Layer.provideMerge(Probes.layer({ home, environment: env, findCompromised })),
  )
  const proofs = Checkpoints.layer.pipe(Layer.provideMerge(Anchoring.layer({ env })))
  const clients = Layer.mergeAll(
    answerHandlers,
    authHandlers,
    backtestHandlers({ home }),
    keepingHandlers({ entry, logDir: directories.log }),
    readHandlers({ home, entry, logDir: directories.log }),
    rebuildHandlers,
    undoHandlers,
    sessionHandlers,
    agentHandlers,
    settingHandlers({ home }),
    toolHandlers({ home }),
    grantHandlers,
    taskHandlers,
    attentionHandlers,
    memoryHandlers,
    costHandlers,
    provingHandlers({ entry, logDir: directories.log }),
  ).pipe(
    Layer.provideMerge(Retrier.layer({ home })),
    Layer.provideMerge(Forgetting.layer(directories)),
    Layer.provideMerge(retention(directories.log)),
    Layer.provideMerge(Health.layer(directories, env)),
    Layer.provideMerge(Reporter.layer({ logDir: directories.log })),
    Layer.provideMerge(Moments.layer({ logDir: directories.log })),
    Layer.provideMerge(Presences.layer),
    Layer.provideMerge(Token.layer(directories)),
    Layer.provideMerge(proofs),
  )
  return slashCommands(options).pipe(
    Layer.provideMerge(clients),
    Layer.provideMerge(Layer.mergeAll(thinker, TaskEnds.layer)),
    Layer.provideMerge(sessions(options)),
    Layer.provideMerge(loop),
    Layer.provideMerge(models),
    Layer.provideMerge(hands),
    Layer.provideMerge(credentials(options)),
    Layer.provideMerge(gate),
    Layer.provideMerge(killSwitch),
    Layer.provideMerge(log),
    Layer.provideMerge(Layer.mergeAll(identity, Stop.layer)),
  )
}
