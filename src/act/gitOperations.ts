/**
 * How each typed git operation becomes argv, what of the working tree it may change, and what of it stays. Pure.
 * Invariants: outside text stands only behind `--`, inside `--option=`, or as a checked ref or remote name, so it can
 * never be an option; pathspecs are literal (GIT_LITERAL_PATHSPECS); nothing is forced unless that was asked for by name.
 */
import { gitArgv } from "../../policies/tools/gitArgv.ts"
import type { GitInput, GitReading } from "./gitInput.ts"

export { GitInput } from "./gitInput.ts"

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

const stashName = (index: number | undefined): string =>
  index === undefined || index === 0 ? "the newest stash" : `stash ${index}`

const how = { "ff-only": "--ff-only", rebase: "--rebase", merge: "--no-rebase" } as const

/** The operations that are run in the sandbox or with the network, but for the one that runs no git. */
export type Operation = Exclude<GitInput, GitReading | { operation: "remove-stale-lock" }>

const shared = (input: GitInput, summary: string, tree: CompiledGit["tree"] = "nothing"): CompiledGit =>
  local((gitArgv(input) ?? ["git"]).slice(1), summary, tree)

const stepWords = { continue: "Continue", skip: "Skip the commit of", abort: "Abort" } as const

export const compileGit = (input: Operation): CompiledGit => {
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
    case "restore": {
      const source = input.source ?? (input.staged === true ? "HEAD" : null)
      return local(
        [
          "restore",
          ...(source === null ? [] : [`--source=${source}`]),
          ...(input.staged === true ? ["--staged"] : []),
          "--worktree",
          "--",
          ...input.paths,
        ],
        input.source === undefined
          ? `Discard changes of ${several(input.paths)}`
          : `Bring back ${several(input.paths)} as of ${input.source}`,
        { paths: input.paths },
      )
    }
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
      return shared(input, `Take ${stashName(input.index)} back`, "everything")
    case "stash-drop":
      return shared(input, `Drop ${stashName(input.index)}`)
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
    case "branch-delete":
      return shared(
        input,
        `Delete the branch ${input.name}${input.unmerged === true ? ", merged or not" : ""}`,
      )
    case "tag-create":
      return shared(input, `Tag ${input.at ?? "HEAD"} as ${input.name}`)
    case "tag-delete":
      return shared(input, `Delete the tag ${input.name}`)
    case "merge-start":
      return shared(
        input,
        `Merge ${input.name}${input.how === undefined ? "" : ` (${input.how})`}`,
        "everything",
      )
    case "rebase-start":
      return shared(input, `Rebase onto ${input.onto ?? input.upstream}`, "everything")
    case "cherry-pick-start":
      return shared(input, `Cherry-pick ${several(input.commits)}`, "everything")
    case "revert-start":
      return shared(input, `Revert ${several(input.commits)}`, "everything")
    default: {
      const at = input.operation.lastIndexOf("-")
      const [what, step] = [input.operation.slice(0, at), input.operation.slice(at + 1)]
      return shared(input, `${stepWords[step as keyof typeof stepWords]} the ${what}`, "everything")
    }
  }
}

/** Keys of a repository's own configuration that make git run a program, read another file or change who it talks to. */
const notPlainKeys =
  /^(?:core\.(?:sshcommand|gitproxy|askpass|alternaterefscommand|editor|pager)|credential\..*|filter\..*\.(?:clean|smudge|process)|merge\..*\.driver|remote\..*\.(?:vcs|uploadpack|receivepack|proxy)|gpg\.(?:.*\.)?program|push\.gpgsign|include\.path|includeif\..*|http\.(?:.*\.)?(?:proxy|sslverify|cookiefile|extraheader|sslcert|sslkey|curloptresolve)|url\..*|submodule\..*\.update|protocol\..*|uploadpack\.packobjectshook)$/i

export const notPlain = (keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  keys.filter((key) => notPlainKeys.test(key))
