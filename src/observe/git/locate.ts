/**
 * Where a workspace's repository is: `.git` folder, `.git` file (worktree, submodule) or the folder itself (bare).
 * Only the workspace's own repository counts: nothing above it, no submodule or nested repository below it.
 * `broken` has a reason; a folder `.git` without anything of a repository in it is none, as git sees it.
 */
import * as path from "node:path"
import { isTrue, lastValue, parseConfig, type ConfigEntry } from "./config.ts"
import { readLine, readWhole, statFile } from "./files.ts"
import { notPlainKeys } from "./notPlain.ts"

export interface Place {
  readonly workspace: string
  /** HEAD, index, MERGE_HEAD ... of this working tree. */
  readonly gitDir: string
  /** objects, refs, packed-refs and config, shared by all worktrees. */
  readonly commonDir: string
  readonly bare: boolean
  readonly worktree: boolean
  /** The `.git` of the workspace is a file that names `gitDir`. */
  readonly linked: boolean
}

export type Located =
  | { readonly _tag: "none" }
  | { readonly _tag: "broken"; readonly reason: string; readonly gitDir: string | null }
  | { readonly _tag: "found"; readonly place: Place }

const looksLikeRepository = (folder: string): boolean =>
  statFile(path.join(folder, "objects"))?.kind === "dir" &&
  statFile(path.join(folder, "refs"))?.kind === "dir"

const commonOf = (gitDir: string): string => {
  const common = readLine(path.join(gitDir, "commondir"))
  return common === null || common === "" ? gitDir : path.resolve(gitDir, common)
}

/** Throws `GitFileError` where a file is there but cannot be read. */
export const locate = (workspace: string): Located => {
  const dotGit = path.join(workspace, ".git")
  const stat = statFile(dotGit)
  if (stat === null) {
    if (statFile(path.join(workspace, "HEAD"))?.kind !== "file" || !looksLikeRepository(workspace))
      return { _tag: "none" }
    return {
      _tag: "found",
      place: {
        workspace,
        gitDir: workspace,
        commonDir: workspace,
        bare: true,
        worktree: false,
        linked: false,
      },
    }
  }
  if (stat.kind === "other")
    return { _tag: "broken", reason: ".git is neither a file nor a folder", gitDir: null }
  if (stat.kind === "dir") {
    const commonDir = commonOf(dotGit)
    if (statFile(path.join(dotGit, "HEAD")) === null && !looksLikeRepository(dotGit)) return { _tag: "none" }
    if (!looksLikeRepository(commonDir))
      return { _tag: "broken", reason: "objects or refs is missing", gitDir: dotGit }
    return {
      _tag: "found",
      place: {
        workspace,
        gitDir: dotGit,
        commonDir,
        bare: false,
        worktree: commonDir !== dotGit,
        linked: false,
      },
    }
  }
  const target = /^gitdir: (.+)$/.exec(readLine(dotGit) ?? "")?.[1]
  if (target === undefined) return { _tag: "broken", reason: ".git file names no gitdir", gitDir: null }
  const gitDir = path.resolve(workspace, target)
  if (statFile(gitDir)?.kind !== "dir")
    return { _tag: "broken", reason: "the gitdir that .git names is not there", gitDir }
  const commonDir = commonOf(gitDir)
  if (!looksLikeRepository(commonDir)) return { _tag: "broken", reason: "objects or refs is missing", gitDir }
  return {
    _tag: "found",
    place: { workspace, gitDir, commonDir, bare: false, worktree: commonDir !== gitDir, linked: true },
  }
}

/** What the configuration says about how the repository must be read. */
export interface Settings {
  readonly entries: ReadonlyArray<ConfigEntry>
  readonly bare: boolean
  readonly notPlain: ReadonlyArray<string>
  /** 20 for SHA-1, 32 for SHA-256. */
  readonly hashBytes: 20 | 32
  readonly broken: string | null
  readonly unsupported: string | null
  /** `core.logAllRefUpdates` is off: no reflogs, so commits cannot be seen. */
  readonly reflogsOff: boolean
}

const knownExtensions = new Set([
  "noop",
  "noop-v1",
  "objectformat",
  "partialclone",
  "preciousobjects",
  "worktreeconfig",
  "relativeworktrees",
  "refstorage",
  "compatobjectformat",
])

export const readSettings = (place: Place): Settings => {
  const files = [path.join(place.commonDir, "config"), path.join(place.gitDir, "config.worktree")]
  const entries: Array<ConfigEntry> = []
  let broken: string | null = null
  for (const file of files) {
    const bytes = readWhole(file, 4 << 20)
    if (bytes === null) continue
    const parsed = parseConfig(bytes.toString("utf8"))
    entries.push(...parsed.entries)
    if (parsed.badLine !== null) broken ??= `${path.basename(file)}: syntax error in line ${parsed.badLine}`
  }
  const version = Number(lastValue(entries, "core", null, "repositoryformatversion") ?? 0)
  const extension = (key: string): string | null | undefined => lastValue(entries, "extensions", null, key)
  const unknown = entries.find(
    (entry) => entry.section === "extensions" && version > 0 && !knownExtensions.has(entry.key),
  )
  const format = extension("objectformat") ?? "sha1"
  const storage = extension("refstorage") ?? "files"
  const unsupported =
    version > 1
      ? `repository format version ${version}`
      : storage !== "files"
        ? `ref storage ${JSON.stringify(storage)}`
        : format !== "sha1" && format !== "sha256"
          ? `object format ${JSON.stringify(format)}`
          : unknown !== undefined
            ? `extension ${JSON.stringify(unknown.key)}`
            : null
  const log = lastValue(entries, "core", null, "logallrefupdates")
  const bare = place.bare || (!place.linked && isTrue(lastValue(entries, "core", null, "bare")))
  return {
    entries,
    bare,
    notPlain: notPlainKeys(entries, place.gitDir, place.workspace),
    hashBytes: format === "sha256" ? 32 : 20,
    broken,
    unsupported: unsupported === null ? null : unsupported.slice(0, 200),
    reflogsOff: log !== undefined && !isTrue(log) && log !== "always",
  }
}
