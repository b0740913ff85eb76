/**
 * The typed git operations a tool call may name, as schemas. Names are checked as git checks them, and can never be an
 * option or reach outside: a revision names commits and nothing in them.
 */
import { Schema } from "effect"

/** What git itself accepts as a branch, and never an option or a revision expression. */
export const isRefName = (name: string): boolean =>
  name.length > 0 &&
  name.length <= 240 &&
  !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\/|^-|^@$/.test(name) &&
  !name.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock"))
const isRemoteName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$/.test(name) && isRefName(name)
const isCommit = (name: string): boolean => /^[0-9a-f]{7,64}$/.test(name)
/** `main`, `v1~3`, `HEAD^2`, `stash@{1}`, `main@{upstream}`: one commit, by its name. */
const isRevision = (name: string): boolean => {
  const found = /^(?<base>[^~^@{}]+|@)(?:@\{(?:\d{1,6}|u|upstream|push)\})?(?:[~^]\d{0,6})*$/.exec(name)
  const base = found?.groups?.["base"] ?? ""
  return found !== null && (base === "@" || isRefName(base) || isCommit(base))
}
const isRange = (text: string): boolean => {
  const [from = "", to, ...more] = text.split(/\.{2,3}/)
  return more.length === 0 && isRevision(from) && (to === undefined || isRevision(to))
}

// a description stands before checks that JSON Schema cannot say, or it is lost with them
const checked = (fits: (text: string) => boolean, what: string) => (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isMaxLength(500),
    Schema.makeFilter((text: string) => fits(text) || what),
  )
const refName = checked(isRefName, "not a branch name")
const startPoint = checked((name) => isRefName(name) || isCommit(name), "neither a branch nor a commit")
const remoteName = checked(
  isRemoteName,
  "not the name of a remote",
)("Name of a configured remote, never a URL")
const revision = checked(
  isRevision,
  "not a revision: give a branch, a tag or a commit, with ~N or ^N behind it if need be",
)
const oneRevision = revision("Branch, tag or commit; ~N and ^N may follow. HEAD if absent")
const range = checked(
  isRange,
  "not a revision or a range A..B",
)("Branch, tag or commit, or a range A..B or A...B")
const message = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(16_384),
    Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  )
const path = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(4096),
    Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  )
const Paths = Schema.Array(path("One of them"))
  .annotate({ description: "Files or folders by their exact names: no patterns" })
  .check(Schema.isMinLength(1), Schema.isMaxLength(1000))
const somePaths = Schema.optionalKey(
  Schema.Array(path("One of them"))
    .annotate({ description: "Only these files or folders, by their exact names" })
    .check(Schema.isMinLength(1), Schema.isMaxLength(1000)),
)
const flag = (description: string) => Schema.optionalKey(Schema.Boolean.annotate({ description }))
const number = (minimum: number, maximum: number, description: string) =>
  Schema.optionalKey(Schema.Int.annotate({ description }).check(Schema.isBetween({ minimum, maximum })))
const words = (description: string) =>
  Schema.optionalKey(
    Schema.String.annotate({ description }).check(
      Schema.isMinLength(1),
      Schema.isMaxLength(200),
      Schema.makeFilter((text: string) => !/[\0\n]/.test(text) || "holds a line break or a zero byte"),
    ),
  )
const operation = <const A extends string>(name: A) => Schema.Literal(name)

const lines = number(0, 100, "Lines around each change; 3 if absent")
const mainline = number(1, 10, "Which parent of a merge commit counts as the main line")
const stashIndex = number(0, 999, "Which stash; 0, the newest, if absent")
const commits = Schema.Array(revision("One of them"))
  .annotate({ description: "The commits, oldest first" })
  .check(Schema.isMinLength(1), Schema.isMaxLength(50))

const reading = [
  Schema.Struct({
    operation: operation("status"),
    paths: somePaths,
    untracked: Schema.optionalKey(
      Schema.Literals(["normal", "all", "none"]).annotate({
        description: "Untracked files: folders as one (normal), each (all), or not",
      }),
    ),
    ignored: flag("Ignored files too"),
  }),
  Schema.Struct({
    operation: operation("diff"),
    revision: Schema.optionalKey(range),
    staged: flag("What is staged, not what is in the working tree"),
    context: lines,
    paths: somePaths,
  }),
  Schema.Struct({
    operation: operation("log"),
    revision: Schema.optionalKey(range),
    limit: number(1, 500, "The newest commits, at most; 30 if absent"),
    all: flag("Of all branches and tags"),
    author: words("Only of authors that match"),
    grep: words("Only with messages that match"),
    since: words("Only later ones, e.g. 2.weeks or 2026-11-01"),
    until: words("Only earlier ones"),
    paths: somePaths,
  }),
  Schema.Struct({
    operation: operation("show"),
    revision: Schema.optionalKey(oneRevision),
    context: lines,
    paths: somePaths,
  }),
  Schema.Struct({
    operation: operation("blame"),
    path: path("The file"),
    revision: Schema.optionalKey(oneRevision),
    from: number(1, 10_000_000, "First line"),
    to: number(1, 10_000_000, "Last line"),
  }),
  Schema.Struct({
    operation: operation("branch-list"),
    remotes: flag("Remote-tracking branches too"),
    limit: number(1, 1000, "The most recent, at most; 200 if absent"),
  }),
  Schema.Struct({
    operation: operation("tag-list"),
    limit: number(1, 1000, "The most recent, at most; 200 if absent"),
  }),
  Schema.Struct({ operation: operation("stash-list") }),
] as const

