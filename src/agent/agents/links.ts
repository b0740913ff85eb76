/**
 * Folders of dependencies that git ignores (`node_modules`), in the worktree of a child, which has none of its own: a
 * folder there whose entries lead to the ones beside it in the parent's workspace.
 * Invariants: only what git ignores and nobody tracks is linked; a command in the sandbox sees what the links lead to
 * read-only, and no file tool writes through one, because it leads outside; what stands in the folder itself (caches) is
 * the worktree's own. A package of the workspace itself leads to the worktree's version of it.
 */
import { Effect } from "effect"
import { lstat, mkdir, readdir, realpath, rm, symlink } from "node:fs/promises"
import { join, relative } from "node:path"
import { attempt } from "../../act/attempt.ts"
import { plumbing, textOf } from "../../act/gitState.ts"
import { inside } from "../../act/paths.ts"

/** A folder with more entries is no folder of dependencies. */
const mostEntries = 20_000
/** What programs keep for themselves beside the packages, and change. */
const isCache = (name: string): boolean => /^\.(?:cache|vite|vitest|turbo|parcel|babel|tmp)/.test(name)

interface Places {
  readonly workspace: string
  readonly tree: string
  /** The folder's own, real. */
  readonly source: string
}

const linkEntry = async ({ source, tree, workspace }: Places, from: string, to: string): Promise<void> => {
  const own = (await lstat(from)).isSymbolicLink() ? await realpath(from).catch(() => from) : from
  const isOfWorkspace = inside(workspace, own) && !inside(source, own)
  await symlink(isOfWorkspace ? join(tree, relative(workspace, own)) : from, to)
}

const linkEntries = async (places: Places, from: string, to: string): Promise<void> => {
  const entries = await readdir(from, { withFileTypes: true })
  if (entries.length > mostEntries) throw new Error(`${from} holds ${entries.length} entries`)
  await mkdir(to, { recursive: true })
  for (const entry of entries) {
    const at = [join(from, entry.name), join(to, entry.name)] as const
    if (isCache(entry.name)) continue
    if (entry.isDirectory() && entry.name.startsWith("@")) await linkEntries(places, ...at)
    else await linkEntry(places, ...at)
  }
}

const isFolder = (path: string) =>
  Effect.promise(() =>
    lstat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ),
  )

/** What git lists below this name; null where it cannot be asked. */
const listed = (folder: string, name: string, ...how: ReadonlyArray<string>) =>
  plumbing(folder, ["ls-files", ...how, "--", name]).pipe(
    Effect.map((result) => (result.exit === 0 ? textOf(result).trim() : null)),
    Effect.orElseSucceed(() => null),
  )
const ofIgnored = ["--others", "--ignored", "--exclude-standard", "--directory"]

const linkFolder = Effect.fnUntraced(function* (workspace: string, tree: string, name: string) {
  const [from, to] = [join(workspace, name), join(tree, name)]
  if (!(yield* isFolder(from)) || (yield* isFolder(to))) return []
  if ((yield* listed(workspace, name)) !== "") return []
  const source = yield* attempt("look at the folder", () => realpath(from))
  if (source !== from) return []
  yield* attempt("make the folder", () => mkdir(to, { recursive: true }))
  const ignored = (yield* listed(tree, name, ...ofIgnored)) === `${name}/`
  const linked = ignored
    ? yield* Effect.result(attempt("link it", () => linkEntries({ workspace, tree, source }, from, to)))
    : null
  if (linked?._tag === "Success") return [source]
  yield* attempt("take the folder away", () => rm(to, { recursive: true, force: true }))
  return []
})

/** The real folders that were linked; one that cannot be is left out. */
export const linkFolders = Effect.fn("worktrees.link")(function* (
  workspace: string,
  tree: string,
  names: ReadonlyArray<string>,
) {
  const linked = yield* Effect.forEach(names, (name) =>
    Effect.orElseSucceed(linkFolder(workspace, tree, name), () => []),
  )
  return linked.flat()
})
