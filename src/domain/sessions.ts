/**
 * The list of conversations: a pure fold of `session.*`, a row each. What was said is not in it (`src/agent/session` reads
 * that from the log when it is needed).
 * Invariants: a session works from the user's word until it rests; an archived one never works; of rows that rest, the
 * 2,000 that moved last are kept.
 */
import type { Event } from "./event.ts"
import type { RestReason, SessionKind } from "./events/sessions.ts"

export interface SessionRow {
  readonly id: string
  readonly kind: SessionKind
  readonly title: string
  readonly model: string
  readonly workspace: string | null
  readonly cwd: string
  /** Who opened it. */
  readonly actor: string
  /** What rules call the actor of its calls. */
  readonly parent: {
    readonly session: string
    readonly call: string
    readonly agent: string
    readonly depth: number
  } | null
  readonly situation: number | null
  readonly state: "working" | "resting" | "archived"
  readonly rested: { readonly seq: number; readonly reason: RestReason } | null
  readonly openedAt: string
  readonly lastAt: string
  readonly lastSeq: number
  /** Words of the user. */
  readonly words: number
}

/** By id; those that moved last at the end. */
export type SessionsState = Readonly<Record<string, SessionRow>>

const kept = 2_000

const put = (state: SessionsState, row: SessionRow): SessionsState => {
  const { [row.id]: _, ...others } = state
  const all = { ...others, [row.id]: row }
  const ids = Object.keys(all)
  if (ids.length <= kept) return all
  const oldest = ids.find((id) => all[id]!.state !== "working")
  if (oldest === undefined) return all
  const { [oldest]: __, ...left } = all
  return left
}

const opened = (state: SessionsState, event: Extract<Event, { type: "session.opened" }>): SessionsState => {
  const { cwd, kind, model, parent, session, situation, title } = event.payload
  return put(state, {
    id: session,
    kind,
    title,
    model,
    workspace: event.workspace,
    cwd,
    actor: event.actor,
    parent,
    situation,
    state: "resting",
    rested: null,
    openedAt: event.at,
    lastAt: event.at,
    lastSeq: event.seq,
    words: 0,
  })
}

const changed = (row: SessionRow, event: Event): Partial<SessionRow> => {
  switch (event.type) {
    case "session.said":
      return { state: "working", words: row.words + 1 }
    case "session.rested":
      return { state: "resting", rested: { seq: event.seq, reason: event.payload.reason } }
    case "session.archived":
      return { state: event.payload.restored ? "resting" : "archived" }
    case "session.changed": {
      const { model, title } = event.payload
      return { ...(model === undefined ? {} : { model }), ...(title === undefined ? {} : { title }) }
    }
    default:
      return {}
  }
}

const evolve = (state: SessionsState, event: Event): SessionsState => {
  const id = event.correlationId
  if (id === null || !event.type.startsWith("session.") || (event.payload as unknown) === null) return state
  if (event.type === "session.opened") return opened(state, event)
  const row = Object.hasOwn(state, id) ? state[id]! : null
  if (row === null) return state
  return put(state, { ...row, ...changed(row, event), lastAt: event.at, lastSeq: event.seq })
}

export const sessionsProjection = {
  name: "sessions",
  version: 1,
  initial: {} as SessionsState,
  evolve,
} as const
