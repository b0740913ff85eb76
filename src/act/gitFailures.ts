/**
 * Why a git operation did not end well, told from what git printed and from what it left: a code a caller can act on, the
 * files it is about, and what can be done next. Pure.
 */
export type GitCode =
  | "not-a-repository"
  | "nothing-to-commit"
  | "dirty-tree"
  | "conflict"
  | "detached"
  | "unborn"
  | "no-such-revision"
  | "no-such-branch"
  | "no-such-path"
  | "exists"
  | "not-merged"
  | "checked-out"
  | "not-fast-forward"
  | "operation-under-way"
  | "no-operation"
  | "no-stash"
  | "locked"
  | "hook-refused"
  | "failed"

export interface GitFailure {
  readonly code: GitCode
  readonly message: string
  readonly files: ReadonlyArray<string>
  /** Operations that make sense now. */
  readonly next: ReadonlyArray<string>
}

const told: ReadonlyArray<readonly [GitCode, RegExp]> = [
  [
    "dirty-tree",
    /would be overwritten by|cannot (?:rebase|pull with rebase).*(?:unstaged|uncommitted)|your local changes|index contains uncommitted changes/i,
  ],
  ["not-fast-forward", /not possible to fast-forward|non-fast-forward|\[rejected\]|diverging branches/i],
  [
    "nothing-to-commit",
    /nothing to commit|nothing added to commit|no changes added|previous cherry-pick is now empty|no local changes to save/i,
  ],
  ["exists", /already exists/i],
  ["not-merged", /is not fully merged/i],
  [
    "checked-out",
    /cannot delete (?:the )?branch .* (?:checked out|used by worktree)|is already (?:checked out|used by worktree)/i,
  ],
  ["no-stash", /no stash entries found|is not a valid reference.*stash|stash@\{\d+\} is not/i],
  ["no-such-branch", /invalid reference:|branch ['"]?.+['"]? not found|not a branch/i],
  ["no-such-path", /pathspec .* did not match|no such path/i],
  [
    "unborn",
    /does not have any commits yet|your current branch appears to be broken|you do not have the initial commit yet/i,
  ],
  [
    "no-such-revision",
    /unknown revision|bad revision|not a valid object name|not something we can merge|invalid upstream|bad object|needed a single revision|ambiguous argument|tag ['"]?.+['"]? not found/i,
  ],
  [
    "operation-under-way",
    /already (?:a |in progress)|in the middle of|you have not concluded your|is already in progress/i,
  ],
  [
    "no-operation",
    /no (?:rebase|merge|cherry-pick|revert|cherry-pick or revert) in progress|there is no merge/i,
  ],
  ["locked", /index\.lock|unable to create '.*\.lock'|cannot lock ref/i],
  ["hook-refused", /hook (?:declined|exited|failed)|pre-commit|commit-msg/i],
]

const operationOf = (operation: string): string => operation.replace(/-(?:start|continue|skip|abort)$/, "")
const stepped = new Set(["merge", "rebase", "cherry-pick", "revert"])

/** Files git lists, indented, under "would be overwritten". */
const listed = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^\t(\S.*)$/gm)].map(([, name]) => name!).slice(0, 100)

/** `unmerged`: files that are in conflict now. */
export const failureOf = (
  operation: string,
  output: string,
  unmerged: ReadonlyArray<string>,
  underWay: string | null,
): GitFailure => {
  if (unmerged.length > 0) {
    const what = underWay ?? operationOf(operation)
    return {
      code: "conflict",
      message: `in conflict: ${unmerged.slice(0, 5).join(", ")}${unmerged.length > 5 ? ` and ${unmerged.length - 5} more` : ""}`,
      files: unmerged.slice(0, 100),
      next: stepped.has(what)
        ? ["stage", `${what}-continue`, ...(what === "merge" ? [] : [`${what}-skip`]), `${what}-abort`]
        : ["stage", "commit"],
    }
  }
  const found = told.find(([, pattern]) => pattern.test(output))
  const line = output
    .split("\n")
    .find((one) => /^(?:error|fatal|hint): /.test(one))
    ?.replace(/^(?:error|fatal|hint): /, "")
  const code = found?.[0] ?? "failed"
  return {
    code,
    message: line ?? "git ended with an error",
    files: code === "dirty-tree" ? listed(output) : [],
    next: code === "dirty-tree" ? ["commit", "stash-push"] : [],
  }
}

/** As it stands behind the output: one line of JSON, for who reads it. */
export const failureLine = (failure: GitFailure): string => `${JSON.stringify({ failure })}\n`
