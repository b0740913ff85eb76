/**
 * What a plan rests on, as hashes an approval is bound to: the files a command would replace, the parts of a repository
 * an operation goes by. Pure; the states come from what undo records anyway.
 * Invariant: equal inputs give equal reads, in one order, whatever else changed in the workspace.
 */
import type { PathState, PlanRead } from "../domain/events/acted.ts"
import { sha256 } from "./boundedOutput.ts"
import type { GitInput } from "./gitOperations.ts"
import { indexRef, type Refs } from "./gitState.ts"
import { inside } from "./paths.ts"

/** Each target as one hash: a file's content, all that a folder holds. What was not recorded is not named. */
export const readsOf = (
  before: ReadonlyArray<PathState>,
  targets: ReadonlyArray<string>,
): ReadonlyArray<PlanRead> =>
  [...new Set(targets)].sort().flatMap((path) => {
    const held = before.filter((state) => inside(path, state.path))
    const own = held.find((state) => state.path === path)
    if (own === undefined) return []
    if (own.kind !== "dir") return [{ path, hash: own.hash }]
    const entries = held.map(({ hash, kind, mode, path: name }) => [name, kind, mode, hash])
    return [{ path, hash: sha256(JSON.stringify(entries.sort(([a], [b]) => (a! < b! ? -1 : 1)))) }]
  })

const head = (refs: Refs): PlanRead => {
  const at = refs["HEAD"] ?? ""
  const branch = at.startsWith("ref: ") ? refs[at.slice(5)] : undefined
  return { path: "git:HEAD", hash: sha256(`${at} ${branch ?? ""}`) }
}

const index = (refs: Refs): PlanRead => ({ path: "git:index", hash: refs[indexRef] ?? null })

const ref = (refs: Refs, name: string): PlanRead => {
  const commit = refs[name] ?? ""
  return { path: `git:${name}`, hash: commit === "" ? null : sha256(commit) }
}

/**
 * Whether one of these reads is what this state of the repository says; of refs it may tell only those that moved. A
 * branch that was switched to and did not move is not told: then HEAD alone counts.
 */
export const refsSay = (refs: Refs, { hash, path }: PlanRead): boolean => {
  const at = refs["HEAD"]
  if (at === undefined) return false
  if (path === "git:index") return index(refs).hash === hash
  if (path === "git:HEAD") return refs[at.replace(/^ref: /, "")] === undefined || head(refs).hash === hash
  const name = path.slice("git:".length)
  return refs[name] !== undefined && ref(refs, name).hash === hash
}

/** By what an operation on the repository goes: the staged content of a commit, the branch that is pushed. */
export const gitReads = (
  input: GitInput,
  refs: Refs,
  remote: { readonly name: string; readonly url: string } | null = null,
): ReadonlyArray<PlanRead> => {
  const place: ReadonlyArray<PlanRead> =
    remote === null ? [] : [{ path: `git:remote.${remote.name}.url`, hash: sha256(remote.url) }]
  switch (input.operation) {
    case "commit":
    case "rebase-start":
    case "cherry-pick-start":
    case "revert-start":
    case "rebase-continue":
    case "rebase-skip":
    case "rebase-abort":
    case "merge-continue":
    case "merge-abort":
    case "cherry-pick-continue":
    case "cherry-pick-skip":
    case "cherry-pick-abort":
    case "revert-continue":
    case "revert-skip":
    case "revert-abort":
      return [head(refs), index(refs)]
    case "merge-start":
      return [head(refs), index(refs), ref(refs, `refs/heads/${input.name}`)]
    case "branch-delete":
      return [ref(refs, `refs/heads/${input.name}`)]
    case "tag-delete":
      return [ref(refs, `refs/tags/${input.name}`)]
    case "stash-pop":
    case "stash-drop":
      return [ref(refs, "refs/stash")]
    case "branch-switch":
      return [head(refs), ref(refs, `refs/heads/${input.name}`)]
    case "branch-create":
      return [head(refs)]
    case "push":
      return [ref(refs, `refs/heads/${input.branch}`), ...place]
    case "pull":
      return [head(refs), ...place]
    case "fetch":
      return place
    default:
      return []
  }
}
