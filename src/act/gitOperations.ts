/**
 * The typed git operations: their input schema, and how each becomes argv. Pure.
 * Invariants: outside text stands only behind `--`, inside `--option=`, or as a checked ref or remote name, so it can
 * never be an option; pathspecs are literal (GIT_LITERAL_PATHSPECS); nothing is forced.
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

// a description stands before checks that JSON Schema cannot say, or it is lost with them
const refName = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.makeFilter((name: string) => isRefName(name) || "not a branch name"),
  )
const StartPoint = Schema.String.annotate({
  description: "Branch or commit to begin at; HEAD if absent",
}).check(
  Schema.makeFilter((name: string) => isRefName(name) || isCommit(name) || "neither a branch nor a commit"),
)
const RemoteName = Schema.String.annotate({ description: "Name of a configured remote, never a URL" }).check(
  Schema.makeFilter((name: string) => isRemoteName(name) || "not the name of a remote"),
)
const message = (description: string) =>
  Schema.String.annotate({ description }).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(16_384),
    Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  )
const Paths = Schema.Array(
  Schema.String.check(
    Schema.isMinLength(1),
    Schema.isMaxLength(4096),
    Schema.makeFilter((text: string) => !text.includes("\0") || "holds a zero byte"),
  ),
)
  .annotate({ description: "Files or folders by their exact names: no patterns" })
  .check(Schema.isMinLength(1), Schema.isMaxLength(1000))
const flag = (description: string) => Schema.optionalKey(Schema.Boolean.annotate({ description }))

export const GitInput = Schema.Union([
  Schema.Struct({ operation: Schema.Literal("stage"), paths: Paths }),
  Schema.Struct({ operation: Schema.Literal("unstage"), paths: Paths }),
  Schema.Struct({
    operation: Schema.Literal("commit"),
    message: message("Message of the commit"),
    amend: flag("Takes the place of the newest commit"),
  }),
  Schema.Struct({
    operation: Schema.Literal("push"),
    remote: RemoteName,
    branch: refName("Branch to push, under its own name; never forced"),
    setUpstream: flag("Remembers the remote branch as its upstream"),
  }),
  Schema.Struct({
    operation: Schema.Literal("pull"),
    how: Schema.Literals(["ff-only", "rebase", "merge"]).annotate({
      description: "What to do where both sides have new commits",
    }),
  }),
  Schema.Struct({
    operation: Schema.Literal("fetch"),
    remote: RemoteName,
    prune: flag("Forgets remote branches that are gone"),
  }),
  Schema.Struct({
    operation: Schema.Literal("restore"),
    paths: Paths,
    staged: flag("Throws away what is staged of them too, not only what is in the files"),
  }),
  Schema.Struct({
    operation: Schema.Literal("stash-push"),
    message: Schema.optionalKey(message("What the stash is called")),
    includeUntracked: flag("Also files git does not track"),
  }),
  Schema.Struct({ operation: Schema.Literal("stash-pop") }),
  Schema.Struct({
    operation: Schema.Literal("branch-create"),
    name: refName("Name of the new branch"),
    from: Schema.optionalKey(StartPoint),
    switch: flag("Also switches to it"),
  }),
  Schema.Struct({ operation: Schema.Literal("branch-switch"), name: refName("Branch to switch to") }),
  Schema.Struct({ operation: Schema.Literal("rebase-continue") }),
  Schema.Struct({ operation: Schema.Literal("rebase-abort") }),
  Schema.Struct({ operation: Schema.Literal("merge-continue") }),
  Schema.Struct({ operation: Schema.Literal("merge-abort") }),
  Schema.Struct({ operation: Schema.Literal("cherry-pick-continue") }),
  Schema.Struct({ operation: Schema.Literal("cherry-pick-abort") }),
  Schema.Struct({ operation: Schema.Literal("remove-stale-lock") }),
])
export type GitInput = typeof GitInput.Type

export interface CompiledGit {
  readonly argv: ReadonlyArray<string>
  readonly summary: string
  /** Runs without the sandbox, hardened: it needs the user's keys and the network. */
  readonly network: boolean
  /** Which files of the working tree it may change; undo keeps these. */
  readonly tree: "nothing" | "everything" | { readonly paths: ReadonlyArray<string> }
  /** Why it cannot be taken back at all, or null. */
  readonly final: string | null
  /** What can not be taken back although the rest can, or null. */
  readonly beyond: string | null
}

