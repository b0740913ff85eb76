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
export const isRemoteName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$/.test(name) && isRefName(name)
const isCommit = (name: string): boolean => /^[0-9a-f]{7,64}$/.test(name)
/** `main`, `v1~3`, `HEAD^2`, `stash@{1}`, `main@{upstream}`: one commit, by its name. */
export const isRevision = (name: string): boolean => {
  const found = /^(?<base>[^~^@{}]+|@)(?:@\{(?:\d{1,6}|u|upstream|push)\})?(?:[~^]\d{0,6})*$/.exec(name)
  const base = found?.groups?.["base"] ?? ""
  return found !== null && (base === "@" || isRefName(base) || isCommit(base))
}
const isRange = (text: string): boolean => {
  const [from = "", to, ...more] = text.split(/\.{2,3}/)
  return more.length === 0 && isRevision(from) && (to === undefined || isRevision(to))
}

const checked = (fits: (text: string) => boolean, what: string, description: string) =>
  Schema.String.check(
    Schema.isMaxLength(500),
    Schema.makeFilter((text: string) => fits(text) || what),
  ).annotate({ description })
const RefName = checked(isRefName, "not a branch name", "name of a branch")
const StartPoint = checked(
  (name) => isRefName(name) || isCommit(name),
  "neither a branch nor a commit",
  "a branch or a commit",
)
const TagName = checked(isRefName, "not the name of a tag", "name of a tag")
const RemoteName = checked(isRemoteName, "not the name of a remote", "name of a configured remote")
const Revision = checked(
  isRevision,
  "not a revision: give a branch, a tag or a commit, with ~N or ^N behind it if need be",
  "a branch, a tag or a commit; ~N and ^N may follow",
)
const Range = checked(isRange, "not a revision or a range A..B", "a revision, or a range A..B (or A...B)")
const Message = Schema.String.check(
  Schema.isMinLength(1),
  Schema.isMaxLength(16_384),
  Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
).annotate({ description: "the message; its first line is the subject" })
const Path = Schema.String.check(
  Schema.isMinLength(1),
  Schema.isMaxLength(4096),
  Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
)
const Paths = Schema.Array(Path)
  .check(Schema.isMinLength(1), Schema.isMaxLength(1000))
  .annotate({ description: "files or folders, taken literally" })
const SomePaths = Schema.optionalKey(Paths)
const flag = (description: string) => Schema.optionalKey(Schema.Boolean.annotate({ description }))
const number = (minimum: number, maximum: number, description: string) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({ description }))
const words = (description: string) =>
  Schema.optionalKey(
    Schema.String.check(
      Schema.isMinLength(1),
      Schema.isMaxLength(200),
      Schema.makeFilter((text: string) => !/[\0\n]/.test(text) || "holds a line break or a zero byte"),
    ).annotate({ description }),
  )
const operation = <const A extends string>(name: A) => Schema.Literal(name)

const lines = number(0, 100, "lines around each change; 3 if absent")
const mainline = number(1, 10, "which parent of a merge commit counts as the main line")
const stashIndex = number(0, 999, "which stash; 0, the newest, if absent")
const Commits = Schema.Array(Revision)
  .check(Schema.isMinLength(1), Schema.isMaxLength(50))
  .annotate({ description: "the commits, oldest first" })

