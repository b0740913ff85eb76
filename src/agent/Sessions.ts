/**
 * Conversations as others use them: clients, the loop, parents of sub-agents. One fiber works on each conversation that has
 * something to do, also after a restart; all it knows is in the log.
 * Invariants: what a method answered is durable; live deltas are a view and are lost with no harm; whoever waits for the end
 * of a piece of work waits for its `session.rested`.
 */
import { Context, Effect, Layer, Option, Random, type Schema, type Scope, Stream } from "effect"
import type { Trust } from "../domain/action.ts"
import { draft, type EventOf } from "../domain/event.ts"
import type { Surface } from "../domain/events/acted.ts"
import type { SessionKind, SessionLimits, SummaryLine } from "../domain/events/sessions.ts"
import type { Effort } from "../domain/modelRequest.ts"
import { neutralise } from "../domain/neutralise.ts"
import { nearest } from "../domain/nearest.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import { Models } from "../model/Models.ts"
import { AgentLog } from "./AgentLog.ts"
import { compact } from "./engine/compact.ts"
import { header, resultsDraft } from "./engine/drafts.ts"
import { Hub, type SessionDelta } from "./engine/Hub.ts"
import { load } from "./engine/load.ts"
import { type SaidFile, wordDrafts, wordFault } from "./engine/saying.ts"
import { outputOf, sizeOf } from "./engine/work.ts"
import { runWorkers } from "./engine/Workers.ts"
import { Hands } from "./Hands.ts"
import { InnerTools } from "./InnerTools.ts"
import { Preparation } from "./Preparation.ts"
import { busy, noSession, SessionError, wrong } from "./SessionError.ts"
import { blocksOf, openCalls } from "./session/blocks.ts"
import { callerOf } from "./session/caller.ts"
import { requestId } from "./session/calls.ts"
import { schemaFault } from "./session/format.ts"
import { defaultLimits } from "./session/limits.ts"
import { unasked } from "./session/results.ts"
import { readingOf } from "./session/toolChoice.ts"
import type { Transcript } from "./session/transcript.ts"

export { SessionError } from "./SessionError.ts"
export type { SaidFile } from "./engine/saying.ts"
export type { SessionDelta } from "./engine/Hub.ts"

export interface OpenSession {
  readonly kind: SessionKind
  readonly workspace: string
  /** Who opens it: `user:cli`, `user:tui`, `claw`, `agent:explore`. Its calls are `callerOf` it, never a person. */
  readonly actor: string
  readonly title?: string
  /** Alias or name; absent: the settings' default. */
  readonly model?: string
  readonly effort?: Effort
  readonly tools?: ReadonlyArray<string>
  readonly limits?: Partial<SessionLimits>
  readonly format?: Readonly<Record<string, Schema.Json>>
  readonly parent?: {
    readonly session: string
    readonly call: string
    readonly agent: string
    readonly depth: number
  }
  readonly situation?: number
  readonly cwd?: string
  /** Of what it was opened for; absent: trusted. */
  readonly trust?: Trust
  /** Id of what brought it about, and an id of its own where it must be the same after a crash. */
  readonly id?: string
  readonly causationId?: string
}

