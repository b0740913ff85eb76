/**
 * The grants of the log, folded: which are in force, which were revoked, which have lapsed.
 * Invariants: time is that of the events, and never goes back, so a replay judges as it was judged; a revocation holds
 * also where its payload was erased; what is over is kept for a while, the newest 200.
 */
import type { Event, EventOf } from "./event.ts"
import type { Grant, GrantInForce } from "./grant.ts"

export interface GrantRow extends Grant, GrantInForce {
  /** Of the event that gave it. */
  readonly id: string
  readonly at: string
  /** Who gave it: `user:cli`. */
  readonly actor: string
  readonly revoked: { readonly at: string; readonly reason: string } | null
}

export interface GrantsState {
  /** Time of the latest event, in milliseconds. */
  readonly nowMs: number
  readonly grants: Readonly<Record<string, GrantRow>>
}

const keptOver = 200

export const emptyGrants: GrantsState = { nowMs: 0, grants: {} }

const isOver = (row: GrantRow, nowMs: number): boolean =>
  row.revoked !== null || (row.until !== null && Date.parse(row.until) <= nowMs)

export type GrantStateName = "in force" | "revoked" | "lapsed"

export const grantState = (row: GrantRow, nowMs: number): GrantStateName =>
  row.revoked !== null ? "revoked" : isOver(row, nowMs) ? "lapsed" : "in force"

const pruned = (grants: GrantsState["grants"], nowMs: number): GrantsState["grants"] => {
  const over = Object.values(grants)
    .filter((row) => isOver(row, nowMs))
    .toSorted((a, b) => b.seq - a.seq)
    .slice(keptOver)
  if (over.length === 0) return grants
  const gone = new Set(over.map((row) => row.grant))
  return Object.fromEntries(Object.entries(grants).filter(([id]) => !gone.has(id)))
}

const given = (event: EventOf<"policy.granted">): GrantRow | null => {
  if (event.workspace === null) return null
  const { surface: _, ...grant } = event.payload
  return {
    ...grant,
    seq: event.seq,
    id: event.id,
    at: event.at,
    actor: event.actor,
    workspace: event.workspace,
    revoked: null,
  }
}

const revoke = (grants: GrantsState["grants"], event: EventOf<"policy.revoked">): GrantsState["grants"] => {
  const erased = (event.payload as unknown) === null
  const row = Object.values(grants).find((each) =>
    erased ? each.id === event.causationId : each.grant === event.payload.grant,
  )
  if (row === undefined || row.revoked !== null) return grants
  const reason = erased ? "" : event.payload.reason
  return { ...grants, [row.grant]: { ...row, revoked: { at: event.at, reason } } }
}

const changed = (grants: GrantsState["grants"], event: Event, nowMs: number): GrantsState["grants"] => {
  if (event.type === "policy.revoked") return revoke(grants, event)
  if (event.type !== "policy.granted" || (event.payload as unknown) === null) return grants
  const row = given(event)
  // the same grant twice is the first one: what was revoked does not come back by a repeated event
  return row === null || Object.hasOwn(grants, row.grant)
    ? grants
    : pruned({ ...grants, [row.grant]: row }, nowMs)
}

export const evolveGrants = (state: GrantsState, event: Event): GrantsState => {
  const nowMs = Math.max(state.nowMs, Date.parse(event.at))
  const grants = changed(state.grants, event, nowMs)
  return grants === state.grants && nowMs === state.nowMs ? state : { nowMs, grants }
}

export const grantsProjection = {
  name: "grants",
  version: 1,
  initial: emptyGrants,
  evolve: evolveGrants,
} as const

/** Those that may answer in this workspace, oldest first. */
export const grantsIn = ({ grants, nowMs }: GrantsState, workspace: string): ReadonlyArray<GrantInForce> =>
  Object.values(grants)
    .filter((row) => row.workspace === workspace && !isOver(row, nowMs))
    .toSorted((a, b) => a.seq - b.seq)