const local = (
  argv: ReadonlyArray<string>,
  summary: string,
  tree: CompiledGit["tree"] = "nothing",
): CompiledGit => ({ argv: ["git", ...argv], summary, network: false, tree, final: null, beyond: null })

const several = (paths: ReadonlyArray<string>): string =>
  paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`

const how = { "ff-only": "--ff-only", rebase: "--rebase", merge: "--no-rebase" } as const

export const compileGit = (input: Exclude<GitInput, { operation: "remove-stale-lock" }>): CompiledGit => {
  switch (input.operation) {
    case "stage":
      return local(["add", "--", ...input.paths], `Stage ${several(input.paths)}`)
    case "unstage":
      return local(["reset", "--quiet", "--", ...input.paths], `Unstage ${several(input.paths)}`)
    case "commit":
      return local(
        ["commit", ...(input.amend === true ? ["--amend"] : []), `--message=${input.message}`],
        `${input.amend === true ? "Amend the commit" : "Commit"}: ${input.message.split("\n")[0]}`,
      )
    case "push":
      return {
        argv: [
          "git",
          "push",
          ...(input.setUpstream === true ? ["--set-upstream"] : []),
          "--",
          input.remote,
          `refs/heads/${input.branch}:refs/heads/${input.branch}`,
        ],
        summary: `Push ${input.branch} to ${input.remote}${input.setUpstream === true ? " and follow it" : ""}`,
        network: true,
        tree: "nothing",
        final: "what was pushed cannot be taken back from here",
        beyond: null,
      }
    case "pull":
      return {
        argv: ["git", "pull", how[input.how], "--no-edit"],
        summary: `Pull (${input.how})`,
        network: true,
        tree: "everything",
        final: null,
        beyond: "what was fetched stays",
      }
    case "fetch":
      return {
        argv: ["git", "fetch", ...(input.prune === true ? ["--prune"] : []), "--", input.remote],
        summary: `Fetch ${input.remote}`,
        network: true,
        tree: "nothing",
        final: "what was fetched stays; nothing of yours changes",
        beyond: null,
      }
    case "restore":
      return local(
        [
          "restore",
          ...(input.staged === true ? ["--source=HEAD", "--staged"] : []),
          "--worktree",
          "--",
          ...input.paths,
        ],
        `Discard changes of ${several(input.paths)}`,
        { paths: input.paths },
      )
    case "stash-push":
      return local(
        [
          "stash",
          "push",
          ...(input.includeUntracked === true ? ["--include-untracked"] : []),
          ...(input.message === undefined ? [] : [`--message=${input.message}`]),
        ],
        "Stash the changes",
        "everything",
      )
    case "stash-pop":
      return local(["stash", "pop", "--index"], "Take the newest stash back", "everything")
    case "branch-create": {
      const from = input.from === undefined ? [] : [input.from]
      return input.switch === true
        ? local(
            ["switch", "--no-track", "--create", input.name, ...from],
            `Create ${input.name} and switch to it`,
            input.from === undefined ? "nothing" : "everything",
          )
        : local(["branch", "--no-track", "--", input.name, ...from], `Create the branch ${input.name}`)
    }
    case "branch-switch":
      return local(["switch", "--no-guess", input.name], `Switch to ${input.name}`, "everything")
    case "rebase-continue":
    case "rebase-abort":
    case "merge-continue":
    case "merge-abort":
    case "cherry-pick-continue":
    case "cherry-pick-abort": {
      const at = input.operation.lastIndexOf("-")
      const [what, step] = [input.operation.slice(0, at), input.operation.slice(at + 1)]
      return local(
        [what, `--${step}`],
        `${step === "abort" ? "Abort" : "Continue"} the ${what}`,
        "everything",
      )
    }
  }
}

/** Keys of a repository's own configuration that make git run a program, read another file or change who it talks to. */
const notPlainKeys =
  /^(?:core\.(?:sshcommand|gitproxy|askpass|alternaterefscommand|editor|pager)|credential\..*|filter\..*\.(?:clean|smudge|process)|merge\..*\.driver|remote\..*\.(?:vcs|uploadpack|receivepack|proxy)|gpg\.(?:.*\.)?program|push\.gpgsign|include\.path|includeif\..*|http\.(?:.*\.)?(?:proxy|sslverify|cookiefile|extraheader|sslcert|sslkey|curloptresolve)|url\..*|submodule\..*\.update|protocol\..*|uploadpack\.packobjectshook)$/i

export const notPlain = (keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  keys.filter((key) => notPlainKeys.test(key))
