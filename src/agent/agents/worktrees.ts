/**
 * Worktrees in which children work: made beside the user's tree at what it holds now, read as one patch, taken away.
 * Invariants: only in a repository whose own configuration runs nothing, under settings that let git run nothing of it; the
 * user's files, index and branches stay as they are; what is taken away lies below the folder of worktrees.
 */
import { Effect } from "effect"
import { mkdir, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { attempt, refused } from "../../act/attempt.ts"
import { gitFoldersOf } from "../../act/gitFiles.ts"
import { requirePlain } from "../../act/gitNetwork.ts"
import { plumbing, textOf } from "../../act/gitState.ts"
import type { ToolError } from "../../act/Tool.ts"
import { linkFolders } from "./links.ts"
import { readPatch } from "../../domain/patch/readPatch.ts"

export interface Worktree {
  readonly path: string
  readonly branch: string
  readonly base: string
  /** Folders of the user's tree that those of the same name here lead to. */
  readonly links?: ReadonlyArray<string>
}

/** What a child left. `none`: nothing; `problem`: it cannot be shown as a patch, and why. */
export type TreeChanges =
  | { readonly _tag: "none" }
  | { readonly _tag: "patch"; readonly patch: string; readonly files: number }
  | { readonly _tag: "problem"; readonly message: string }

const somebody = { "user.name": "Claw", "user.email": "claw@localhost" }
const mostPatch = 3 * 1024 * 1024

/** With what makes the repository itself run nothing, as all plumbing. */
const git = Effect.fnUntraced(function* (folder: string, ...args: ReadonlyArray<string>) {
  const result = yield* plumbing(folder, args, somebody)
  if (result.exit !== 0)
    return yield* refused(`git ${args[0]} failed: ${textOf(result).trim().split("\n")[0] ?? ""}`)
  return textOf(result)
})

const isThere = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    stat(path).then(
      () => true,
      () => false,
    ),
  )

/** Why no child can have a worktree of this workspace; null: it can. */
export const treeFault = Effect.fnUntraced(function* (workspace: string) {
  const folders = yield* Effect.orElseSucceed(
    attempt("read .git", () => gitFoldersOf(workspace)),
    () => null,
  )
  if (folders === null) return "the workspace is not a git repository"
  const plain = yield* Effect.result(requirePlain(workspace))
  if (plain._tag === "Failure") return plain.failure.message
  const head = yield* Effect.result(git(workspace, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"))
  return head._tag === "Failure" ? "the repository has no commit yet" : null
})

/** What the user's tree holds now, of the files git knows: a commit of its own where it differs from HEAD. */
const present = Effect.fnUntraced(function* (workspace: string) {
  const stash = yield* Effect.orElseSucceed(git(workspace, "stash", "create"), () => "")
  return stash.trim() === ""
    ? (yield* git(workspace, "rev-parse", "--verify", "HEAD^{commit}")).trim()
    : stash.trim()
})

/** With links to the folders that `link` names. The same for the same child, also where it was made before. */
export const makeTree = Effect.fn("worktrees.make")(function* (
  folder: string,
  workspace: string,
  agent: string,
  link: ReadonlyArray<string>,
): Effect.fn.Return<Worktree, ToolError> {
  const path = join(folder, agent)
  const branch = `claw/${agent}`
  // one that was begun and is in no event yet
  if (yield* isThere(path)) yield* removeTree(folder, workspace, { path, branch })
  yield* attempt("make the folder of worktrees", () => mkdir(folder, { recursive: true, mode: 0o700 }))
  const base = yield* present(workspace)
  yield* git(workspace, "worktree", "add", "--quiet", "-B", branch, path, base)
  const links = yield* linkFolders(workspace, path, link)
  return { path, branch, base, ...(links.length === 0 ? {} : { links }) }
})

export const changesIn = Effect.fn("worktrees.changes")(function* (
  tree: Worktree,
): Effect.fn.Return<TreeChanges> {
  if (!(yield* isThere(tree.path))) return { _tag: "problem", message: "its worktree is gone" }
  const read = Effect.gen(function* () {
    yield* git(tree.path, "add", "--all")
    const flags = ["--cached", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"]
    return yield* git(tree.path, "diff", ...flags, tree.base)
  })
  const found = yield* Effect.result(read)
  if (found._tag === "Failure") return { _tag: "problem", message: found.failure.message }
  const patch = found.success
  if (patch.trim() === "") return { _tag: "none" }
  if (patch.length > mostPatch)
    return { _tag: "problem", message: "its changes are too many to be shown as one patch" }
  const parts = readPatch(patch)
  return "problem" in parts
    ? { _tag: "problem", message: `its changes cannot be shown as one patch (${parts.problem})` }
    : { _tag: "patch", patch, files: parts.parts.length }
})

/** With its branch. What is gone already is no failure. */
export const removeTree = Effect.fn("worktrees.remove")(function* (
  folder: string,
  workspace: string,
  { branch, path }: Pick<Worktree, "path" | "branch">,
): Effect.fn.Return<void, ToolError> {
  if (!path.startsWith(`${folder}/`)) return yield* refused(`${path} is no worktree of Claw's`)
  yield* Effect.ignore(git(workspace, "worktree", "remove", "--force", path))
  yield* attempt("remove the worktree", () => rm(path, { recursive: true, force: true }))
  yield* Effect.ignore(git(workspace, "worktree", "prune"))
  yield* Effect.ignore(git(workspace, "branch", "--quiet", "-D", branch))
})

/** Ids of the children of which a worktree stands. */
export const treesIn = (folder: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(() => readdir(folder).catch(() => [])).pipe(
    Effect.map((names) => names.filter((name) => /^c_[0-9a-f]{16}$/.test(name)).sort()),
  )
