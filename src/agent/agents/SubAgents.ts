/**
 * The children of conversations, from the event that asks for one to its end: begun when there is room, watched, ended,
 * also after a restart. All it knows is in the log.
 * Invariants: a child ends once; one whose session neither works nor rests any more is lost, and said to be; a stop takes
 * all below it along; waiting for a person, or for children of its own, takes up no room.
 */
import { Cause, Context, Effect, FiberSet, Layer, type Scope, Semaphore, Stream } from "effect"
import type { AgentSettings } from "../../config/agentSettings.ts"
import { type AgentRow, type AgentsState, hasTree, isLive, treeOf } from "../../domain/agents.ts"
import { draft, type Event } from "../../domain/event.ts"
import type { Surface } from "../../domain/events/acted.ts"
import { AgentLog } from "../AgentLog.ts"
import { Hands } from "../Hands.ts"
import { busy, noSession, type SessionError, wrong } from "../SessionError.ts"
import { Sessions } from "../Sessions.ts"
import { AgentTypes, type FoundTypes } from "./AgentTypes.ts"
import { begin } from "./begin.ts"
import { agentHeader, finish, offerPatch } from "./finish.ts"
import { endingOf } from "./outcome.ts"
import { changesOf, tidied } from "./strays.ts"
import { removeTree, treesIn } from "./worktrees.ts"

export interface SubAgentsOptions {
  /** Folder of worktrees, absolute: neither in a workspace nor in one of Claw's own folders. */
  readonly worktrees: string
  readonly settings: (workspace: string | null) => Effect.Effect<AgentSettings>
}

/** Paths of what is gone, and of what stays. */
export interface Tidied {
  readonly removed: ReadonlyArray<string>
  readonly kept: ReadonlyArray<{ readonly path: string; readonly why: string }>
}

export class SubAgents extends Context.Service<
  SubAgents,
  {
    readonly rows: Effect.Effect<AgentsState>
    /** Ends it and all below it; the ids of those that were still at work. */
    readonly stop: (
      agent: string,
      surface: Surface | null,
    ) => Effect.Effect<ReadonlyArray<string>, SessionError>
    /** A person's word to it while it works. */
    readonly send: (agent: string, text: string, surface: Surface) => Effect.Effect<number, SessionError>
    /** Takes away a worktree whose changes were not taken. */
    readonly discard: (agent: string) => Effect.Effect<void, SessionError>
    /** Paths of worktrees that no child in the log has. */
    readonly strays: Effect.Effect<ReadonlyArray<string>>
    /** Takes away worktrees in which nobody works and nothing would be lost, and says why the others stay. */
    readonly tidy: Effect.Effect<Tidied>
    readonly types: (workspace: string) => Effect.Effect<FoundTypes>
    readonly run: Effect.Effect<never>
  }
