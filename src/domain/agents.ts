/**
 * The children of conversations: a pure fold of `agent.*`, a row each. What they say is in their own sessions.
 * Invariants: a terminal state is kept, whatever comes after; live rows are all kept, of those that ended the 500 that
 * ended last, and besides them those whose worktree still stands.
 */
import type { Event } from "./event.ts"
import type { AgentDefinition } from "./events/agents.ts"
import type { SessionLimits } from "./events/sessions.ts"

export type AgentState =
  | "queued"
  | "running"
  | "waiting"
  | "succeeded"
  | "failed"
  | "timed-out"
  | "cancelled"
  | "lost"

export interface AgentTreeRow {
  readonly state: "made" | "proposed" | "kept" | "removed"
  readonly path: string
  readonly branch: string
  readonly base: string
  /** Workspace of the parent. */
  readonly of: string
  /** Folders of that workspace that this one's lead to. */
  readonly links?: ReadonlyArray<string>
  readonly message: string
}

export interface AgentRow {
  readonly agent: string
  /** The session that wanted it, and by which call. */
  readonly session: string
  readonly call: string
  readonly type: string
  readonly title: string
  readonly state: AgentState
  readonly message: string
  readonly workspace: string | null
  readonly limits: SessionLimits
  readonly background: boolean
  readonly writes: boolean
  readonly depth: number
  readonly definition: AgentDefinition
  readonly readsOnly: string | null
  /** Requests it waits for. */
  readonly on: ReadonlyArray<string>
  readonly tree: AgentTreeRow | null
  readonly patch: string | null
  readonly queuedAt: string
  readonly queuedSeq: number
  readonly startedAt: string | null
  readonly endedAt: string | null
}

/** By id, in the order they were wanted. */
export type AgentsState = Readonly<Record<string, AgentRow>>

const kept = 500

const endings = {
  "agent.succeeded": "succeeded",
  "agent.failed": "failed",
  "agent.timed-out": "timed-out",
  "agent.cancelled": "cancelled",
  "agent.lost": "lost",
} as const

export type AgentEnding = (typeof endings)[keyof typeof endings]
const isEnding = (type: string): type is keyof typeof endings => Object.hasOwn(endings, type)

const live: ReadonlySet<AgentState> = new Set(["queued", "running", "waiting"])
export const isLive = ({ state }: Pick<AgentRow, "state">): boolean => live.has(state)
export const hasTree = ({ tree }: Pick<AgentRow, "tree">): boolean =>
  tree !== null && tree.state !== "removed"

const bounded = (state: Readonly<Record<string, AgentRow>>): AgentsState => {
  const over = Object.values(state).filter((row) => !isLive(row) && !hasTree(row))
  if (over.length <= kept) return state
  const [oldest] = over.toSorted((a, b) => (a.endedAt! < b.endedAt! ? -1 : 1))
  const { [oldest!.agent]: _, ...left } = state
  return left
}

const queued = (state: AgentsState, event: Extract<Event, { type: "agent.queued" }>): AgentsState => {
  const { agent } = event.payload
  if (Object.hasOwn(state, agent)) return state
  const { background, call, definition, depth, limits, readsOnly, session, title, type, writes } =
    event.payload
  return {
    ...state,
    [agent]: {
      agent,
      session,
      call,
      type,
      title,
      state: "queued",
      message: "",
      workspace: event.workspace,
      limits,
      background,
      writes,
      depth,
      definition,
      readsOnly,
      on: [],
      tree: null,
      patch: null,
      queuedAt: event.at,
      queuedSeq: event.seq,
      startedAt: null,
      endedAt: null,
    },
  }
}

const changed = (row: AgentRow, event: Event): AgentRow => {
  if (event.type === "agent.tree") {
    const { agent: _, ...tree } = event.payload
    return { ...row, tree }
  }
  if (!isLive(row)) return row
  if (isEnding(event.type)) {
    const { message, patch } = event.payload as { readonly message: string; readonly patch: string | null }
    return { ...row, state: endings[event.type], message, patch, on: [], endedAt: event.at }
  }
  if (event.type === "agent.running")
    return { ...row, state: "running", on: [], startedAt: row.startedAt ?? event.at }
  if (event.type === "agent.waiting") return { ...row, state: "waiting", on: event.payload.on }
  return row
}

const evolve = (state: AgentsState, event: Event): AgentsState => {
  if (!event.type.startsWith("agent.") || (event.payload as unknown) === null) return state
  if (event.type === "agent.queued") return queued(state, event)
  const id = event.correlationId
  const row = id !== null && Object.hasOwn(state, id) ? state[id]! : null
  return row === null ? state : bounded({ ...state, [row.agent]: changed(row, event) })
}

/** It and everything below it, the deepest last. */
export const treeOf = (state: AgentsState, session: string): ReadonlyArray<AgentRow> => {
  const own = Object.values(state).filter((row) => row.session === session)
  return own.flatMap((row) => [row, ...treeOf(state, row.agent)])
}

/** The workspace whose rules hold at a path that is the worktree of a child; null: it is none. */
export const ruledBy = (state: AgentsState, workspace: string): string | null =>
  Object.values(state).find((row) => hasTree(row) && row.tree!.path === workspace)?.tree!.of ?? null

/** Folders of its parent's workspace that the worktree of a child leads to; none for any other place. */
export const linkedFrom = (state: AgentsState, workspace: string): ReadonlyArray<string> =>
  Object.values(state).find((row) => hasTree(row) && row.tree!.path === workspace)?.tree!.links ?? []

/** Whether this is the worktree that the child of this session has to itself, and it is still at work there. */
export const isOwnTree = (state: AgentsState, session: string | null, workspace: string): boolean => {
  const row = session !== null && Object.hasOwn(state, session) ? state[session]! : null
  return row !== null && isLive(row) && row.tree?.state === "made" && row.tree.path === workspace
}

export const agentsProjection = { name: "agents", version: 1, initial: {} as AgentsState, evolve } as const
