/**
 * Finds git folders below a workspace (`.git`, and any folder that looks like one: git takes a bare repository where
 * it meets it), and takes from new ones what would run later. A command in the sandbox cannot touch the hooks and
 * settings of repositories that were there (protectedPaths.ts); one that it makes itself has none to protect, and
 * would run its author's programs at the person's next `git status` in it.
 * Synchronous and bounded, because it stands before and after every command that may write.
 */
import { execFileSync } from "node:child_process"
import { chmodSync, lstatSync, readdirSync, unlinkSync, type Dirent, type Stats } from "node:fs"
import { join } from "node:path"
import { notPlain } from "./gitOperations.ts"

/** How far is looked: a tree that is larger is known in part. */
const most = { folders: 1000, entries: 15_000, depth: 6 }

const entriesOf = (folder: string): ReadonlyArray<Dirent> => {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

export interface Repositories {
  readonly gitFolders: ReadonlyArray<string>
  /** The whole tree was seen. */
  readonly whole: boolean
}

/** Git folders below the workspace, breadth first, its own `.git` left out. */
export const repositoriesBelow = (workspace: string): Repositories => {
  const gitFolders: Array<string> = []
  let level = [workspace]
  let asked = 0
  let seen = 0
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most.depth) return { gitFolders, whole: false }
    const next: Array<string> = []
    for (const folder of level) {
      if (asked++ > most.folders || seen > most.entries) return { gitFolders, whole: false }
      const entries = entriesOf(folder)
      seen += entries.length
      const has = (name: string): boolean => entries.some((entry) => entry.name === name)
      if (depth > 0 && has("HEAD") && has("objects") && has("refs")) {
        gitFolders.push(folder)
        continue
      }
      for (const entry of entries) {
        if (!entry.isDirectory() || entry.name === "node_modules") continue
        const path = join(folder, entry.name)
        if (entry.name !== ".git") next.push(path)
        else if (depth > 0) gitFolders.push(path)
      }
    }
    level = next
  }
  return { gitFolders, whole: true }
}

/** Reads and edits only the file it is given; runs nothing. */
const gitConfig = (file: string, ...args: ReadonlyArray<string>): string => {
  try {
    return execFileSync("git", ["config", "--file", file, ...args], {
      cwd: "/",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "utf8",
    })
  } catch {
    return ""
  }
}

/** Beyond what git itself refuses to run for Claw: what it runs for a person. */
const runsForAPerson =
  /^(?:core\.(?:fsmonitor|hookspath|worktree)|diff\.(?:external|.*\.(?:command|textconv))|alias\..*|(?:sequence|gui|instaweb|man|browser|difftool|mergetool|pager|interactive|sendemail|tar|trailer|remote-helper)\..*)$/
const runsPrograms = (key: string): boolean => runsForAPerson.test(key) || notPlain([key]).length > 0

/** Clocks of file systems lag a little behind. */
const lagMs = 20

/** Takes away what would run later from one repository; `touched` says which of its files count as made now. */
const disarm = (gitFolder: string, touched: (file: Stats) => boolean): ReadonlyArray<string> => {
  const taken: Array<string> = []
  const look = (path: string): Stats | null => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    return found !== undefined && touched(found) ? found : null
  }
  const hooks = join(gitFolder, "hooks")
  if (look(hooks)?.isSymbolicLink() === true) {
    unlinkSync(hooks)
    taken.push("hooks")
  }
  for (const { name } of lstatSync(hooks, { throwIfNoEntry: false })?.isDirectory() === true
    ? entriesOf(hooks)
    : []) {
    const path = join(hooks, name)
    const found = look(path)
    if (found === null || name.endsWith(".sample")) continue
    if (found.isSymbolicLink()) unlinkSync(path)
    else if (found.isFile() && (found.mode & 0o111) !== 0) chmodSync(path, found.mode & 0o666)
    else continue
    taken.push(`hooks/${name}`)
  }
  for (const name of ["config", "config.worktree"]) {
    const file = join(gitFolder, name)
    if (look(file)?.isFile() !== true) continue
    for (const key of new Set(
      gitConfig(file, "--list", "--name-only", "-z").split("\0").filter(runsPrograms),
    )) {
      gitConfig(file, "--unset-all", key)
      taken.push(key)
    }
  }
  const elsewhere = join(gitFolder, "commondir")
  if (look(elsewhere) !== null) {
    unlinkSync(elsewhere)
    taken.push("commondir")
  }
  return taken.map((what) => `${gitFolder}/${what}`)
}

/** After a command: what it made that would run later is taken away; says what. */
export const disarmNew = (
  workspace: string,
  before: Repositories,
  startedMs: number,
): ReadonlyArray<string> => {
  const now = repositoriesBelow(workspace)
  const known = new Set(before.gitFolders)
  const since = (ms: number): boolean => ms >= startedMs - lagMs
  return now.gitFolders
    .filter((folder) => !known.has(folder))
    .flatMap((folder) => {
      const found = lstatSync(folder, { throwIfNoEntry: false })
      // one that was only out of sight before keeps what was not changed now
      const isNew =
        found !== undefined && (since(found.birthtimeMs) || (before.whole && since(found.ctimeMs)))
      return disarm(folder, isNew ? () => true : (file) => since(file.ctimeMs))
    })
}
