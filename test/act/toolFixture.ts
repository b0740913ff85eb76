/** Tools on a throw-away workspace, planned and run as the driver would. */
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { Context, Effect, Layer } from "effect"
import type { ConfigAccess } from "../../src/act/ConfigAccess.ts"
import { Conversation } from "../../src/act/Conversation.ts"
import { LanguageServers, type ServerTimes } from "../../src/act/lsp/LanguageServers.ts"
import { Notifier, type Delivery, type Notification } from "../../src/act/Notifier.ts"
import type { ToolContext, ToolPlan, ToolResult } from "../../src/act/Tool.ts"
import { ToolRegistry } from "../../src/act/ToolRegistry.ts"
import { Tasks } from "../../src/act/tasks/Tasks.ts"
import { undoCall } from "../../src/act/undo.ts"
import type { UndoChoice } from "../../src/domain/undoConflict.ts"
import type { WebOptions } from "../../src/act/web/WebOptions.ts"
import { memoryJournal, type MemoryJournal } from "./memoryJournal.ts"
import { makePlaceIn, sandboxOf, type Place } from "./sandboxFixture.ts"

export const secretMark = "planted-secret"

export interface Tools {
  readonly place: Place
  readonly registry: ToolRegistry["Service"]
  readonly sent: Array<Notification>
  /** What tools wrote into the log. */
  readonly journal: MemoryJournal
  readonly tasks: Tasks["Service"]
  readonly servers: LanguageServers["Service"]
  readonly plan: (
    tool: string,
    input: Readonly<Record<string, unknown>>,
    context?: Partial<ToolContext>,
  ) => ReturnType<ToolRegistry["Service"]["plan"]>
  readonly run: (
    tool: string,
    input: Readonly<Record<string, unknown>>,
    context?: Partial<ToolContext>,
  ) => Effect.Effect<ToolResult, Effect.Error<ReturnType<ToolRegistry["Service"]["plan"]>>>
  /** Head and tail of the answer. */
  readonly text: (
    tool: string,
    input: Readonly<Record<string, unknown>>,
    context?: Partial<ToolContext>,
  ) => Effect.Effect<string, Effect.Error<ReturnType<ToolRegistry["Service"]["plan"]>>>
}

/** What the log would have: a later plan does not bring again what an earlier one brought. */
const stored = new WeakMap<Place, Map<string, Uint8Array>>()
const keep = (place: Place, blobs: ReadonlyArray<Uint8Array>): Map<string, Uint8Array> => {
  const all = stored.get(place) ?? new Map<string, Uint8Array>()
  for (const bytes of blobs) all.set(createHash("sha256").update(bytes).digest("hex"), bytes)
  stored.set(place, all)
  return all
}

export const undoOf = (
  place: Place,
  plan: ToolPlan,
  result: Pick<ToolResult, "after" | "refs" | "kept">,
  choice?: UndoChoice,
) => {
  const blobs = keep(place, [...plan.blobs, ...(result.kept ?? [])])
  const call = {
    workspace: place.workspace,
    record: plan.undo,
    after: result.after,
    refsAfter: result.refs,
    blob: (hash: string) => Effect.succeed(blobs.get(hash) ?? null),
  }
  return undoCall(call, choice)
}

export const withTools = <A, E>(
  body: (tools: Tools) => Effect.Effect<A, E>,
  options: {
    readonly program?: string
    /** Where the place is made; the system's temporary folder if absent. */
    readonly base?: string
    readonly delivery?: Delivery
    readonly everything?: boolean
    readonly web?: WebOptions
    readonly config?: ConfigAccess
    /** Absent: nobody ever answers or says a word. */
    readonly conversation?: Conversation["Service"]
    /** Puts files there before the tools are, and says where programs are looked for first. */
    readonly servers?: Partial<ServerTimes>
    readonly prepare?: (place: Place) => Promise<ReadonlyArray<string>>
  } = {},
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const place = yield* makePlaceIn(options.base ?? tmpdir())
    const searched = yield* Effect.promise(async () => (await options.prepare?.(place)) ?? [])
    const sent: Array<Notification> = []
    const notifier = Notifier.layer({
      everything: options.everything ?? true,
      focused: Effect.succeed(false),
      transport: (notification) => {
        sent.push(notification)
        return Effect.succeed(options.delivery ?? { _tag: "sent" })
      },
    })
    const holdsSecret = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(secretMark)
    const redact = (text: string): string => text.replaceAll(secretMark, "[redacted]")
    const journal = memoryJournal()
    const layer = ToolRegistry.layer({
      holdsSecret,
      redact,
      ...(options.web === undefined ? {} : { web: options.web }),
      ...(options.config === undefined ? {} : { config: options.config }),
    }).pipe(
      Layer.provideMerge(Tasks.layer({ redact })),
      Layer.provideMerge(LanguageServers.layer(options.servers)),
      Layer.provide([
        Layer.succeed(
          Conversation,
          options.conversation ?? Conversation.of({ ask: () => Effect.never, heard: () => Effect.never }),
        ),
        journal.layer,
        notifier,
        sandboxOf(place, {
          searched,
          ...(options.program === undefined ? {} : { program: options.program }),
        }),
      ]),
    )
    const built = yield* Layer.build(layer)
    const registry = Context.get(built, ToolRegistry)
    const context: ToolContext = {
      call: "s_0123456789abcdef#0",
      session: null,
      actor: "claw",
      trust: "trusted",
      workspace: place.workspace,
      cwd: place.workspace,
      home: place.home,
      commands: [],
      permits: { write: [], network: false, hosts: [], shell: false, unsandboxed: false },
      timeoutMs: 20_000,
    }
    const plan: Tools["plan"] = (tool, input, more = {}) =>
      registry
        .plan(tool, input, { ...context, ...more })
        .pipe(Effect.tap(({ blobs }) => Effect.sync(() => keep(place, blobs))))
    const run: Tools["run"] = (tool, input, more) =>
      plan(tool, input, more).pipe(Effect.flatMap((one) => one.run))
    const text: Tools["text"] = (tool, input, more) =>
      run(tool, input, more).pipe(Effect.map(({ output }) => output.head + output.tail))
    return yield* body({
      place,
      registry,
      sent,
      journal,
      tasks: Context.get(built, Tasks),
      servers: Context.get(built, LanguageServers),
      plan,
      run,
      text,
    })
  }).pipe(Effect.scoped)