const changing = [
  Schema.Struct({ operation: operation("stage"), paths: Paths }),
  Schema.Struct({ operation: operation("unstage"), paths: Paths }),
  Schema.Struct({
    operation: operation("commit"),
    message: message("Message of the commit"),
    amend: flag("Takes the place of the newest commit"),
  }),
  Schema.Struct({
    operation: operation("push"),
    remote: remoteName,
    branch: refName("Branch to push, under its own name; never forced"),
    setUpstream: flag("Remembers the remote branch as its upstream"),
  }),
  Schema.Struct({
    operation: operation("pull"),
    how: Schema.Literals(["ff-only", "rebase", "merge"]).annotate({
      description: "What to do where both sides have new commits",
    }),
  }),
  Schema.Struct({
    operation: operation("fetch"),
    remote: remoteName,
    prune: flag("Forgets remote branches that are gone"),
  }),
  Schema.Struct({
    operation: operation("restore"),
    paths: Paths,
    staged: flag("Throws away what is staged of them too, not only what is in the files"),
    source: Schema.optionalKey(
      revision("Brings them back as of this revision; what is staged, or HEAD with staged, if absent"),
    ),
  }),
  Schema.Struct({
    operation: operation("stash-push"),
    message: Schema.optionalKey(message("What the stash is called")),
    includeUntracked: flag("Also files git does not track"),
  }),
  Schema.Struct({ operation: operation("stash-pop"), index: stashIndex }),
  Schema.Struct({ operation: operation("stash-drop"), index: stashIndex }),
  Schema.Struct({
    operation: operation("branch-create"),
    name: refName("Name of the new branch"),
    from: Schema.optionalKey(startPoint("Branch or commit to begin at; HEAD if absent")),
    switch: flag("Also switches to it"),
  }),
  Schema.Struct({ operation: operation("branch-switch"), name: refName("Branch to switch to") }),
  Schema.Struct({
    operation: operation("branch-delete"),
    name: refName("Branch to delete; never the one that is checked out"),
    unmerged: flag("Also where its commits are in no other branch"),
  }),
  Schema.Struct({
    operation: operation("tag-create"),
    name: refName("Name of the new tag"),
    message: Schema.optionalKey(message("Makes an annotated tag of it")),
    at: Schema.optionalKey(oneRevision),
  }),
  Schema.Struct({ operation: operation("tag-delete"), name: refName("Tag to delete") }),
  Schema.Struct({
    operation: operation("merge-start"),
    name: startPoint("Branch or commit to merge into the current branch"),
    how: Schema.optionalKey(
      Schema.Literals(["ff-only", "no-ff", "squash"]).annotate({
        description: "Only forward; always a merge commit; or staged as one change",
      }),
    ),
  }),
  Schema.Struct({
    operation: operation("rebase-start"),
    upstream: startPoint("The commits since this branch or commit are moved"),
    onto: Schema.optionalKey(startPoint("Where to; the upstream if absent")),
  }),
  Schema.Struct({ operation: operation("cherry-pick-start"), commits, mainline }),
  Schema.Struct({ operation: operation("revert-start"), commits, mainline }),
  Schema.Struct({ operation: operation("rebase-continue") }),
  Schema.Struct({ operation: operation("rebase-skip") }),
  Schema.Struct({ operation: operation("rebase-abort") }),
  Schema.Struct({ operation: operation("merge-continue") }),
  Schema.Struct({ operation: operation("merge-abort") }),
  Schema.Struct({ operation: operation("cherry-pick-continue") }),
  Schema.Struct({ operation: operation("cherry-pick-skip") }),
  Schema.Struct({ operation: operation("cherry-pick-abort") }),
  Schema.Struct({ operation: operation("revert-continue") }),
  Schema.Struct({ operation: operation("revert-skip") }),
  Schema.Struct({ operation: operation("revert-abort") }),
  Schema.Struct({ operation: operation("remove-stale-lock") }),
] as const

export const GitInput = Schema.Union([...reading, ...changing])
export type GitInput = typeof GitInput.Type
export type GitReading = (typeof reading)[number]["Type"]
