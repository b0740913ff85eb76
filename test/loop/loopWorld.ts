/**
 * The loop on a log in memory, with the real gate, tools, sandbox and undo on a throw-away workspace. `boot` can be
 * called again over the same log: a restart, after an end as hard as a kill. Only the disk can be told to fail.
 */
import { Context, Effect, Exit, Layer, Scope, Stream, SubscriptionRef } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Backend } from "../../log-store/Backend.ts"
import { LogError, LogStore, Unwritable } from "../../log-store/LogStore.ts"
import { makeStore } from "../../log-store/makeStore.ts"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import { upcaster, upcasts } from "../../log-store/upcasts.ts"
import { LanguageServers } from "../../src/act/lsp/LanguageServers.ts"
import { Agents } from "../../src/act/Agents.ts"
import { Conversation } from "../../src/act/Conversation.ts"
import { Notifier } from "../../src/act/Notifier.ts"
import { Sandbox } from "../../src/act/Sandbox.ts"
import { Tasks } from "../../src/act/tasks/Tasks.ts"
import { ToolRegistry } from "../../src/act/ToolRegistry.ts"
import { agentStarts } from "../../src/agent/agents/agentStarts.ts"
import { AgentTypes } from "../../src/agent/agents/AgentTypes.ts"
import { directories } from "../../src/config/Directories.ts"
import { policiesLayer } from "../../src/daemon/policiesLayer.ts"
import type { ToolCall } from "../../src/domain/action.ts"
import { draft, type Event, type EventDraft, type EventOf, type EventType } from "../../src/domain/event.ts"
import { findCompromised } from "../../src/domain/lockfiles/findCompromised.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { agentLog } from "../../src/loop/agentLog.ts"
import { Answers, type ShownToPerson } from "../../src/loop/Answers.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { Calls } from "../../src/loop/Calls.ts"
import { Executor } from "../../src/loop/Executor.ts"
import { Folds } from "../../src/loop/Folds.ts"
import { Grants } from "../../src/loop/Grants.ts"
import { Judge } from "../../src/loop/Judge.ts"
import { Outbox } from "../../src/loop/Outbox.ts"
import { Planner } from "../../src/loop/Planner.ts"
import { Probes } from "../../src/observe/probes/answer.ts"
import { Resumer } from "../../src/loop/Resumer.ts"
import { Retrier } from "../../src/loop/Retrier.ts"
import { KillSwitch } from "../../src/model/KillSwitch.ts"
import { StopWork } from "../../src/loop/StopWork.ts"
import { taskHistory } from "../../src/loop/taskHistory.ts"
import { conversation } from "../../src/loop/conversation.ts"
import { toolJournal } from "../../src/loop/toolJournal.ts"
import { Turns } from "../../src/loop/Turns.ts"
import { Undoer } from "../../src/loop/Undoer.ts"
import { UndoRanges } from "../../src/loop/UndoRanges.ts"
import { Waiver } from "../../src/loop/Waiver.ts"
import { removeTree } from "../removeTree.ts"

export interface Disk {
  /** What the disk says to appends; null: it takes them. */
  refuses: string | null
  /** Only to appends with an event of this type; null: to all. */
  only: EventType | null
  /** Appends of that kind that were tried, taken or not. */
  tried: number
}

export const disk = (): Disk => ({ refuses: null, only: null, tried: 0 })

const onDisk = (store: LogStore["Service"], { state }: { readonly state: Disk }): LogStore["Service"] => ({
  ...store,
  append: (drafts, options) =>
    Effect.suspend(() => {
      const concerned = state.only === null || drafts.some(({ type }) => type === state.only)
      if (concerned) state.tried++
      return state.refuses === null || !concerned
        ? store.append(drafts, options)
        : Effect.fail(new LogError({ reason: new Unwritable({ message: state.refuses }) }))
    }),
})

/** A log in memory that outlives its openings. */
export const storeOver = (backend: Backend, state: Disk = disk()) =>
  Layer.effect(
    LogStore,
    Effect.map(Effect.orDie(makeStore({ backend, upcast: upcaster(upcasts), place: "memory" })), (store) =>
      onDisk(store, { state }),
    ),
  )

