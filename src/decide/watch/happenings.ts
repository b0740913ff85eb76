/**
 * What only rules of users wait for -> `command.done`, `head.moved`. Each is looked at as it happens; what the log heard
 * long after it happened opens nothing.
 */
import type { Event } from "../../domain/event.ts"
import { sameLine } from "../checks.ts"
import { isOwnCommand } from "../words.ts"
import { commandData, isFresh } from "./commands.ts"
import { type Candidate, candidate } from "./found.ts"

const freshMs = 60_000

const isRecent = (at: string | undefined, now: number): boolean => {
  const then = at === undefined ? now : Date.parse(at)
  return Number.isNaN(then) || now - then < freshMs
}

const moved = {
  "git.checkout": "checkout",
  "git.pull": "pull",
  "git.merge": "merge",
  "git.rebase": "rebase",
  "git.reset": "reset",
  "git.cherry-pick": "cherry-pick",
  "git.revert": "revert",
} as const

export const happenings = (event: Event, workspace: string, now: number): ReadonlyArray<Candidate> => {
  switch (event.type) {
    case "terminal.command": {
      const { authorKind, command } = event.payload
      if (authorKind !== "user" || isOwnCommand(command) || !isFresh(event, now)) return []
      return [
        candidate("command.done", workspace, event, {
          subject: sameLine(command).slice(0, 300),
          evidence: [event.seq],
          data: commandData(event, workspace),
        }),
      ]
    }
    case "git.checkout":
    case "git.pull":
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.cherry-pick":
    case "git.revert": {
      const { at, branch, files, from, fromBranch, to } = event.payload
      if (!isRecent(at, now)) return []
      return [
        candidate("head.moved", workspace, event, {
          subject: branch ?? "HEAD",
          evidence: [event.seq],
          data: { how: moved[event.type], from, to, fromBranch, branch, paths: files },
        }),
      ]
    }
    default:
      return []
  }
}
