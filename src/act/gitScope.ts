/**
 * The files of the working tree a git operation may change, as far as git can say without running anything: what undo
 * has to keep. Where it cannot say, that is the whole workspace.
 */
import { join } from "node:path"
import { Effect } from "effect"
import { attempt } from "./attempt.ts"
import { dirtyFiles } from "./dirtyFiles.ts"
import type { CompiledGit, Operation } from "./gitOperations.ts"
import { plumbing, textOf } from "./gitState.ts"
import { resolveInside } from "./paths.ts"
import type { ToolContext } from "./Tool.ts"

/** Null where git does not say. */
const names = Effect.fnUntraced(function* (workspace: string, args: ReadonlyArray<string>) {
  const result = yield* plumbing(workspace, args)
  if (result.exit !== 0) return null
  return textOf(result)
    .split("\0")
    .filter((name) => name !== "")
    .map((name) => join(workspace, name))
})

export const mayChange = Effect.fnUntraced(function* (
  input: Operation,
  compiled: CompiledGit,
  context: ToolContext,
) {
  const { workspace } = context
  if (compiled.tree === "nothing") return []
  if (compiled.tree !== "everything") {
    const { paths } = compiled.tree
    return yield* attempt("find the files", () =>
      Promise.all(paths.map((path) => resolveInside(path, context.cwd, workspace))),
    )
  }
  const between = (from: string, to: string) =>
    names(workspace, ["diff-tree", "-r", "--name-only", "--no-renames", "-z", from, to])
  switch (input.operation) {
    case "branch-switch":
      return yield* between("HEAD", `refs/heads/${input.name}`)
    case "branch-create":
      return yield* between("HEAD", input.from ?? "HEAD")
    case "stash-push":
      // with untracked files go empty folders, which nothing lists
      return input.includeUntracked === true ? null : yield* dirtyFiles(workspace)
    case "stash-pop": {
      const stash = `refs/stash@{${input.index ?? 0}}`
      const kept = yield* between(`${stash}^1`, stash)
      // only a stash with untracked files has a third parent
      const untracked = yield* names(workspace, ["ls-tree", "-r", "--name-only", "-z", `${stash}^3`])
      return kept === null ? null : [...kept, ...(untracked ?? [])]
    }
    default:
      return null
  }
})