>()("claw/agent/agents/SubAgents") {
  static readonly layer = (options: SubAgentsOptions) =>
    Layer.effect(
      SubAgents,
      Effect.gen(function* () {
        const log = yield* AgentLog
        const sessions = yield* Sessions
        const hands = yield* Hands
        const types = yield* AgentTypes
        const folder = options.worktrees
        const finishing = { log, hands, folder }
        const turn = yield* Semaphore.make(1)
        /** Those a fiber is on, and those of them whose end is being written. */
        const served = new Set<string>()
        const ending = new Set<string>()

        const rowOf = Effect.fnUntraced(function* (agent: string) {
          const rows = yield* log.agents
          return Object.hasOwn(rows, agent) ? rows[agent]! : yield* noSession(agent)
        })
        const now = (agent: string) => Effect.map(log.agents, (rows) => rows[agent] ?? null)

        const end = Effect.fnUntraced(function* (
          agent: string,
          how: "succeeded" | "failed" | "timed-out" | "cancelled" | "lost",
          why: string,
        ) {
          ending.add(agent)
          const row = yield* now(agent)
          if (row !== null && isLive(row)) yield* finish(finishing, row, how, why)
        })

        /** To its end. What there is of it already is gone on with. */
        const serve = Effect.fnUntraced(function* (agent: string) {
          const row = yield* rowOf(agent)
          if (row.state === "queued") yield* begin({ log, sessions, folder, settings: options.settings }, row)
          const { payload } = yield* sessions.rested(agent, row.queuedSeq)
          yield* end(agent, endingOf(payload.reason), payload.message)
        })

        const serving = (agent: string) =>
          serve(agent).pipe(
            Effect.catch((error) => end(agent, "failed", error.message)),
            Effect.catchCause((cause) =>
              Cause.hasInterruptsOnly(cause)
                ? Effect.interrupt
                : Effect.andThen(
                    Effect.logError(`${agent}: ${Cause.pretty(cause)}`),
                    end(
                      agent,
                      "failed",
                      `an error of Claw's own: ${Cause.pretty(cause).split("\n")[0] ?? "unknown"}`,
                    ),
                  ),
            ),
            Effect.ensuring(
              Effect.sync(() => {
                served.delete(agent)
                ending.delete(agent)
              }),
            ),
          )

        /** A running child with work of its own; who waits for others leaves the room to them. */
        const takesRoom = (row: AgentRow, rows: ReadonlyArray<AgentRow>): boolean =>
          served.has(row.agent) &&
          row.state !== "waiting" &&
          !rows.some((child) => child.session === row.agent && !child.background && isLive(child))

        const pump = Effect.fnUntraced(function* (fibers: FiberSet.FiberSet) {
          for (;;) {
            const rows = Object.values(yield* log.agents)
            const next = rows.find((row) => row.state === "queued" && !served.has(row.agent))
            if (next === undefined) return
            const { concurrent } = yield* options.settings(next.workspace)
            if (rows.filter((row) => isLive(row) && takesRoom(row, rows)).length >= concurrent) return
            served.add(next.agent)
            yield* FiberSet.run(fibers, serving(next.agent))
          }
        }, turn.withPermit)

        /** Whether it waits for a person, as the queue says. */
        const look = Effect.fnUntraced(function* (row: AgentRow) {
          if (ending.has(row.agent)) return
          const on = yield* log.asking(row.agent)
          if (on.length > 0 && (row.state === "running" || row.on.join() !== on.join()))
            yield* log.append([draft("agent.waiting", { agent: row.agent, on: [...on] }, agentHeader(row))])
          else if (on.length === 0 && row.state === "waiting")
            yield* log.append([draft("agent.running", { agent: row.agent }, agentHeader(row))])
        })

        const stopRow = Effect.fnUntraced(function* (row: AgentRow, surface: Surface | null) {
          if (row.state === "queued" && !served.has(row.agent)) {
            yield* end(row.agent, "cancelled", "stopped before it began")
            ending.delete(row.agent)
          } else yield* Effect.ignore(sessions.stop(row.agent, surface))
        })
        const stopTree = Effect.fnUntraced(function* (
          rows: ReadonlyArray<AgentRow>,
          surface: Surface | null,
        ) {
          const live = rows.filter(isLive)
          yield* Effect.forEach(live, (row) => stopRow(row, surface), { discard: true })
          return live.map(({ agent }) => agent)
        }, turn.withPermit)

        const stop: SubAgents["Service"]["stop"] = Effect.fn("SubAgents.stop")(function* (agent, surface) {
          const row = yield* rowOf(agent)
          return yield* stopTree([row, ...treeOf(yield* log.agents, agent)], surface)
        })

        const send: SubAgents["Service"]["send"] = Effect.fn("SubAgents.send")(
          function* (agent, text, surface) {
            const row = yield* rowOf(agent)
            if (!isLive(row)) return yield* wrong(`it ${row.state} already`)
            if (row.state === "queued") return yield* busy("it has not begun yet")
            return yield* sessions.say({ session: agent, text, files: [], surface, actor: `user:${surface}` })
          },
        )

        const discard: SubAgents["Service"]["discard"] = Effect.fn("SubAgents.discard")(function* (agent) {
          const row = yield* rowOf(agent)
          const { tree } = row
          if (tree === null || tree.state === "removed") return yield* wrong("it has no worktree")
          if (isLive(row)) return yield* busy("it works there: stop it first")
          if (tree.state === "proposed")
            return yield* busy(`its changes wait as ${row.patch}: approve or reject them`)
          yield* Effect.mapError(removeTree(folder, tree.of, tree), ({ message }) => wrong(message))
          yield* log.append([
            draft("agent.tree", { agent, ...tree, state: "removed", message: "discarded" }, agentHeader(row)),
          ])
        })

        const stray = Effect.gen(function* () {
          const rows = yield* log.agents
          return (yield* treesIn(folder)).filter(
            (agent) => !Object.hasOwn(rows, agent) || (!isLive(rows[agent]!) && !hasTree(rows[agent]!)),
          )
        })
        const strays = Effect.map(stray, (agents) => agents.map((agent) => `${folder}/${agent}`))

        /** One whose child is in the log: why it stays. */
        const tidyKept = Effect.fnUntraced(function* (row: AgentRow) {
          const tree = row.tree!
          const why = yield* changesOf(tree)
          if (why !== null) return `${why}: claw agent discard ${row.agent} takes it away all the same`
          const done = yield* Effect.result(discard(row.agent))
          return done._tag === "Success" ? null : done.failure.message
        })
        const tidy: SubAgents["Service"]["tidy"] = Effect.gen(function* () {
          const removed: Array<string> = []
          const kept: Array<{ readonly path: string; readonly why: string }> = []
          const note = (path: string, why: string | null) =>
            void (why === null ? removed.push(path) : kept.push({ path, why }))
          for (const agent of yield* stray) note(`${folder}/${agent}`, yield* tidied(folder, agent))
          for (const row of Object.values(yield* log.agents))
            if (!isLive(row) && row.tree?.state === "kept") note(row.tree.path, yield* tidyKept(row))
          return { removed, kept }
        }).pipe(Effect.withSpan("SubAgents.tidy"), turn.withPermit)

        const heard = Effect.fnUntraced(function* (events: ReadonlyArray<Event>, fibers: FiberSet.FiberSet) {
          const rows = yield* log.agents
          for (const event of events) {
            if (event.type === "session.stopped") {
              const own = Object.values(rows).filter(
                (row) => row.session === event.correlationId && !row.background,
              )
              yield* stopTree(
                own.flatMap((row) => [row, ...treeOf(rows, row.agent)]),
                event.payload.surface,
              )
            }
            if (event.type === "agent.tree" && event.payload.state === "proposed")
              yield* FiberSet.run(
                fibers,
                Effect.flatMap(rowOf(event.payload.agent), (row) => offerPatch(finishing, row)).pipe(
                  Effect.ignore,
                ),
              )
          }
          if (events.some(({ type }) => concerning.test(type)))
            for (const row of Object.values(rows))
              if (row.state === "running" || row.state === "waiting") yield* look(row)
          if (events.some(({ type }) => type.startsWith("agent."))) yield* pump(fibers)
        })

        /** After a restart: what has a session goes on, what lost it is said to be lost, what was offered waits on. */
        const takeUp = Effect.fnUntraced(function* (fibers: FiberSet.FiberSet) {
          const known = yield* log.sessions
          for (const row of Object.values(yield* log.agents)) {
            if (row.tree?.state === "proposed")
              yield* FiberSet.run(fibers, Effect.ignore(offerPatch(finishing, row)))
            if (row.state !== "running" && row.state !== "waiting") continue
            const session = known[row.agent]
            const gone =
              session === undefined ||
              session.state === "archived" ||
              (session.state === "resting" && session.rested === null)
            if (gone) {
              yield* end(row.agent, "lost", "its session neither works nor rests any more")
              ending.delete(row.agent)
              continue
            }
            served.add(row.agent)
            yield* FiberSet.run(fibers, serving(row.agent))
          }
        })

        const run: Effect.Effect<never> = Effect.scoped(
          Effect.gen(function* (): Effect.fn.Return<never, never, Scope.Scope> {
            const fibers = yield* FiberSet.make()
            const from = yield* log.head
            yield* takeUp(fibers)
            yield* pump(fibers)
            yield* Stream.runForEach(log.follow(from), (events) => heard(events, fibers))
            return yield* Effect.never
          }),
        )

        return SubAgents.of({ rows: log.agents, stop, send, discard, strays, tidy, types: types.all, run })
      }),
    )
}

/** What can change whether a child waits for a person. */
const concerning = /^(?:tool|policy|approval|decision)\.|^session\.(?:asked|answered|closed)$/
