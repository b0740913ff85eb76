/**
 * What an event says of the user: at work, editing, at a boundary, away and back.
 * Boundaries: a command ended, a commit, a branch switch, return from away, the TUI opened. What reaches the log
 * long after it happened (drained after downtime) is no boundary of now.
 */
import type { Event } from "../../domain/event.ts"
import type { AttentionState } from "../state.ts"
import { editedPaths } from "../watch/edits.ts"
import { isFresh } from "../watch/commands.ts"

/** Around a boundary something may be shown for this long, once edits are quiet. */
export const boundaryMs = 30_000
/** A git fact older than this when logged tells of the past. */
const freshMs = 60_000

const freshGit = (event: Event, now: number): boolean => {
  if (!("at" in event.payload) || typeof event.payload.at !== "string") return true
  const at = Date.parse(event.payload.at)
  return Number.isNaN(at) || now - at < freshMs
}

/** The kind of boundary this event is by itself, or null. */
const boundaryKind = (event: Event, now: number): string | null => {
  switch (event.type) {
    case "terminal.command":
      return event.payload.authorKind === "user" && isFresh(event, now) ? "command-end" : null
    case "git.commit":
      return freshGit(event, now) ? "commit" : null
    case "git.checkout":
      return event.payload.branch !== event.payload.fromBranch && freshGit(event, now)
        ? "branch-switch"
        : null
    case "git.merge":
    case "git.pull":
      return freshGit(event, now) ? "merge" : null
    case "daemon.health":
      return event.payload.component === "client:tui" && event.payload.state === "running"
        ? "tui-opened"
        : null
    default:
      return null
  }
}

/** A person is at the machine. */
const isActivity = (event: Event, now: number): boolean =>
  isEdit(event) ||
  (event.type === "terminal.command" && event.payload.authorKind === "user" && isFresh(event, now)) ||
  (event.type === "daemon.health" && event.payload.component === "client:tui") ||
  event.type.startsWith("approval.")

export const isEdit = (event: Event): boolean =>
  event.type === "fs.changed" && event.payload.cause !== "reconcile" && editedPaths(event).length > 0

export const presenceAfter = (
  attention: AttentionState,
  event: Event,
  now: number,
  awayAfterMs: number,
): AttentionState => {
  if (event.type === "daemon.paused") return { ...attention, paused: true }
  if (event.type === "daemon.resumed") return { ...attention, paused: false }
  const own = boundaryKind(event, now)
  const active = isActivity(event, now)
  if (own === null && !active) return attention
  const last = attention.lastActivityMs
  const back = active && last !== null && now - last >= awayAfterMs
  // coming back counts for more than the command one comes back with: the digest waits for it
  const kind = own === "tui-opened" ? own : back ? "return" : own
  return {
    ...attention,
    lastActivityMs: active ? now : last,
    lastEditMs: isEdit(event) ? now : attention.lastEditMs,
    boundary: kind === null ? attention.boundary : { kind, atMs: now, seq: event.seq },
  }
}