const reading = [
  Schema.Struct({
    operation: operation("status"),
    paths: SomePaths,
    untracked: Schema.optionalKey(
      Schema.Literals(["normal", "all", "none"]).annotate({
        description: "untracked files: folders as one (normal), each (all), or not",
      }),
    ),
    ignored: flag("ignored files too"),
  }),
  Schema.Struct({
    operation: operation("diff"),
    revision: Schema.optionalKey(Range),
    staged: flag("what is staged, not what is in the working tree"),
    context: lines,
    paths: SomePaths,
  }),
  Schema.Struct({
    operation: operation("log"),
    revision: Schema.optionalKey(Range),
    limit: number(1, 500, "newest commits, at most; 30 if absent"),
    all: flag("of all branches and tags"),
    author: words("only of authors that match"),
    grep: words("only with messages that match"),
    since: words("only later ones, e.g. 2.weeks or 2026-11-01"),
    until: words("only earlier ones"),
    paths: SomePaths,
  }),
  Schema.Struct({
    operation: operation("show"),
    revision: Schema.optionalKey(Revision),
    context: lines,
    paths: SomePaths,
  }),
  Schema.Struct({
    operation: operation("blame"),
    path: Path.annotate({ description: "the file" }),
    revision: Schema.optionalKey(Revision),
    from: number(1, 10_000_000, "first line"),
    to: number(1, 10_000_000, "last line"),
  }),
  Schema.Struct({
    operation: operation("branch-list"),
    remotes: flag("remote-tracking branches too"),
    limit: number(1, 1000, "the most recent, at most; 200 if absent"),
  }),
  Schema.Struct({
    operation: operation("tag-list"),
    limit: number(1, 1000, "the most recent, at most; 200 if absent"),
  }),
  Schema.Struct({ operation: operation("stash-list") }),
] as const

const changing = [
  Schema.Struct({ operation: operation("stage"), paths: Paths }),
  Schema.Struct({ operation: operation("unstage"), paths: Paths }),
  Schema.Struct({
    operation: operation("commit"),
    message: Message,
    amend: flag("replace the newest commit"),
  }),
  Schema.Struct({
    operation: operation("push"),
    remote: RemoteName,
    branch: RefName,
    setUpstream: flag("the branch follows the remote one from then on"),
  }),
  Schema.Struct({
    operation: operation("pull"),
    how: Schema.Literals(["ff-only", "rebase", "merge"]).annotate({
      description: "what to do with what is new",
    }),
  }),
  Schema.Struct({
    operation: operation("fetch"),
    remote: RemoteName,
    prune: flag("forget remote branches that are gone"),
  }),
  Schema.Struct({
    operation: operation("restore"),
    paths: Paths,
    staged: flag("what is staged goes back to HEAD too"),
    source: Schema.optionalKey(Revision),
  }),
  Schema.Struct({
    operation: operation("stash-push"),
    message: Schema.optionalKey(Message),
    includeUntracked: flag("untracked files too"),
  }),
  Schema.Struct({ operation: operation("stash-pop"), index: stashIndex }),
  Schema.Struct({ operation: operation("stash-drop"), index: stashIndex }),
  Schema.Struct({
    operation: operation("branch-create"),
    name: RefName,
    from: Schema.optionalKey(StartPoint),
    switch: flag("and switch to it"),
  }),
  Schema.Struct({ operation: operation("branch-switch"), name: RefName }),
  Schema.Struct({
    operation: operation("branch-delete"),
    name: RefName,
    unmerged: flag("also where its commits are in no other branch"),
  }),
  Schema.Struct({
    operation: operation("tag-create"),
    name: TagName,
    message: Schema.optionalKey(Message),
    at: Schema.optionalKey(Revision),
  }),
  Schema.Struct({ operation: operation("tag-delete"), name: TagName }),
  Schema.Struct({
    operation: operation("merge-start"),
    name: StartPoint,
    how: Schema.optionalKey(
      Schema.Literals(["ff-only", "no-ff", "squash"]).annotate({
        description: "only forward; always a merge commit; or staged as one change",
      }),
    ),
  }),
  Schema.Struct({
    operation: operation("rebase-start"),
    upstream: StartPoint.annotate({ description: "the commits since this one are moved" }),
    onto: Schema.optionalKey(StartPoint.annotate({ description: "where to; the upstream if absent" })),
  }),
  Schema.Struct({ operation: operation("cherry-pick-start"), commits: Commits, mainline }),
  Schema.Struct({ operation: operation("revert-start"), commits: Commits, mainline }),
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
