/**
 * Files of a workspace that other programs run later: git's hooks and configuration, shell and editor rc files,
 * CI, package-manager configuration. Inside the sandbox they stay as they are even where the workspace is writable.
 * One that does not exist yet is held by a placeholder, so that it cannot appear; placeholders are told from files
 * of the user by being empty, mode 0400 and dated 1970, so that one left by a crash is known and swept later.
 */
import { constants, type Stats } from "node:fs"
import { lstat, open, readFile, readdir, realpath, unlink } from "node:fs/promises"
import { dirname, isAbsolute, join, resolve } from "node:path"
import { codeOf, refused } from "./attempt.ts"
import { inside, shown } from "./paths.ts"

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

export const runLater: ReadonlyArray<string> = [
  ".envrc",
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
  ".mise.toml",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  ".husky",
  ".vscode",
  ".idea",
  ".zed",
  ".cursor",
  ".claude",
  ".mcp.json",
  ".devcontainer",
  ".github",
  ".gitlab-ci.yml",
  ".claw",
  "claw.config.ts",
]
/** Only where the workspace is the home folder itself. */
export const shellFiles: ReadonlyArray<string> = [
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

const lookAt = (path: string): Promise<Stats | null> =>
  lstat(path).catch((error) => {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null
    throw error
  })

const placeholderMode = 0o400
export const isPlaceholder = (found: Stats): boolean =>
  found.isFile() && found.size === 0 && (found.mode & 0o7777) === placeholderMode && found.mtimeMs === 0

/** Makes the placeholder; false where something is there by now. */
export const placePlaceholder = async (path: string): Promise<boolean> => {
  try {
    const handle = await open(
      path,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY,
      placeholderMode,
    )
    try {
      await handle.utimes(0, 0)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error
    const found = await lookAt(path)
    return found !== null && isPlaceholder(found)
  }
}
export const removePlaceholder = async (path: string): Promise<void> => {
  const found = await lookAt(path)
  if (found !== null && isPlaceholder(found)) await unlink(path)
}

const readSmall = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "")

/** What is shut inside one git folder. */
const gitNames = ["config", "config.worktree", "hooks", "commondir", "gitdir"]
const insideGit = async (gitFolder: string): Promise<ReadonlyArray<string>> => {
  const nested: Array<string> = []
  const look = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory() || nested.length > 400) continue
      const path = join(folder, entry.name)
      if ((await lookAt(join(path, "HEAD"))) !== null) {
        nested.push(...gitNames.map((name) => join(path, name)))
        await look(join(path, "modules"), depth + 1)
      } else if (depth < 4) await look(path, depth + 1)
    }
  }
  await Promise.all([look(join(gitFolder, "modules"), 0), look(join(gitFolder, "worktrees"), 3)])
  return [join(gitFolder, "config"), join(gitFolder, "config.worktree"), join(gitFolder, "hooks"), ...nested]
}

/** The hooks folder a repository names for itself, where it lies in the workspace. */
const namedHooks = async (gitFolder: string, workspace: string): Promise<ReadonlyArray<string>> => {
  const text = await readSmall(join(gitFolder, "config"))
  return [...text.matchAll(/^\s*hookspath\s*=\s*"?([^"\n#;]+?)"?\s*$/gim)]
    .map(([, path]) => (isAbsolute(path!) ? path! : resolve(workspace, path!)))
    .filter((path) => path !== workspace && inside(workspace, path))
}

/** A `.git` file's folders, if they point back at this workspace: else a file could open any folder. */
export const linkedGitFolders = async (workspace: string): Promise<ReadonlyArray<string>> => {
  const target = /^gitdir: (.+)$/m.exec(await readSmall(join(workspace, ".git")))?.[1]
  if (target === undefined) return []
  const folder = await realpath(resolve(workspace, target.trim())).catch(() => null)
  if (folder === null) return []
  const back = (await readSmall(join(folder, "gitdir"))).trim()
  const worktree = /^\s*worktree\s*=\s*(.+)$/m.exec(await readSmall(join(folder, "config")))?.[1]
  const pointsBack =
    (back !== "" && (await realpath(dirname(resolve(folder, back))).catch(() => null)) === workspace) ||
    (worktree !== undefined &&
      (await realpath(resolve(folder, worktree.trim())).catch(() => null)) === workspace)
  if (!pointsBack) return []
  const common = (await readSmall(join(folder, "commondir"))).trim()
  if (common === "") return [folder]
  const commonFolder = await realpath(resolve(folder, common)).catch(() => null)
  if (commonFolder === null || (await lookAt(join(commonFolder, "objects"))) === null) return []
  return inside(commonFolder, folder) ? [commonFolder] : [commonFolder, folder]
}

/** Repositories in the first two levels below the workspace. */
const nestedRepositories = async (workspace: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  let asked = 0
  const look = async (folder: string, depth: number): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory() || entry.name === ".git" || entry.name === "node_modules") continue
      if (asked++ > 2000) return
      const path = join(folder, entry.name)
      if ((await lookAt(join(path, ".git")))?.isDirectory() === true) found.push(join(path, ".git"))
      if (depth < 2) await look(path, depth + 1)
    }
  }
  await look(workspace, 1)
  return found
}

export const protectedPaths = async (
  workspace: string,
  home: string,
  protection: Protection,
): Promise<Protected> => {
  const git = join(workspace, ".git")
  const gitKind = await lookAt(git)
  const linked =
    gitKind?.isFile() === true && !isPlaceholder(gitKind) ? await linkedGitFolders(workspace) : []
  const gitFolders = gitKind?.isDirectory() === true ? [git] : linked
  const ofGit = await Promise.all([...gitFolders, ...(await nestedRepositories(workspace))].map(insideGit))
  const hooks = await Promise.all(gitFolders.map((folder) => namedHooks(folder, workspace)))
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
    const found = await lookAt(path)
    if (found?.isSymbolicLink() === true) {
      throw refused(
        `${shown(workspace, path)} is a symbolic link, which the sandbox cannot keep from being replaced`,
      )
    }
    if (found !== null && !isPlaceholder(found)) existing.push(path)
    else if (protectable(path) && (await lookAt(dirname(path)))?.isDirectory() === true) missing.push(path)
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
    removeAfter: gitFolders.map((folder) => join(folder, "commondir")),
  }
}

/** An empty `commondir` or `gitdir` would break git itself, so these are only shut where they exist. */
const protectable = (path: string): boolean => !/\/(?:commondir|gitdir)$/.test(path)
