/**
 * What an event says of the user: at work, editing, at a boundary, away and back.
 * Boundaries: a command, a test or a build ended, a commit, a branch switch, return from away, the TUI opened, the digest asked for. What reaches the log
 * long after it happened (drained after downtime) is no boundary of now.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { checkKind } from "../checks.ts"
import { simpleCommands } from "../words.ts"
import type { AttentionState } from "../state.ts"
import { editedPaths } from "../watch/edits.ts"
import { endedMs, isFresh } from "../watch/commands.ts"
import { workedAfter } from "./worked.ts"

/** Around a boundary something may be shown for this long, once edits are quiet. */
export const boundaryMs = 30_000
/** A git fact older than this when logged tells of the past. */
const freshMs = 60_000

const freshGit = (event: Event, now: number): boolean => {
  if (!("at" in event.payload) || typeof event.payload.at !== "string") return true
  const at = Date.parse(event.payload.at)
  return Number.isNaN(at) || now - at < freshMs
}

const isTui = (event: Event): event is EventOf<"daemon.health"> =>
  event.type === "daemon.health" && event.payload.component === "client:tui"

/** The kind of boundary this event is by itself, or null. */
const boundaryKind = (event: Event, now: number): string | null => {
  switch (event.type) {
    case "terminal.command":
      if (event.payload.authorKind !== "user" || !isFresh(event, now)) return null
      return checkKind(event.payload.command) === null ? "command-end" : "check-end"
    case "attention.asked":
      return "asked"
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
      return isTui(event) && event.payload.state === "running" ? "tui-opened" : null
    default:
      return null
  }
}

const moving: ReadonlySet<string | undefined> = new Set([
  "switch",
  "checkout",
  "restore",
  "pull",
  "merge",
  "rebase",
  "reset",
  "stash",
  "cherry-pick",
  "revert",
])
/** Git puts other files there: what that means for what waits is said by git, which may be heard later than the shell. */
const movesFiles = (line: string): boolean =>
  simpleCommands(line)?.some(
    ({ words }) =>
      words[0] === "git" && moving.has(words.find((word, at) => at > 0 && !word.startsWith("-"))),
  ) === true

/** When what this ends began: of a command, as its shell says; null where git moved files. */
const begunMs = (event: Event, now: number): number | null => {
  if (event.type === "git.checkout" || event.type === "git.merge" || event.type === "git.pull") return null
  if (event.type === "terminal.command" && movesFiles(event.payload.command)) return null
  const started = event.type === "terminal.command" ? Date.parse(event.payload.startedAt) : now
  return Number.isNaN(started) ? now : Math.min(started, now)
}

/** A person is at the machine. */
const isActivity = (event: Event, now: number): boolean =>
  isEdit(event) ||
  (event.type === "terminal.command" && event.payload.authorKind === "user" && isFresh(event, now)) ||
  isTui(event) ||
  event.type === "attention.asked" ||
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
  const looking = isTui(event) ? event.payload.state === "running" : attention.looking
  if (own === null && !active && looking === attention.looking) return attention
  const last = attention.lastActivityMs
  const back = active && last !== null && now - last >= awayAfterMs
  // coming back counts for more than the command one comes back with: the digest waits for it
  const kind = own === "tui-opened" || own === "asked" ? own : back ? "return" : own
  return {
    ...attention,
    lastActivityMs: active ? now : last,
    lastEditMs: isEdit(event) ? now : attention.lastEditMs,
    workedMs: active && last !== null ? workedAfter(attention.workedMs, now - last) : attention.workedMs,
    lastCommandMs:
      active && event.type === "terminal.command" ? endedMs(event, now) : attention.lastCommandMs,
    looking,
    boundary:
      kind === null
        ? attention.boundary
        : { kind, atMs: now, begunMs: begunMs(event, now), seq: event.seq, byEdit: isEdit(event) },
  }
}
