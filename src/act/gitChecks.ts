/**
 * What can be told of a git operation before it runs: that it cannot end well. Read from git's own files and plumbing, so
 * that nothing of the repository's is run to find out.
 * Invariant: what is refused here would have been refused, or done nothing, anyway; the refusal says what to do instead.
 */
import { access } from "node:fs/promises"
import { constants } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { attempt } from "./attempt.ts"
import { headIn, refsIn, type GitFolders } from "./gitFiles.ts"
import type { GitCode } from "./gitFailures.ts"
import type { GitInput } from "./gitInput.ts"
import { plumbing, textOf } from "./gitState.ts"
import { ToolError } from "./Tool.ts"

const refusedAs = (code: GitCode, message: string) => new ToolError({ reason: "refused", message, code })

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The operation git is in the middle of. */
export const underWay = async ({ own }: GitFolders): Promise<string | null> => {
  for (const [file, what] of [
    ["rebase-merge", "rebase"],
    ["rebase-apply", "rebase"],
    ["MERGE_HEAD", "merge"],
    ["CHERRY_PICK_HEAD", "cherry-pick"],
    ["REVERT_HEAD", "revert"],
  ] as const) {
    if (await there(join(own, file))) return what
  }
  return null
}

export const unmergedFiles = Effect.fnUntraced(function* (workspace: string) {
  const result = yield* plumbing(workspace, ["ls-files", "--unmerged", "-z"])
  if (result.exit !== 0) return []
  const names = textOf(result)
    .split("\0")
    .flatMap((record) => (record === "" ? [] : [record.slice(record.indexOf("\t") + 1)]))
  return [...new Set(names)]
})

const isUnborn = (folders: GitFolders): boolean => {
  const head = headIn(folders) ?? ""
  return head.startsWith("ref: ") && !refsIn(folders).has(head.slice(5))
}

const needsCommit = new Set<GitInput["operation"]>([
  "log",
  "show",
  "blame",
  "stash-push",
  "tag-create",
  "rebase-start",
  "cherry-pick-start",
  "revert-start",
])

const isStaged = Effect.fnUntraced(function* (workspace: string, unborn: boolean) {
  if (unborn) return textOf(yield* plumbing(workspace, ["ls-files", "-z"])) !== ""
  const args = ["diff-index", "--cached", "--quiet", "--no-ext-diff", "--no-textconv", "HEAD"]
  return (yield* plumbing(workspace, args)).exit !== 0
})

/** Fails where the operation cannot end well. */
export const checkOperation = Effect.fnUntraced(function* (
  input: GitInput,
  workspace: string,
  folders: GitFolders,
) {
  const unborn = yield* attempt("read HEAD", async () => isUnborn(folders))
  if (unborn && needsCommit.has(input.operation)) {
    return yield* refusedAs("unborn", "the branch has no commit yet: commit something first")
  }
  const busy = yield* attempt("look for an operation under way", () => underWay(folders))
  const step = /^(merge|rebase|cherry-pick|revert)-(start|continue|skip|abort)$/.exec(input.operation)
  if (step !== null) {
    const [, what, word] = step
    if (word === "start" && busy !== null) {
      return yield* refusedAs(
        "operation-under-way",
        `a ${busy} is under way: ${busy}-continue or ${busy}-abort first`,
      )
    }
    if (word !== "start" && busy !== what) {
      return yield* refusedAs(
        "no-operation",
        busy === null ? `no ${what} is under way` : `a ${busy} is under way, no ${what}`,
      )
    }
  }
  const finishes = step?.[2] === "continue" || input.operation === "commit"
  if (finishes) {
    const unmerged = yield* unmergedFiles(workspace)
    if (unmerged.length > 0) {
      const some = unmerged.slice(0, 5).join(", ")
      return yield* refusedAs(
        "conflict",
        `still in conflict: ${some}${unmerged.length > 5 ? ` and ${unmerged.length - 5} more` : ""}; resolve and stage them first`,
      )
    }
  }
  if (input.operation === "commit" && input.amend === true && unborn) {
    return yield* refusedAs("unborn", "there is no commit to amend yet")
  }
  if (input.operation === "commit" && input.amend !== true && busy === null) {
    if (!(yield* isStaged(workspace, unborn))) {
      return yield* refusedAs("nothing-to-commit", "nothing is staged: stage something first")
    }
  }
})

/** Hooks an operation runs, by git's rules. */
const hooksFor: Readonly<Record<string, ReadonlyArray<string>>> = {
  commit: ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-rewrite"],
  "branch-switch": ["post-checkout"],
  "branch-create": ["post-checkout"],
  restore: [],
  "merge-start": ["pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge"],
  "merge-continue": ["pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-merge"],
  "rebase-start": ["pre-rebase", "post-checkout", "post-rewrite", "post-commit"],
  "rebase-continue": ["pre-commit", "prepare-commit-msg", "post-commit", "post-rewrite"],
  "rebase-skip": ["post-checkout", "post-rewrite"],
  "cherry-pick-start": ["prepare-commit-msg", "post-commit"],
  "cherry-pick-continue": ["prepare-commit-msg", "post-commit"],
  "revert-start": ["prepare-commit-msg", "post-commit"],
  "revert-continue": ["prepare-commit-msg", "post-commit"],
}
const always = ["reference-transaction", "post-index-change"]

/** Those the repository has, of the ones the operation would run. */
export const hooksOf = Effect.fnUntraced(function* (
  operation: string,
  workspace: string,
  { common }: GitFolders,
) {
  const wanted = [...(hooksFor[operation] ?? []), ...always]
  const asked = yield* plumbing(workspace, ["config", "--local", "--get", "core.hooksPath"])
  const named = asked.exit === 0 ? textOf(asked).trim() : ""
  const folder = named === "" ? join(common, "hooks") : join(named.startsWith("/") ? "/" : workspace, named)
  return yield* Effect.promise(async () => {
    const found: Array<string> = []
    for (const name of wanted) {
      const runs = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (runs) found.push(name)
    }
    return found
  })
})