export class Sessions extends Context.Service<
  Sessions,
  {
    readonly open: (
      options: OpenSession,
    ) => Effect.Effect<{ readonly session: string; readonly seq: number }, SessionError>
    /** While it works, the word waits for the next step and is heard there. */
    readonly say: (word: {
      readonly session: string
      readonly text: string
      readonly files: ReadonlyArray<SaidFile>
      readonly surface: Surface | null
      readonly actor: string
      /** Of the text; absent: trusted. */
      readonly trust?: Trust
    }) => Effect.Effect<number, SessionError>
    readonly stop: (session: string, surface: Surface | null) => Effect.Effect<void, SessionError>
    /** The first end of work behind `after`. */
    readonly rested: (
      session: string,
      after: number,
    ) => Effect.Effect<EventOf<"session.rested">, SessionError>
    readonly watch: (session: string) => Effect.Effect<Stream.Stream<SessionDelta>, never, Scope.Scope>
    readonly transcript: (session: string, at?: number) => Effect.Effect<Transcript, SessionError>
    readonly change: (
      session: string,
      changes: {
        readonly model?: string
        readonly effort?: Effort
        readonly title?: string
        readonly tools?: ReadonlyArray<string> | null
        readonly limits?: Partial<SessionLimits>
        readonly format?: Readonly<Record<string, Schema.Json>> | null
      },
    ) => Effect.Effect<void, SessionError>
    /** A new conversation that begins with what this one said up to `at`. */
    readonly fork: (session: string, at: number | null) => Effect.Effect<string, SessionError>
    /** `to`: seq of a `session.said` it goes back to before. */
    readonly rewind: (
      session: string,
      to: number,
      what: "conversation" | "files" | "both",
      surface: Surface,
    ) => Effect.Effect<
      { readonly undone: ReadonlyArray<string>; readonly kept: ReadonlyArray<string> },
      SessionError
    >
    /** The record that now stands in the place of what was said; empty: there was nothing to put into one. */
    readonly compact: (session: string) => Effect.Effect<ReadonlyArray<SummaryLine>, SessionError>
    readonly archive: (session: string, restored: boolean) => Effect.Effect<void, SessionError>
    /** Takes up the work of every conversation that has some, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/agent/Sessions") {
  static readonly layer = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const log = yield* AgentLog
      const models = yield* Models
      const hands = yield* Hands
      const { tools: inner } = yield* InnerTools
      const preparation = yield* Preparation
      const hub = new Hub()

      const freshId = Effect.map(
        Effect.all([Random.nextIntBetween(0, 2 ** 32), Random.nextIntBetween(0, 2 ** 32)]),
        (words) => `c_${words.map((word) => word.toString(16).padStart(8, "0")).join("")}`,
      )
      const rowOf = Effect.fnUntraced(function* (session: string) {
        const rows = yield* log.sessions
        return Object.hasOwn(rows, session) ? rows[session]! : yield* noSession(session)
      })
      const resting = Effect.fnUntraced(function* (session: string) {
        const row = yield* rowOf(session)
        if (row.state === "working") return yield* busy("it works: stop it first, or wait until it rests")
        return row
      })
      const named = (name: string, workspace: string) =>
        Effect.mapError(
          models.resolve(name, workspace),
          ({ cure, message, reason }) =>
            new SessionError({
              reason: reason === "bad-request" || reason === "not-found" ? "input" : "unavailable",
              message: cure === "" ? message : `${message}: ${cure}`,
            }),
        )
      const titled = (title: string): string => neutralise(redactSecrets(title)).slice(0, 200)
      const after = Effect.fnUntraced(function* (
        transcript: Transcript,
        drafts: Parameters<typeof log.append>[0],
      ) {
        const events = yield* log.appendAfter(transcript.session, transcript.lastSeq, drafts)
        if (events === null) return yield* busy("somebody else changed it in the same moment: try again")
        yield* hub.publish(transcript.session, { _tag: "moved", seq: events.at(-1)!.seq })
        return events
      })

      const usable = (format: OpenSession["format"] | null) => {
        const fault = format == null ? null : schemaFault(format)
        return fault === null
          ? Effect.void
          : Effect.fail(wrong(`no answer can be held to this schema: ${fault}`))
      }

      /** A name that a person wrote wrongly is told; a kind of agent may name tools of others. */
      const toolsThere = Effect.fnUntraced(function* (
        tools: ReadonlyArray<string> | null | undefined,
        { actor, workspace }: { readonly actor: string; readonly workspace: string },
      ) {
        if (tools == null || !actor.startsWith("user:")) return
        const caller = { workspace, actor: callerOf({ actor }), trust: "trusted" as const, session: null }
        const names = [
          ...(yield* hands.offered(caller)).map(({ name }) => name),
          ...inner.map(({ definition }) => definition.name),
        ]
        const strange = tools.find((name) => !names.some((one) => one === name || readingOf(one) === name))
        if (strange === undefined) return
        const meant = nearest(strange, names)
        const hint = meant === null ? "claw tool list shows what there is" : `did you mean ${meant}?`
        return yield* wrong(`no tool is called ${neutralise(strange.slice(0, 100))}: ${hint}`)
      })

      const open: Sessions["Service"]["open"] = Effect.fn("Sessions.open")(function* (options) {
        const known = options.id === undefined ? undefined : (yield* log.sessions)[options.id]
        if (known !== undefined) return { session: known.id, seq: known.lastSeq }
        const { actor, kind, workspace } = options
        yield* usable(options.format)
        yield* toolsThere(options.tools, options)
        const model = yield* named(options.model ?? "default", workspace)
        const session = options.id ?? (yield* freshId)
        const opened = draft(
          "session.opened",
          {
            session,
            kind,
            title: titled(options.title ?? ""),
            model,
            effort: options.effort === undefined ? yield* models.effort(workspace) : options.effort,
            tools: options.tools === undefined ? null : [...options.tools],
            limits: { ...defaultLimits[kind], ...options.limits },
            format: options.format ?? null,
            parent: options.parent ?? null,
            fork: null,
            situation: options.situation ?? null,
            cwd: options.cwd ?? workspace,
          },
          {
            ...header({ session, workspace }, { actor, trust: options.trust ?? "trusted" }),
            causationId: options.causationId ?? null,
          },
        )
        // of one that was announced there is something in the log
        const before = options.id === undefined ? undefined : (yield* log.read(session)).at(-1)
        const events = yield* log.appendAfter(session, before?.seq ?? 0, [opened])
        return { session, seq: events?.at(-1)?.seq ?? (yield* rowOf(session)).lastSeq }
      })

      const say: Sessions["Service"]["say"] = Effect.fn("Sessions.say")(function* (word) {
        const row = yield* rowOf(word.session)
        if (row.state === "archived") return yield* wrong("it is archived: restore it first")
        const fault = wordFault(word.text, word.files)
        if (fault !== null) return yield* fault
        const workspace = row.workspace ?? row.cwd
        const drafts = wordDrafts({ ...word, workspace, untitled: row.title === "" && row.words === 0 })
        const events = yield* log.append(drafts)
        yield* hub.publish(word.session, { _tag: "moved", seq: events.at(-1)!.seq })
        return events.find(({ type }) => type === "session.said")!.seq
      })

      const stop: Sessions["Service"]["stop"] = Effect.fn("Sessions.stop")(function* (session, surface) {
        const row = yield* rowOf(session)
        if (row.state !== "working") return
        const actor = surface === null ? "claw" : `user:${surface}`
        const from = header({ session, workspace: row.workspace ?? row.cwd }, { actor })
        yield* log.append([draft("session.stopped", { session, surface }, from)])
      })

      const isRested =
        (session: string, behind: number) =>
        (event: {
          readonly type: string
          readonly seq: number
          readonly correlationId: string | null
        }): event is EventOf<"session.rested"> =>
          event.type === "session.rested" && event.correlationId === session && event.seq > behind

      const rested: Sessions["Service"]["rested"] = Effect.fn("Sessions.rested")(function* (session, behind) {
        yield* rowOf(session)
        const head = yield* log.head
        const known = (yield* log.read(session, { after: behind })).find(isRested(session, behind))
        if (known !== undefined) return known
        const found = yield* log.follow(head).pipe(
          Stream.map((events) => events.find(isRested(session, behind))),
          Stream.filter((event) => event !== undefined),
          Stream.runHead,
        )
        return Option.isSome(found) ? found.value : yield* Effect.never
      })

      const change: Sessions["Service"]["change"] = Effect.fn("Sessions.change")(
        function* (session, changes) {
          const row = yield* rowOf(session)
          const workspace = row.workspace ?? row.cwd
          yield* usable(changes.format)
          yield* toolsThere(changes.tools, { actor: row.actor, workspace })
          const model = changes.model === undefined ? undefined : yield* named(changes.model, workspace)
          const payload = {
            session,
            ...(model === undefined ? {} : { model }),
            ...(changes.effort === undefined ? {} : { effort: changes.effort }),
            ...(changes.title === undefined ? {} : { title: titled(changes.title) }),
            ...(changes.tools === undefined ? {} : { tools: changes.tools }),
            ...(changes.limits === undefined ? {} : { limits: changes.limits }),
            ...(changes.format === undefined ? {} : { format: changes.format }),
          }
          const events = yield* log.append([
            draft("session.changed", payload, header({ session, workspace }, { actor: row.actor })),
          ])
          yield* hub.publish(session, { _tag: "moved", seq: events.at(-1)!.seq })
        },
      )

      const elsewhere =
        "it had no end when this conversation was copied from another, and goes on there: look how things are"
      const fork: Sessions["Service"]["fork"] = Effect.fn("Sessions.fork")(function* (session, at) {
        const source = yield* load(log, session, at ?? undefined)
        const id = yield* freshId
        const { actor, cwd, effort, format, kind, limits, model, title, tools, trust, workspace } = source
        const payload = {
          session: id,
          kind,
          title: titled(`${title} (fork)`),
          model,
          effort,
          tools: tools === null ? null : [...tools],
          limits,
          format: format as (OpenSession["format"] & {}) | null,
          parent: null,
          fork: { session, seq: at ?? source.lastSeq },
          situation: source.situation,
          cwd,
        }
        // what is under way there ends there: here it would be waited for, or be done twice
        const unended = blocksOf(source.entries).flatMap((block) =>
          block._tag === "turn" && openCalls(block).length > 0
            ? [
                resultsDraft(
                  { ...source, session: id },
                  block,
                  openCalls(block).map((call) => unasked(call, elsewhere)),
                ),
              ]
            : [],
        )
        yield* log.append([
          draft("session.opened", payload, header({ session: id, workspace }, { actor, trust })),
          ...unended,
        ])
        return id
      })

      /** Requests of this conversation and of its children behind `to`, newest first. */
      const requestsSince = (transcript: Transcript, to: number): Effect.Effect<ReadonlyArray<string>> =>
        Effect.gen(function* () {
          const rows = Object.values(yield* log.sessions)
          const children = rows.filter(({ parent }) => parent?.session === transcript.session)
          const agents = yield* log.agents
          const below = yield* Effect.forEach(children.toReversed(), ({ id }) => {
            const { patch = null, queuedSeq = 0, tree = null } = agents[id] ?? {}
            // what was done in a worktree came here as a patch, or not at all
            if (tree !== null) return Effect.succeed(patch === null || queuedSeq < to ? [] : [patch])
            return load(log, id).pipe(
              Effect.flatMap((child) => requestsSince(child, to)),
              Effect.orElseSucceed((): ReadonlyArray<string> => []),
            )
          })
          const own = blocksOf(transcript.entries).flatMap((block) =>
            block._tag === "turn" && block.answer.seq >= to
              ? block.calls.map(({ index }) => requestId(block.answer.call, index))
              : [],
          )
          return [...below.flat(), ...own.reverse()]
        })

      const rewind: Sessions["Service"]["rewind"] = Effect.fn("Sessions.rewind")(
        function* (session, to, what, surface) {
          yield* resting(session)
          const transcript = yield* load(log, session)
          if (!transcript.entries.some((entry) => entry._tag === "said" && entry.seq === to))
            return yield* wrong(`${to} is no word of the user in this conversation`)
          const done =
            what === "conversation"
              ? { undone: [], kept: [] }
              : yield* hands.undo(yield* requestsSince(transcript, to), surface)
          const from = header(transcript, { actor: `user:${surface}` })
          if (what === "files") {
            const text = `The developer took back what ${done.undone.length} calls had changed in files. Look again before you rely on them.`
            if (done.undone.length > 0)
              yield* after(transcript, [draft("session.noted", { session, kind: "files", text }, from)])
          } else
            yield* after(transcript, [
              draft("session.rewound", { session, to, files: what === "both" }, from),
            ])
          return done
        },
      )

      const shorten: Sessions["Service"]["compact"] = Effect.fn("Sessions.compact")(function* (session) {
        yield* resting(session)
        const transcript = yield* load(log, session)
        const info = yield* sizeOf(models, transcript.model)
        const size = { window: info.window, maxOutput: outputOf(info) }
        const done = yield* compact({ log, models }, transcript, { ...size, reason: "asked", all: true })
        if (done !== null) yield* hub.publish(session, { _tag: "moved", seq: done.seq })
        return done?.lines ?? []
      })

      const archive: Sessions["Service"]["archive"] = Effect.fn("Sessions.archive")(
        function* (session, restored) {
          const row = yield* resting(session)
          if ((row.state === "archived") !== restored) return
          const from = header({ session, workspace: row.workspace ?? row.cwd }, { actor: row.actor })
          yield* log.append([draft("session.archived", { session, restored }, from)])
        },
      )

      return Sessions.of({
        open,
        say,
        stop,
        rested,
        watch: (session) => hub.watch(session),
        transcript: (session, at) => load(log, session, at),
        change,
        fork,
        rewind,
        compact: shorten,
        archive,
        run: Effect.scoped(runWorkers({ log, models, hands, inner, preparation, hub })),
      })
    }),
  )
}
