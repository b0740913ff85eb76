/**
 * Files of a workspace that other programs run later: git's hooks and configuration, shell and editor rc files,
 * CI, package-manager configuration. Inside the sandbox they stay as they are even where the workspace is writable.
 * One that does not exist yet is held by a placeholder, so that it cannot appear; placeholders are told from files
 * of the user by being empty, mode 0400 and dated 1970, so that one left by a crash is known and swept later.
 * All calls are synchronous: some sixty tiny ones stand before every command, and a thread pool makes each tenfold dear.
 */
import {
  closeSync,
  constants,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  unlinkSync,
  type Dirent,
  type Stats,
} from "node:fs"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { isPlaceholder, placeholderMode } from "../domain/placeholder.ts"
import { codeOf, refused } from "./attempt.ts"
import { inside, shown } from "./paths.ts"
import { repositoriesBelow, type Repositories } from "./repositories.ts"

/** `everything`: for any command. `git`: git itself must be able to check out such files, only its own stay shut. */
export type Protection = "everything" | "git"

export interface Protected {
  /** Exist: bound read-only over themselves. */
  readonly existing: ReadonlyArray<string>
  /** Do not exist: held by a placeholder. */
  readonly missing: ReadonlyArray<string>
  /** Folders above them: bound over themselves, so that they cannot be renamed away. */
  readonly anchors: ReadonlyArray<string>
  /** Git's folders outside the workspace (a worktree's): git needs them. */
  readonly gitFolders: ReadonlyArray<string>
  /** Would redirect git, and cannot be held by a placeholder: removed if the command made them. */
  readonly removeAfter: ReadonlyArray<string>
}

const runLater: ReadonlyArray<string> = [
  ".envrc",
  ".exrc",
  ".nvimrc",
  ".gdbinit",
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
  ".mise.toml",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  ".lefthook.yml",
  ".husky",
  ".vscode",
  ".idea",
  ".zed",
  ".cursor",
  ".claude",
  ".codex",
  ".gemini",
  ".opencode",
  "opencode.json",
  ".windsurf",
  ".roo",
  ".continue",
  ".kiro",
  ".goose",
  ".crush",
  ".aider.conf.yml",
  ".mcp.json",
  ".devcontainer",
  ".github",
  ".gitlab-ci.yml",
  ".circleci",
  ".claw",
  "claw.config.ts",
]
/** Only where the workspace is the home folder itself. */
const shellFiles: ReadonlyArray<string> = [
  ".bashrc",
  ".bash_profile",
  ".bash_login",
  ".bash_logout",
  ".profile",
  ".zshrc",
  ".zshenv",
  ".zprofile",
  ".zlogin",
  ".config",
  ".local",
  ".ssh",
  ".gitconfig",
]

const orNull = <A>(run: () => A): A | null => {
  try {
    return run()
  } catch {
    return null
  }
}
const lookAt = (path: string): Stats | null => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return null
    throw error
  }
}
const real = (path: string): string | null => orNull(() => realpathSync(path))
const readSmall = (path: string): string => orNull(() => readFileSync(path, "utf8")) ?? ""
const entriesOf = (folder: string): ReadonlyArray<Dirent> =>
  orNull(() => readdirSync(folder, { withFileTypes: true })) ?? []

/**
 * Makes the placeholder; false where something is there by now. One that was made just before may lend its file: a
 * further name for it costs a tenth of a new one.
 */
export const placePlaceholder = (path: string, like: string | null = null): boolean => {
  try {
    if (like !== null && orNull(() => (linkSync(like, path), true)) !== null) return true
    const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, placeholderMode)
    try {
      futimesSync(fd, 0, 0)
    } finally {
      closeSync(fd)
    }
    return true
  } catch (error) {
    // where we cannot make it, neither can the command
    if (["EACCES", "EPERM", "EROFS"].includes(codeOf(error) ?? "")) return false
    if (codeOf(error) !== "EEXIST") throw error
    const found = lookAt(path)
    return found !== null && isPlaceholder(found)
  }
}
export const removePlaceholder = (path: string): void => {
  const found = lookAt(path)
  if (found !== null && isPlaceholder(found)) orNull(() => unlinkSync(path))
}

