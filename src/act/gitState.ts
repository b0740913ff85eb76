/**
 * What undo needs to know of a repository: HEAD, refs, the index, reflogs, and the files of an operation under way; and
 * how refs are moved where they are no files. Git itself is only run as plumbing, under settings that let it run
 * nothing of the repository's.
 * Invariant: a ref is only moved back from the value it was left at; if one cannot be, all stay as they were.
 */
import { join } from "node:path"
import { Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { commandEnvironment, gitRunsNothing, gitSettings } from "./commandEnvironment.ts"
import {
  gitFoldersOf,
  hasRefTables,
  headIn,
  indexHash,
  refsIn,
  type GitFolders,
  type Refs,
} from "./gitFiles.ts"
import { nameOf } from "./pathNames.ts"
import { runProcess, type ProcessResult } from "./runProcess.ts"
import type { ToolError } from "./Tool.ts"

export { gitFoldersOf } from "./gitFiles.ts"
export type { GitFolders, Refs } from "./gitFiles.ts"

/** Pseudo-refs of our own in the record. */
export const indexRef = "claw:index"
export const incompleteRef = "claw:incomplete"
/** Names the content that lists all refs, where they are too many for the record itself. */
export const allRefs = "claw:refs"

const refLimit = 20_000

/** Plumbing only: never a command that runs filters, text converters or hooks. */
export const plumbing = (
  workspace: string,
  args: ReadonlyArray<string>,
  settings: Readonly<Record<string, string>> = {},
): Effect.Effect<ProcessResult, ToolError> =>
  runProcess({
    file: "git",
    args,
    cwd: workspace,
    env: {
      ...commandEnvironment({}, { home: "/nonexistent", workspace }),
      ...gitSettings({ ...gitRunsNothing, ...settings, "safe.directory": "*" }),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LITERAL_PATHSPECS: "1",
      GIT_NO_LAZY_FETCH: "1",
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

/** Names in it lose nothing, whatever their bytes. */
export const textOf = (result: ProcessResult): string => nameOf(Buffer.from(result.output.first()))

const askedRefs = Effect.fnUntraced(function* (workspace: string) {
  const result = yield* plumbing(workspace, [
    "for-each-ref",
    `--count=${refLimit}`,
    "--format=%(objectname) %(symref) %(refname)",
  ])
  if (result.exit !== 0) {
    return yield* refused(`git could not read the repository: ${textOf(result).slice(0, 200)}`)
  }
  return new Map(
    textOf(result)
      .split("\n")
      .flatMap((line) => {
        const [oid = "", symref = "", name = ""] = line.split(" ")
        return name === "" ? [] : [[name, symref === "" ? oid : `ref: ${symref}`] as const]
      }),
  )
})

const askedHead = Effect.fnUntraced(function* (workspace: string) {
  const symbolic = yield* plumbing(workspace, ["symbolic-ref", "--quiet", "HEAD"])
  return symbolic.exit === 0
    ? `ref: ${textOf(symbolic).trim()}`
    : textOf(yield* plumbing(workspace, ["rev-parse", "--verify", "--quiet", "HEAD"])).trim()
})

/** HEAD (`ref: ...` or a commit), every ref, and the index's entries as one hash. */
export const readRefs = Effect.fnUntraced(function* (workspace: string) {
  const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
  if (folders === null) return {} as Refs
  const refs = hasRefTables(folders)
    ? yield* askedRefs(workspace)
    : yield* attempt("read the refs", async () => refsIn(folders))
  if (refs.size >= refLimit) return yield* refused(`the repository has more than ${refLimit} refs`)
  const head = hasRefTables(folders)
    ? yield* askedHead(workspace)
    : yield* attempt("read HEAD", async () => headIn(folders))
  const index = yield* attempt("read the index", async () => indexHash(folders))
  return {
    HEAD: head ?? "",
    ...(index === null ? {} : { [indexRef]: index }),
    ...Object.fromEntries(refs),
  } as Refs
})

/** Files that state what git is at; all but the last are as strict as any file. */
const stateNames = [
  "HEAD",
  "index",
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "MERGE_RR",
  "MERGE_AUTOSTASH",
  "SQUASH_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "AUTO_MERGE",
  "BISECT_LOG",
  "BISECT_START",
  "BISECT_TERMS",
  "BISECT_NAMES",
  "BISECT_EXPECTED_REV",
  "BISECT_ANCESTORS_OK",
  "rebase-merge",
  "rebase-apply",
  "sequencer",
  "refs",
  "logs",
]
/** What git leaves behind for convenience: put back where nobody added to it, and never in the way. */
const trailNames = ["ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "logs"]
const sharedNames = ["refs", "packed-refs", "logs/refs", "shallow", "info"]
const configNames = ["config", "config.worktree"]

/** `config`: the command may write git's configuration too, because nothing shuts it. */
export const stateFiles = (folders: GitFolders, config: boolean): ReadonlyArray<string> => {
  const { common, own } = folders
  return [
    ...new Set([
      ...[...stateNames, ...trailNames].map((name) => join(own, name)),
      ...[...sharedNames, ...(config ? configNames : [])].map((name) => join(common, name)),
    ]),
  ]
}

/** What a path in git's folders is to undo. */
export const gitRole = (folders: GitFolders, path: string): "index" | "refs" | "trail" | "state" => {
  const own = path.startsWith(`${folders.own}/`) ? path.slice(folders.own.length + 1) : ""
  const shared = path.startsWith(`${folders.common}/`) ? path.slice(folders.common.length + 1) : ""
  if (own === "index") return "index"
  if (own === "HEAD" || shared === "packed-refs" || /^refs(?:\/|$)/.test(own) || /^refs(?:\/|$)/.test(shared))
    return "refs"
  // the stash is a reflog: its older entries are nowhere else
  if (shared === "logs/refs/stash") return "state"
  if (/^logs(?:\/|$)/.test(own) || /^logs(?:\/|$)/.test(shared) || trailNames.includes(own)) return "trail"
  return "state"
}

/** The refs that `to` has otherwise than `from`; HEAD and pseudo-refs are none. */
export const movedRefs = (from: Refs, to: Refs): ReadonlyArray<string> =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
    (name) => name.startsWith("refs/") && from[name] !== to[name],
  )

const shortName = (name: string): string => name.replace(/^refs\/(?:heads|tags|remotes)\//, "")

/** Why the refs cannot be moved back from `after` to `before`; null where they can, or are back already. */
export const refsConflict = (before: Refs, after: Refs, now: Refs): string | null => {
  for (const name of movedRefs(before, after)) {
    if (now[name] === after[name] || now[name] === before[name]) continue
    if (name === "refs/stash") return "the stash changed since"
    return `the ${name.startsWith("refs/tags/") ? "tag" : "branch"} ${shortName(name)} moved since`
  }
  for (const [name, what] of [
    ["HEAD", "HEAD moved since"],
    [indexRef, "the staging area changed since"],
  ] as const) {
    if (before[name] !== after[name] && now[name] !== after[name] && now[name] !== before[name]) return what
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

/** Ones that go first: a branch may stand where another one's folder has to. */
const commands = (from: Refs, to: Refs): ReadonlyArray<ReadonlyArray<string>> =>
  [...movedRefs(from, to)]
    .sort((a, b) => Number(to[a] !== undefined) - Number(to[b] !== undefined))
    .map((name) => {
      const [old, next] = [from[name], to[name]]
      if (next?.startsWith("ref: ") === true) return ["symbolic-ref", "-m", "claw undo", name, next.slice(5)]
      const expected = old?.startsWith("ref: ") === true ? [] : [old ?? "0".repeat(next?.length ?? 40)]
      if (next !== undefined) return ["update-ref", "--no-deref", "-m", "claw undo", name, next, ...expected]
      return old?.startsWith("ref: ") === true
        ? ["symbolic-ref", "--delete", name]
        : ["update-ref", "--no-deref", "-d", name, ...expected]
    })

/** HEAD first: a branch that is checked out is not deleted under it. What was moved is moved back on failure. */
export const moveRefs = Effect.fnUntraced(function* (workspace: string, from: Refs, to: Refs) {
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
  if (from["HEAD"] !== to["HEAD"] && to["HEAD"] !== undefined) {
    yield* step(setHead(workspace, to["HEAD"]), setHead(workspace, from["HEAD"] ?? ""))
  }
  for (const args of commands(from, to)) {
    const name = args.find((arg) => arg.startsWith("refs/"))!
    const back = commands({ [name]: to[name]! }, from[name] === undefined ? {} : { [name]: from[name] })
    yield* step(
      plumbing(workspace, args),
      Effect.forEach(back, (each) => plumbing(workspace, each)),
    )
  }
})

/** Those of the objects that are gone: a ref must never be moved to one of them. */
export const missingObjects = Effect.fnUntraced(function* (workspace: string, names: ReadonlyArray<string>) {
  const wanted = [...new Set(names)].filter((name) => /^[0-9a-f]{40,64}$/.test(name))
  const there = (some: ReadonlyArray<string>) =>
    plumbing(workspace, ["rev-parse", "--quiet", ...some.map((name) => `${name}^{object}`)]).pipe(
      Effect.map(({ exit }) => exit === 0),
    )
  const missing: Array<string> = []
  for (let from = 0; from < wanted.length; from += 500) {
    const some = wanted.slice(from, from + 500)
    if (yield* there(some)) continue
    for (const name of some) if (!(yield* there([name]))) missing.push(name)
  }
  return missing
})
