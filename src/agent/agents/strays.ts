/**
 * Worktrees that nobody works in any more: left behind by a kill, or kept because of changes nobody took. Those in which
 * nothing would be lost are taken away, the others told of with the reason.
 * Invariant: what cannot be seen to hold no change of its agent's stays; what git ignores counts as no change.
 */
import { Effect } from "effect"
import { readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { requirePlain } from "../../act/gitNetwork.ts"
import { plumbing, textOf } from "../../act/gitState.ts"
import { changesIn, removeTree, type Worktree } from "./worktrees.ts"

/** `why` null: nothing in it would be lost. */
export interface Looked {
  readonly why: string | null
  /** The repository it is a worktree of; null: of none. */
  readonly of: string | null
}

const asked = (path: string, ...args: ReadonlyArray<string>) =>
  plumbing(path, args).pipe(
    Effect.map((result) => (result.exit === 0 ? textOf(result).trim() : "")),
    Effect.orElseSucceed(() => ""),
  )

/** What is in it, as words; null: nothing that is its agent's. */
export const changesOf = (tree: Worktree): Effect.Effect<string | null> =>
  Effect.map(changesIn(tree), (changes) => {
    switch (changes._tag) {
      case "none":
        return null
      case "patch":
        return `it holds changes to ${changes.files} ${changes.files === 1 ? "file" : "files"}`
      case "problem":
        return changes.message
    }
  })

/** One that no child in the log has: what it began at is in git's own record of its branch. */
const look = Effect.fn("strays.look")(function* (folder: string, agent: string): Effect.fn.Return<Looked> {
  const path = join(folder, agent)
  const names = yield* Effect.promise(() => readdir(path).catch(() => null))
  if (names === null) return { why: "it cannot be read", of: null }
  if (names.length === 0) return { why: null, of: null }
  if (!names.includes(".git")) return { why: "it holds files and is no worktree of git's", of: null }
  const common = yield* asked(path, "rev-parse", "--path-format=absolute", "--git-common-dir")
  const top = yield* asked(path, "rev-parse", "--path-format=absolute", "--show-toplevel")
  if (common === "" || top !== path) return { why: "the repository it belonged to is gone", of: null }
  const of = dirname(common)
  const plain = yield* Effect.result(requirePlain(path))
  if (plain._tag === "Failure") return { why: plain.failure.message, of }
  const branch = yield* asked(path, "symbolic-ref", "--quiet", "--short", "HEAD")
  if (branch !== `claw/${agent}`) return { why: "it is not on the branch it was made with", of }
  const base = (yield* asked(path, "log", "-g", "--format=%H", `refs/heads/${branch}`, "--"))
    .split("\n")
    .at(-1)!
  if (base === "") return { why: "what it began at is not known any more", of }
  return { why: yield* changesOf({ path, branch, base }), of }
})

/** Takes it away where nothing would be lost; why it stays, else null. */
export const tidied = Effect.fn("strays.tidied")(function* (folder: string, agent: string) {
  const { of, why } = yield* look(folder, agent)
  if (why !== null) return why
  const tree = { path: join(folder, agent), branch: `claw/${agent}` }
  const done = yield* Effect.result(removeTree(folder, of ?? folder, tree))
  return done._tag === "Success" ? null : done.failure.message
})