/** The same, until `kill`: nothing of this life is written any more. */
export const mortalStore = (backend: Backend) => {
  let dead = false
  const store = Layer.effect(
    LogStore,
    Effect.map(LogStore, (real): LogStore["Service"] => ({
      ...real,
      append: (drafts, expect) =>
        Effect.suspend(() => (dead ? Effect.die(new Error("killed")) : real.append(drafts, expect))),
    })),
  ).pipe(Layer.provide(storeOver(backend)))
  const kill = Effect.sync(() => {
    dead = true
  })
  return { store, kill }
}

/** All events of a type, in their order. */
export const eventsIn =
  (store: LogStore["Service"]) =>
  <T extends EventType>(type: T): Effect.Effect<ReadonlyArray<EventOf<T>>> =>
    store.read({ types: [type] }).pipe(
      Stream.runCollect,
      Effect.map((found) => found as ReadonlyArray<Event> as ReadonlyArray<EventOf<T>>),
      Effect.orDie,
    )

export interface Place {
  readonly home: string
  readonly workspace: string
  readonly read: (path: string) => string
  readonly write: (path: string, text: string) => void
}

export const place: Effect.Effect<Place, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "claw-loop-")))),
    (dir) => Effect.sync(() => removeTree(dir)),
  ),
  (home) => {
    const workspace = join(home, "shop")
    mkdirSync(workspace)
    return {
      home,
      workspace,
      read: (path) => readFileSync(join(workspace, path), "utf8"),
      write: (path, text) => writeFileSync(join(workspace, path), text),
    }
  },
)

const layerOf = (
  at: Place,
  backend: Backend,
  state: Disk,
  sandboxed: boolean,
  blockingMs: number | undefined,
) => {
  const dirs = directories({ HOME: at.home })
  const log = Appender.layer.pipe(
    Layer.provideMerge(Folds.layer),
    Layer.provideMerge(storeOver(backend, state)),
  )
  const gate = Judge.layer({ home: at.home }).pipe(Layer.provideMerge(policiesLayer(dirs)))
  const starts = agentStarts(() => Effect.succeed({ depth: 3, concurrent: 4, worktree: { link: [] } })).pipe(
    Layer.provide(AgentTypes.layer({ config: dirs.config, trusted: () => Effect.succeed({}) })),
    Layer.provide(agentLog),
  )
  const registry = Layer.unwrap(
    Effect.map(Agents, (agents) =>
      ToolRegistry.layer({
        holdsSecret: () => false,
        redact: (text) => text,
        agents,
        ...(blockingMs === undefined ? {} : { blockingMs }),
      }),
    ),
  )
  const hands = registry.pipe(
    Layer.provide(starts),
    Layer.provideMerge(LanguageServers.layer()),
    Layer.provideMerge(Tasks.layer({ redact: (text) => text })),
    Layer.provideMerge(Layer.mergeAll(toolJournal, taskHistory, conversation)),
    Layer.provideMerge(
      Notifier.layer({
        everything: true,
        focused: Effect.succeed(false),
        transport: () => Effect.succeed({ _tag: "sent" }),
      }),
    ),
    Layer.provideMerge(
      Sandbox.layer({
        home: at.home,
        environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
        hidden: [dirs.data],
        temporary: tmpdir(),
        holdsSecret: () => false,
        ...(sandboxed ? {} : { program: "/nonexistent/bwrap" }),
      }),
    ),
  )
  const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: at.home }
  return Retrier.layer({ home: at.home }).pipe(
    Layer.provideMerge(
      Layer.mergeAll(Answers.layer, Calls.layer({ home: at.home }), Outbox.layer, Resumer.layer),
    ),
    Layer.provideMerge(Probes.layer({ home: at.home, environment, findCompromised })),
    Layer.provideMerge(Waiver.layer),
    Layer.provideMerge(Grants.layer({ home: at.home })),
    Layer.provideMerge(UndoRanges.layer),
    Layer.provideMerge(Undoer.layer),
    Layer.provideMerge(StopWork.layer),
    Layer.provideMerge(KillSwitch.layer(Effect.succeed(false))),
    Layer.provideMerge(Executor.layer({ home: at.home, timeoutMs: () => Effect.succeed(60_000) })),
    Layer.provideMerge(Turns.layer),
    Layer.provideMerge(Planner.layer({ home: at.home })),
    Layer.provideMerge(hands),
    Layer.provideMerge(gate),
    Layer.provideMerge(log),
  )
}

