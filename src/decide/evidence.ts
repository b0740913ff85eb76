/**
 * Which evidence an event changes, in the words of `expiresWhen`:
 * `file:PATH`, `git:HEAD`, `git:index`, `index:empty`, `git:refs`, `git:operation`, `session:ID` (the user's next
 * command in that shell), `ran:LINE` (that very line was run again by hand),
 * `passed:LINE` (and exited 0), `checked:KIND:CWD` (a check of that kind was run there). `recheck:KIND:SUBJECT` is no event's: see `deciding`.
 */
import type { Event } from "../domain/event.ts"
import { checkKind, sameLine } from "./checks.ts"
import { isOwnCommand } from "./words.ts"

export const evidenceChanged = (event: Event): ReadonlyArray<string> => {
  switch (event.type) {
    case "fs.changed":
      return event.payload.changes.flatMap((change) =>
        change.from === undefined ? [`file:${change.path}`] : [`file:${change.path}`, `file:${change.from}`],
      )
    case "git.commit":
      return ["git:HEAD"]
    case "git.checkout":
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.pull":
    case "git.cherry-pick":
    case "git.revert":
      return ["git:HEAD", ...event.payload.files.map((path) => `file:${path}`)]
    case "git.staged":
      return event.payload.count === 0 ? ["git:index", "index:empty"] : ["git:index"]
    case "git.fetched":
    case "git.branch":
      return ["git:refs"]
    case "git.operation":
      return ["git:operation"]
    case "terminal.command": {
      const { authorKind, command, cwd, exit, session } = event.payload
      if (isOwnCommand(command)) return []
      const line = sameLine(command)
      const kind = checkKind(command)
      const checked = kind === null ? [] : [`checked:${kind}:${cwd}`]
      const ran = [`ran:${line}`, ...(exit === 0 ? [`passed:${line}`] : []), ...checked]
      return authorKind === "user" ? [`session:${session}`, ...ran] : ran
    }
    default:
      return []
  }
}

/** The user did by hand what was suggested. A commit empties the index too, but says so as HEAD first. */
export const isResolving = (key: string): boolean =>
  key.startsWith("ran:") || key.startsWith("passed:") || key === "index:empty"

export const expiryReason = (key: string): string => {
  const at = key.indexOf(":")
  const what = key.slice(at + 1)
  switch (key.slice(0, at)) {
    case "file":
      return `${what} changed`
    case "git":
      return what === "HEAD" ? "HEAD moved" : `git's ${what} changed`
    case "index":
      return "nothing is staged any more"
    case "ran":
    case "passed":
      return "you ran it yourself"
    case "checked":
      return "you ran another check of its kind"
    case "session":
      return "you went on to another command"
    default:
      return "what it rested on changed"
  }
}
