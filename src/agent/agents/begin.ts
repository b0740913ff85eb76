/**
 * The beginning of a child: its worktree, its session, its task. Each step is made once and can be gone on with after a
 * crash at any place.
 */
import { Effect } from "effect"
import { relative } from "node:path"
import type { AgentSettings } from "../../config/agentSettings.ts"
import type { AgentRow } from "../../domain/agents.ts"
import { draft, type EventOf } from "../../domain/event.ts"
import type { AgentLog } from "../AgentLog.ts"
import { type SessionError, wrong as wrongSession } from "../SessionError.ts"
import type { OpenSession, Sessions } from "../Sessions.ts"
import { agentHeader, beginTree, taskDrafts } from "./finish.ts"
import { makeTree } from "./worktrees.ts"

export interface BeginServices {
  readonly log: AgentLog["Service"]
  readonly sessions: Sessions["Service"]
  readonly folder: string
  readonly settings: (workspace: string | null) => Effect.Effect<AgentSettings>
}

/** Where it works: its worktree, or its parent's folder. */
const placeOf = Effect.fnUntraced(function* (
  { folder, log, sessions, settings }: BeginServices,
  row: AgentRow,
) {
  const parent = yield* sessions.transcript(row.session)
  const at = { workspace: parent.workspace, cwd: parent.cwd, model: parent.model }
  if (!row.writes) return at
  if (row.tree !== null) return { ...at, ...inTree(row.tree.path, parent) }
  const { worktree } = yield* settings(parent.workspace)
  const tree = yield* Effect.mapError(
    makeTree(folder, parent.workspace, row.agent, worktree.link),
    ({ message }) => wrongSession(message),
  )
  yield* log.append([beginTree(row, { ...tree, of: parent.workspace })])
  return { ...at, ...inTree(tree.path, parent) }
})

const inTree = (path: string, { cwd, workspace }: { readonly cwd: string; readonly workspace: string }) => {
  const below = relative(workspace, cwd)
  return { workspace: path, cwd: below === "" || below.startsWith("..") ? path : `${path}/${below}` }
}

/** A model that a kind wishes for and nobody has is the parent's. */
const opened = (
  sessions: Sessions["Service"],
  options: OpenSession,
  wish: string | null,
  otherwise: string,
) =>
  wish === null
    ? sessions.open({ ...options, model: otherwise })
    : sessions.open({ ...options, model: wish }).pipe(
        Effect.catchIf(
          (error: SessionError) => error.reason === "input",
          () => sessions.open({ ...options, model: otherwise }),
        ),
      )

export const begin = Effect.fn("agents.begin")(function* (services: BeginServices, row: AgentRow) {
  const { log, sessions } = services
  const queued = (yield* log.read(row.agent)).find(
    (event): event is EventOf<"agent.queued"> => event.type === "agent.queued",
  )
  if (queued === undefined) return yield* wrongSession("what it was asked is no longer in the log")
  const { limits, model, prompt, tools } = queued.payload
  const { cwd, model: inherited, workspace } = yield* placeOf(services, row)
  const options: OpenSession = {
    id: row.agent,
    kind: "agent",
    workspace,
    cwd,
    actor: `agent:${row.type}`,
    title: row.title,
    ...(tools === null ? {} : { tools }),
    limits,
    parent: { session: row.session, call: row.call, agent: row.type, depth: row.depth },
    trust: queued.trust,
    causationId: queued.id,
  }
  yield* opened(sessions, options, model, inherited)
  const { words = 0 } = (yield* log.sessions)[row.agent] ?? {}
  yield* log.append([
    draft("agent.running", { agent: row.agent }, agentHeader(row)),
    ...(words > 0 ? [] : taskDrafts(row, { prompt, workspace, trust: queued.trust })),
  ])
})
