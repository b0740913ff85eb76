/**
 * What undo needs to know of a repository: HEAD, the branches, the index, and the files of an operation under way.
 * Read and written with git's plumbing only, under settings that let it run nothing of the repository's.
 * Invariant: a ref is only moved back from the value it was left at; if one cannot be, all stay as they were.
 */
import { readFile, realpath } from "node:fs/promises"
import { join, resolve } from "node:path"
import { Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import { commandEnvironment, gitRunsNothing, gitSettings } from "./commandEnvironment.ts"
import { runProcess, type ProcessResult } from "./runProcess.ts"
import type { ToolError } from "./Tool.ts"

export type Refs = Readonly<Record<string, string>>

/** Pseudo-refs of our own in the record. */
export const indexRef = "claw:index"
export const incompleteRef = "claw:incomplete"

const missing = "0".repeat(40)
const branchLimit = 2000

/** Plumbing only: never a command that runs filters, text converters or hooks. */
export const plumbing = (
  workspace: string,
  args: ReadonlyArray<string>,
): Effect.Effect<ProcessResult, ToolError> =>
  runProcess({
    file: "git",
    args,
    cwd: workspace,
    env: {
      ...commandEnvironment({}, { home: "/nonexistent", workspace }),
      ...gitSettings({ ...gitRunsNothing, "safe.directory": "*" }),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LITERAL_PATHSPECS: "1",
      LC_ALL: "C",
    },
    timeoutMs: 20_000,
    keepBytes: 128 * 1024 * 1024,
  }).pipe(
    Effect.filterOrFail(
      (result) => result.output.whole && !result.timedOut,
      () => refused("the repository is too large for git to answer in bounds"),
    ),
  )

export const textOf = (result: ProcessResult): string => Buffer.from(result.output.first()).toString("utf8")

/** The repository's own folder and the one it shares with its worktrees; null where there is no repository. */
export const gitFoldersOf = async (
  workspace: string,
): Promise<{ readonly own: string; readonly common: string } | null> => {
  const git = join(workspace, ".git")
  const text = await readFile(git, "utf8").catch(() => null)
  const link = text === null ? undefined : /^gitdir: (.+)$/m.exec(text)?.[1]
  const own = await realpath(link === undefined ? git : resolve(workspace, link.trim())).catch(() => null)
  if (own === null) return null
  const head = await readFile(join(own, "HEAD"), "utf8").catch(() => null)
  if (head === null) return null
  const common = await readFile(join(own, "commondir"), "utf8").catch(() => ".")
  return { own, common: resolve(own, common.trim()) }
}

/** HEAD (`ref: ...` or a commit), every branch, and the index's entries as one hash. */
export const readRefs = Effect.fnUntraced(function* (workspace: string) {
  const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
  if (folders === null) return {} as Refs
  const head = yield* attempt("read HEAD", () => readFile(join(folders.own, "HEAD"), "utf8"))
  const branches = yield* plumbing(workspace, [
    "for-each-ref",
    `--count=${branchLimit}`,
    "--format=%(objectname) %(refname)",
    "refs/heads",
  ])
  const index = yield* plumbing(workspace, ["ls-files", "--stage", "-z"])
  if (branches.exit !== 0 || index.exit !== 0) {
    return yield* refused(
      `git could not read the repository: ${textOf(branches.exit === 0 ? index : branches).slice(0, 200)}`,
    )
  }
  const refs: Record<string, string> = { HEAD: head.trim(), [indexRef]: sha256(index.output.first()) }
  for (const line of textOf(branches).split("\n")) {
    const space = line.indexOf(" ")
    if (space > 0) refs[line.slice(space + 1)] = line.slice(0, space)
  }
  return refs as Refs
})

/** Files of the repository that are restored byte by byte: index, stash, and an operation under way. */
const stateNames = [
  "index",
  "refs/stash",
  "logs/refs/stash",
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "MERGE_RR",
  "SQUASH_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "AUTO_MERGE",
]
const stateFolders = ["rebase-merge", "rebase-apply", "sequencer"]

export const stateFiles = async (workspace: string): Promise<ReadonlyArray<string>> => {
  const folders = await gitFoldersOf(workspace)
  if (folders === null) return []
  const shared = new Set(["refs/stash", "logs/refs/stash"])
  return [
    ...stateNames.map((name) => join(shared.has(name) ? folders.common : folders.own, name)),
    ...stateFolders.map((name) => join(folders.own, name)),
  ]
}

/** The refs that `to` has otherwise than `from`, and HEAD; the index's hash is not one. */
const movedRefs = (from: Refs, to: Refs): ReadonlyArray<string> =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (name) => name.startsWith("refs/") && from[name] !== to[name],
  )

/** Why the refs cannot be moved back from `after` to `before`; null where they can. */
export const refsConflict = (before: Refs, after: Refs, now: Refs): string | null => {
  for (const name of movedRefs(before, after)) {
    if (now[name] !== after[name]) return `the branch ${name.replace(/^refs\/heads\//, "")} moved since`
  }
  if (before["HEAD"] !== after["HEAD"] && now["HEAD"] !== after["HEAD"]) return "HEAD moved since"
  if (before[indexRef] !== after[indexRef] && now[indexRef] !== after[indexRef]) {
    return "the staging area changed since"
  }
  return null
}

const setHead = (workspace: string, head: string) =>
  plumbing(
    workspace,
    head.startsWith("ref: ")
      ? ["symbolic-ref", "-m", "claw undo", "HEAD", head.slice(5)]
      : ["update-ref", "--no-deref", "-m", "claw undo", "HEAD", head],
  )

const commands = (from: Refs, to: Refs): ReadonlyArray<ReadonlyArray<string>> =>
  movedRefs(from, to).map((name) =>
    to[name] === undefined
      ? ["update-ref", "-d", name, from[name]!]
      : ["update-ref", "-m", "claw undo", name, to[name], from[name] ?? missing],
  )

/** HEAD first: a branch that is checked out is not deleted under it. What was moved is moved back on failure. */
export const moveRefs = Effect.fnUntraced(function* (workspace: string, from: Refs, to: Refs) {
  const steps = commands(from, to)
  const headMoves = from["HEAD"] !== to["HEAD"] && to["HEAD"] !== undefined
  const done: Array<Effect.Effect<unknown, ToolError>> = []
  const step = Effect.fnUntraced(function* (
    run: Effect.Effect<ProcessResult, ToolError>,
    back: Effect.Effect<unknown, ToolError>,
  ) {
    const result = yield* run
    if (result.exit === 0) {
      done.push(back)
      return
    }
    for (const undo of done.reverse()) yield* Effect.ignore(undo)
    return yield* refused(`git refused to move a ref back: ${textOf(result).trim().slice(0, 200)}`)
  })
  if (headMoves) yield* step(setHead(workspace, to["HEAD"]!), setHead(workspace, from["HEAD"]!))
  const backwards = commands(to, from)
  for (const [index, args] of steps.entries()) {
    yield* step(plumbing(workspace, args), plumbing(workspace, backwards[index]!))
  }
})