export interface Loop {
  readonly store: LogStore["Service"]
  readonly folds: Folds["Service"]
  readonly appender: Appender["Service"]
  readonly answers: Answers["Service"]
  readonly executor: Executor["Service"]
  readonly stopWork: StopWork["Service"]
  readonly calls: Calls["Service"]
  readonly retrier: Retrier["Service"]
  readonly conversation: Conversation["Service"]
  readonly grants: Grants["Service"]
  readonly waiver: Waiver["Service"]
  readonly ranges: UndoRanges["Service"]
  readonly turns: Turns["Service"]
  readonly judging: Judge["Service"]
  readonly probes: Probes["Service"]
  readonly append: (...drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
  /** A suggestion of these actions, judged by the real gate. */
  readonly suggest: (id: string, ...actions: ReadonlyArray<ToolCall>) => Effect.Effect<Suggestion>
  readonly judge: (id: string) => Effect.Effect<Suggestion>
  readonly row: (id: string) => Effect.Effect<Suggestion>
  /** The row, once it holds. */
  readonly rowWhen: (id: string, holds: (row: Suggestion) => boolean) => Effect.Effect<Suggestion>
  readonly events: (...types: ReadonlyArray<EventType>) => Effect.Effect<ReadonlyArray<Event>>
  /** What a person who looks now sees of it. */
  readonly shown: (id: string) => Effect.Effect<ShownToPerson>
  /** The event of an approval of what is there now, for logs that are made by hand. */
  readonly approval: (id: string) => Effect.Effect<EventDraft>
  readonly approve: (id: string) => ReturnType<Answers["Service"]["approve"]>
  /** Ends everything at once, without a word in the log. */
  readonly crash: Effect.Effect<void>
}

export const proposalOf = (id: string, actions: ReadonlyArray<ToolCall>) => ({
  rule: "test-rule",
  mode: "draft" as const,
  title: `suggestion ${id}`,
  why: [{ text: "because", seq: null }],
  evidence: [],
  actions: [...actions],
  risk: "low" as const,
  urgent: false,
  fingerprint: `test-rule:${id}`,
  expiresWhen: [],
  ttlMs: null,
  alternatives: [],
})

export const madeDraft = (id: string, workspace: string, actions: ReadonlyArray<ToolCall>): EventDraft =>
  draft(
    "decision.draft",
    { situation: 1, suggestion: id, proposal: proposalOf(id, actions), tainted: false, expiresAt: null },
    { actor: "decider", workspace, correlationId: id },
  )

/** Starts the loop over this log. Its executor runs unless told otherwise. */
export const boot = (
  at: Place,
  backend: Backend = memoryBackend(),
  options: {
    readonly disk?: Disk
    readonly executor?: boolean
    readonly sandboxed?: boolean
    /** How long a conversation waits for a command. */
    readonly blockingMs?: number
    /** The decider's outbox and the pause timer run too. */
    readonly deciding?: boolean
  } = {},
): Effect.Effect<Loop, never, Scope.Scope> =>
  Effect.gen(function* () {
    const outer = yield* Scope.Scope
    const scope = yield* Scope.fork(outer)
    const layer = layerOf(at, backend, options.disk ?? disk(), options.sandboxed ?? false, options.blockingMs)
    const context = yield* Effect.orDie(Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope))
    const folds = Context.get(context, Folds)
    const appender = Context.get(context, Appender)
    const answers = Context.get(context, Answers)
    const executor = Context.get(context, Executor)
    const calls = Context.get(context, Calls)
    const planner = Context.get(context, Planner)
    const judging = Context.get(context, Judge)
    const store = Context.get(context, LogStore)
    yield* Effect.forkIn(folds.run, scope, { startImmediately: true })
    if (options.executor !== false) yield* Effect.forkIn(executor.run, scope, { startImmediately: true })

    yield* Effect.forkIn(calls.run, scope, { startImmediately: true })
    if (options.deciding === true) {
      yield* Effect.forkIn(Context.get(context, Outbox).run, scope, { startImmediately: true })
      yield* Effect.forkIn(Context.get(context, Resumer).run, scope, { startImmediately: true })
    }

    const append: Loop["append"] = Effect.fnUntraced(function* (...drafts) {
      const events = yield* appender.append(drafts)
      yield* folds.reached(events.at(-1)?.seq ?? 0)
      return events
    })
    const row: Loop["row"] = (id) =>
      Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) => queue.suggestions[id]!)
    const judge: Loop["judge"] = Effect.fnUntraced(function* (id) {
      yield* judging.suggestion(id)
      yield* folds.reached((yield* store.head).seq)
      return yield* row(id)
    })
    const planned = (id: string) =>
      Effect.flatMap(SubscriptionRef.get(folds.snapshot), ({ queue }) => {
        const found = queue.suggestions[id]
        return found === undefined
          ? Effect.succeed([])
          : Effect.forEach(found.proposed, (_, index) => planner.action(found, index, { unsandboxed: true }))
      })
    const shown: Loop["shown"] = (id) =>
      Effect.map(planned(id), (plans) => ({
        digests: plans.map(({ verdict }) => verdict.digest),
        plans: plans.map(({ bound }) => bound?.binding.digest ?? ""),
        unsandboxed: false,
      }))
    const approval: Loop["approval"] = (id) =>
      Effect.map(planned(id), (plans) =>
        draft(
          "approval.approved",
          {
            suggestion: id,
            digests: plans.map(({ verdict }) => verdict.digest),
            plans: plans.flatMap(({ bound }) => (bound === null ? [] : [bound.binding])),
            unsandboxed: false,
            surface: "cli",
          },
          { actor: "user:cli", workspace: at.workspace, correlationId: id },
        ),
      )
    return {
      store,
      folds,
      appender,
      answers,
      executor,
      stopWork: Context.get(context, StopWork),
      calls,
      retrier: Context.get(context, Retrier),
      conversation: Context.get(context, Conversation),
      grants: Context.get(context, Grants),
      waiver: Context.get(context, Waiver),
      ranges: Context.get(context, UndoRanges),
      turns: Context.get(context, Turns),
      judging,
      probes: Context.get(context, Probes),
      append,
      row,
      judge,
      suggest: (id, ...actions) => Effect.andThen(append(madeDraft(id, at.workspace, actions)), judge(id)),
      rowWhen: (id, holds) =>
        SubscriptionRef.changes(folds.snapshot).pipe(
          Stream.map(({ queue }) => queue.suggestions[id]),
          Stream.filter((found): found is NonNullable<typeof found> => found !== undefined && holds(found)),
          Stream.runHead,
          Effect.flatMap(Effect.fromOption),
          Effect.orDie,
        ),
      events: (...types) => Effect.orDie(Stream.runCollect(store.read(types.length === 0 ? {} : { types }))),
      shown,
      approval,
      approve: (id) => Effect.flatMap(shown(id), (seen) => answers.approve(id, seen, "cli")),
      crash: Scope.close(scope, Exit.void),
    }
  })

/** Who asks for calls in this workspace, outside of any conversation. */
export const askedBy = (at: Place, actor = "user:cli") => ({
  workspace: at.workspace,
  actor,
  trust: "trusted" as const,
  session: null,
})
export const read = (path: string): ToolCall => ({ tool: "read_file", input: { path } })
export const write = (path: string, content: string): ToolCall => ({
  tool: "write_file",
  input: { path, content },
})
export const ended = (row: Suggestion): boolean =>
  ["done", "failed", "undone", "rejected", "expired"].includes(row.state)
/** It was approved, nothing of it ran, and it waits for an answer again. */
export const asksAgain = (row: Suggestion): boolean => row.state === "pending" && row.note !== null
