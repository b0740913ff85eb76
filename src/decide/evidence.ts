/**
 * Which evidence an event changes, in the words of `expiresWhen`:
 * `file:PATH`, `git:HEAD`, `git:index`, `index:empty`, `staged:PATH`, `git:adding`, `git:refs`, `git:operation`, `session:ID` (the user's next
 * command in that shell), `ran:LINE` (that very line was run again by hand),
 * `passed:LINE` (and exited 0), `checked:KIND:CWD` (a check of that kind was run there), `did:PROGRAM SUB...` (a plain
 * command of these first words exited 0). Of git also `ref-at:SHA` (a branch was put there), `pushed:REMOTE/BRANCH`,
 * `branch-deleted:NAME`, `git:switch` (another branch and other files), `operation:ended`, `stash:dropped`, `commit:made`, `upstream:taken` (pulled, merged, rebased). `recheck:KIND:SUBJECT` is no event's: see `deciding`.
 */
import type { Event } from "../domain/event.ts"
import { checkKind, sameLine } from "./checks.ts"
import { isOwnCommand, simpleCommands } from "./words.ts"

/** To a branch with other files: what was found before was found in those of the branch left. */
export const isSwitch = (event: Event): boolean =>
  event.type === "git.checkout" &&
  event.payload.branch !== event.payload.fromBranch &&
  event.payload.files.length > 0

export const evidenceChanged = (event: Event): ReadonlyArray<string> => {
  switch (event.type) {
    case "fs.changed":
      return event.payload.changes.flatMap((change) =>
        change.from === undefined ? [`file:${change.path}`] : [`file:${change.path}`, `file:${change.from}`],
      )
    case "git.commit":
      return ["git:HEAD", "commit:made"]
    case "git.merge":
    case "git.rebase":
    case "git.pull":
      return ["git:HEAD", "upstream:taken", ...event.payload.files.map((path) => `file:${path}`)]
    case "git.checkout":
    case "git.reset":
    case "git.cherry-pick":
    case "git.revert":
      return [
        ...(isSwitch(event) ? ["git:switch"] : []),
        "git:HEAD",
        ...event.payload.files.map((path) => `file:${path}`),
      ]
    case "git.staged":
      return event.payload.count === 0
        ? ["git:index", "index:empty"]
        : ["git:index", ...event.payload.files.map(({ path }) => `staged:${path}`)]
    case "git.fetched":
      return ["git:refs"]
    case "git.branch": {
      const { action, name, to } = event.payload
      const remote = /^refs\/remotes\/(.+)$/.exec(name)?.[1]
      if (remote !== undefined) return ["git:refs", `pushed:${remote}`]
      return ["git:refs", ...(action === "deleted" ? [`branch-deleted:${name}`] : [`ref-at:${to}`])]
    }
    case "git.operation":
      return event.payload.operation === null ? ["git:operation", "operation:ended"] : ["git:operation"]
    case "git.stash":
      return event.payload.action === "dropped" ? ["git:stash", "stash:dropped"] : ["git:stash"]
    case "terminal.command": {
      const { authorKind, command, cwd, exit, session } = event.payload
      if (isOwnCommand(command)) return []
      const line = sameLine(command)
      const kind = checkKind(command)
      const checked = kind === null ? [] : [`checked:${kind}:${cwd}`]
      const done = exit === 0 ? [`passed:${line}`, ...doneBy(line)] : []
      // what was put into the index git says a moment later
      const adding = done.includes("did:git add") ? ["git:adding"] : []
      const ran = [`ran:${line}`, ...adding, ...done, ...checked]
      return authorKind === "user" ? [`session:${session}`, ...ran] : ran
    }
    default:
      return []
  }
}

/** Each plain command of the line by its first words. */
const doneBy = (line: string): ReadonlyArray<string> =>
  (simpleCommands(line) ?? []).flatMap(({ words }) =>
    [2, 3].flatMap((count) => (words.length < count ? [] : [`did:${words.slice(0, count).join(" ")}`])),
  )

const resolving = [
  "ran:",
  "passed:",
  "did:",
  "ref-at:",
  "pushed:",
  "branch-deleted:",
  "operation:",
  "stash:",
  "commit:",
  "upstream:",
]

/** The user did by hand what was suggested. A commit empties the index too, but says so as HEAD first. */
export const isResolving = (key: string): boolean =>
  key === "index:empty" || resolving.some((prefix) => key.startsWith(prefix))

/** Evidence that lies in a repository, and goes with it. */
export const isOfGit = (key: string): boolean =>
  /^(?:git|index|staged|ref-at|pushed|branch-deleted|operation|stash|commit|upstream):/.test(key)

export const expiryReason = (key: string): string => {
  const at = key.indexOf(":")
  const what = key.slice(at + 1)
  switch (key.slice(0, at)) {
    case "file":
      return `${what} changed`
    case "git":
      if (what === "switch") return "you switched to another branch"
      return what === "HEAD" ? "HEAD moved" : `git's ${what} changed`
    case "staged":
      return `${what} was staged`
    case "index":
      return "nothing is staged any more"
    case "ran":
    case "passed":
    case "did":
      return "you ran it yourself"
    case "ref-at":
      return "a branch keeps it"
    case "pushed":
      return `${what} was pushed`
    case "branch-deleted":
      return `${what} was deleted`
    case "operation":
      return "it ended"
    case "commit":
      return "you committed"
    case "upstream":
      return "you took in what was new"
    case "stash":
      return "the stash was taken back or dropped"
    case "checked":
      return "you ran another check of its kind"
    case "session":
      return "you went on to another command"
    default:
      return "what it rested on changed"
  }
}
