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

const both = (
  first: ReadonlyArray<string> | null,
  second: ReadonlyArray<string> | null,
): ReadonlyArray<string> | null => (first === null || second === null ? null : [...first, ...second])

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
    case "stash-push": {
      const dirty = yield* dirtyFiles(workspace)
      const untracked =
        input.includeUntracked === true
          ? yield* names(workspace, ["ls-files", "--others", "--exclude-standard", "-z"])
          : []
      return both(dirty, untracked)
    }
    case "stash-pop": {
      const stash = `refs/stash@{${input.index ?? 0}}`
      const kept = yield* between(`${stash}^1`, stash)
      // only a stash with untracked files has a third parent
      const untracked = yield* names(workspace, ["ls-tree", "-r", "--name-only", "-z", `${stash}^3`])
      return both(kept, untracked ?? [])
    }
    default:
      return null
  }
})
