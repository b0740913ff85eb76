/**
 * What the daemon itself must remember: who ran, watched workspaces, pause, trust, health. A pure fold of `daemon.*`,
 * so that nothing of it lives beside the log. An erased payload says nothing any more.
 */
import type { Event } from "../domain/event.ts"

export interface HealthRow {
  readonly component: string
  readonly workspace: string | null
  readonly state: "running" | "degraded" | "failed" | "stopped"
  readonly backend: string | null
  readonly detail: string
}

export interface Control {
  /** The daemon that ran last, and whether it ended; null before the first. */
  readonly daemon: {
    readonly version: string
    readonly pid: number
    readonly startedAt: string
    readonly ended: boolean
  } | null
  readonly workspaces: ReadonlyArray<string>
  /** Workspace -> when it was added, ms since the epoch: what a shell did there before is not Claw's to log. */
  readonly since: Readonly<Record<string, number>>
  readonly paused: boolean
  readonly pausedUntil: string | null
  /** Workspace -> path -> SHA-256 of the content that was trusted. */
  readonly trust: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** `component workspace` -> newest health. */
  readonly health: Readonly<Record<string, HealthRow>>
  readonly last: { readonly seq: number; readonly at: string; readonly type: string } | null
}

const initial: Control = {
  daemon: null,
  workspaces: [],
  since: {},
  paused: false,
  pausedUntil: null,
  trust: {},
  health: {},
  last: null,
}

const onDaemon = (state: Control, event: Event): Control => {
  switch (event.type) {
    case "daemon.started": {
      const { version, pid } = event.payload
      return { ...state, daemon: { version, pid, startedAt: event.at, ended: false }, health: {} }
    }
    case "daemon.stopped":
      return state.daemon === null ? state : { ...state, daemon: { ...state.daemon, ended: true } }
    case "daemon.workspace": {
      const rest = state.workspaces.filter((path) => path !== event.payload.path)
      const { [event.payload.path]: _, ...since } = state.since
      return {
        ...state,
        workspaces: event.payload.action === "added" ? [...rest, event.payload.path] : rest,
        since:
          event.payload.action === "added" ? { ...since, [event.payload.path]: Date.parse(event.at) } : since,
        health:
          event.payload.action === "added"
            ? state.health
            : Object.fromEntries(
                Object.entries(state.health).filter(([, row]) => row.workspace !== event.payload.path),
              ),
      }
    }
    case "daemon.paused":
      return { ...state, paused: true, pausedUntil: event.payload.until }
    case "daemon.resumed":
      return { ...state, paused: false, pausedUntil: null }
    case "daemon.trusted":
      return { ...state, trust: { ...state.trust, [event.payload.workspace]: event.payload.digests } }
    case "daemon.health":
      return {
        ...state,
        health: {
          ...state.health,
          [`${event.payload.component} ${event.workspace ?? ""}`]: {
            ...event.payload,
            workspace: event.workspace,
          },
        },
      }
    default:
      return state
  }
}

const evolve = (state: Control, event: Event): Control => {
  const known = event.type.startsWith("daemon.") && (event.payload as unknown) !== null
  const next = known ? onDaemon(state, event) : state
  return { ...next, last: { seq: event.seq, at: event.at, type: event.type } }
}

export const controlProjection = { name: "control", version: 3, initial, evolve } as const