/** What is shut inside one git folder. */
const gitNames = ["config", "config.worktree", "hooks", "commondir", "gitdir"]
const insideGit = (gitFolder: string): ReadonlyArray<string> => {
  const nested: Array<string> = []
  const look = (folder: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (!entry.isDirectory() || nested.length > 400) continue
      const path = join(folder, entry.name)
      if (lookAt(join(path, "HEAD")) !== null) {
        nested.push(...gitNames.map((name) => join(path, name)))
        look(join(path, "modules"), depth + 1)
      } else if (depth < 4) look(path, depth + 1)
    }
  }
  look(join(gitFolder, "modules"), 0)
  look(join(gitFolder, "worktrees"), 3)
  return [...gitNames.map((name) => join(gitFolder, name)), ...nested]
}

/** The hooks folder a repository names for itself, where it lies in the workspace. */
const namedHooks = (gitFolder: string, workspace: string): ReadonlyArray<string> => {
  const text = readSmall(join(gitFolder, "config"))
  return [...text.matchAll(/^\s*hookspath\s*=\s*"?([^"\n#;]+?)"?\s*$/gim)]
    .map(([, path]) => (isAbsolute(path!) ? path! : resolve(workspace, path!)))
    .filter((path) => path !== workspace && inside(workspace, path))
}

/** A `.git` file's folders, if they point back at this workspace: else a file could open any folder. */
const linkedGitFolders = (workspace: string): ReadonlyArray<string> => {
  const target = /^gitdir: (.+)$/m.exec(readSmall(join(workspace, ".git")))?.[1]
  if (target === undefined) return []
  const folder = real(resolve(workspace, target.trim()))
  if (folder === null) return []
  const back = readSmall(join(folder, "gitdir")).trim()
  const worktree = /^\s*worktree\s*=\s*(.+)$/m.exec(readSmall(join(folder, "config")))?.[1]
  const pointsBack =
    (back !== "" && real(dirname(resolve(folder, back))) === workspace) ||
    (worktree !== undefined && real(resolve(folder, worktree.trim())) === workspace)
  if (!pointsBack) return []
  const common = readSmall(join(folder, "commondir")).trim()
  if (common === "") return [folder]
  const commonFolder = real(resolve(folder, common))
  if (commonFolder === null || lookAt(join(commonFolder, "objects")) === null) return []
  return inside(commonFolder, folder) ? [commonFolder] : [commonFolder, folder]
}

/** Of nested repositories so many are held shut: each takes some mounts. */
const mostNested = 60

export const protectedPaths = (
  workspace: string,
  home: string,
  protection: Protection,
  nested: Repositories = repositoriesBelow(workspace),
): Protected => {
  const git = join(workspace, ".git")
  const gitKind = lookAt(git)
  const linked = gitKind?.isFile() === true && !isPlaceholder(gitKind) ? linkedGitFolders(workspace) : []
  const gitFolders = gitKind?.isDirectory() === true ? [git] : linked
  const ofGit = [...gitFolders, ...nested.gitFolders.slice(0, mostNested)].map(insideGit)
  const hooks = gitFolders.map((folder) => namedHooks(folder, workspace))
  const wanted = [
    ...ofGit.flat(),
    ...hooks.flat(),
    ...(gitKind?.isDirectory() === true || protection === "git" ? [] : [git]),
    ...(protection === "everything" ? runLater.map((name) => join(workspace, name)) : []),
    ...(workspace === home ? shellFiles.map((name) => join(workspace, name)) : []),
  ]
  const existing: Array<string> = []
  const missing: Array<string> = []
  const anchors = new Set<string>()
  for (const path of new Set(wanted)) {
    const found = lookAt(path)
    if (found?.isSymbolicLink() === true) {
      throw refused(
        `${shown(workspace, path)} is a symbolic link, which the sandbox cannot keep from being replaced`,
      )
    }
    if (found !== null && !isPlaceholder(found)) existing.push(path)
    else if (protectable(path) && lookAt(dirname(path))?.isDirectory() === true) missing.push(path)
    else continue
    const top =
      [workspace, ...gitFolders].find((folder) => inside(folder, path) && folder !== path) ?? workspace
    for (let folder = dirname(path); folder !== top && inside(top, folder); folder = dirname(folder)) {
      anchors.add(folder)
    }
  }
  return {
    existing,
    missing,
    anchors: [...anchors].sort(),
    gitFolders: linked,
    removeAfter: gitFolders
      .map((folder) => join(folder, "commondir"))
      .filter((path) => lookAt(path) === null),
  }
}

/** An empty `commondir` or `gitdir` would break git itself, so these are only shut where they exist. */
const protectable = (path: string): boolean => !/\/(?:commondir|gitdir)$/.test(path)
