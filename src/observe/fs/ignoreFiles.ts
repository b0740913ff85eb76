/**
 * Where the ignore rules come from, read as git reads them: built-ins, the user's global excludes file,
 * `info/exclude`, and each `.gitignore` from the repository's top down. Only regular files below 256 KiB are read
 * (inside the tree never through a symbolic link, never a pipe); what cannot be read is as if it were not there.
 * The repository's own config is not asked: it may not name files to read.
 */
import {
  closeSync,
  constants,
  fstatSync,
  type FSWatcher,
  lstatSync,
  openSync,
  readFileSync,
  watch,
} from "node:fs"
import { homedir } from "node:os"
import { basename, dirname, isAbsolute, relative, resolve } from "node:path"
import { type IgnoreRules, isIgnored, noRules, withPatterns } from "../../domain/ignore.ts"
import { builtInPatterns } from "./builtInPatterns.ts"
import { toBuffer, toBytes } from "./byteStrings.ts"

const largest = 256 * 1024

/** The text of a pattern file inside the tree as a byte string, or null. */
export const readPatterns = (file: string | Buffer): string | null => read(file, constants.O_NOFOLLOW)

/** The same for a file of the user's own, which may be a link. */
const readOwn = (file: string): string | null => read(file, 0)

const read = (file: string | Buffer, flags: number): string | null => {
  let descriptor: number
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | flags)
  } catch {
    return null
  }
  try {
    const stat = fstatSync(descriptor)
    return stat.isFile() && stat.size <= largest ? readFileSync(descriptor, "latin1") : null
  } catch {
    return null
  } finally {
    closeSync(descriptor)
  }
}

const isFolder = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** `.git` itself, or where it points to as a file (worktree, submodule); null where there is none. */
const gitDirAt = (top: string): string | null => {
  const dotGit = resolve(top, ".git")
  if (isFolder(dotGit)) return dotGit
  const pointer = readPatterns(dotGit)?.match(/^gitdir: (.+?)\r?\n?$/)?.[1]
  return pointer === undefined ? null : resolve(top, Buffer.from(pointer, "latin1").toString("utf8"))
}

/** The folder that holds `info/exclude`; null where there is none. */
const commonDir = (top: string): string | null => {
  const gitDir = gitDirAt(top)
  if (gitDir === null) return null
  const common = readPatterns(resolve(gitDir, "commondir"))?.trim()
  return common === undefined ? gitDir : resolve(gitDir, Buffer.from(common, "latin1").toString("utf8"))
}

/** The nearest folder at or above that has a `.git`; the folder itself where none has. */
const topOf = (folder: string): string => {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(resolve(at, ".git"), { throwIfNoEntry: false }) !== undefined) return at
    if (dirname(at) === at) return folder
  }
}

/** Where the repository that a folder lies in keeps its index; null where it lies in none. */
export const gitDirOf = (folder: string): string | null => gitDirAt(topOf(folder))

export interface BaseRules {
  /** All that is above the workspace's own `.gitignore`. */
  readonly rules: IgnoreRules
  /** From the repository's top to the workspace: put before every path that is asked. */
  readonly prefix: string
  /** Files outside the watched tree whose change changes the rules. */
  readonly files: ReadonlyArray<string>
}

export const readBaseRules = (workspace: string, globalExcludes: string | null): BaseRules => {
  const top = topOf(workspace)
  const common = commonDir(top)
  const files = [
    ...(globalExcludes === null ? [] : [globalExcludes]),
    ...(common === null ? [] : [resolve(common, "info", "exclude")]),
  ]
  let rules = withPatterns(noRules, "", builtInPatterns)
  for (const file of files) {
    const text = readOwn(file)
    if (text !== null) rules = withPatterns(rules, "", text)
  }
  const steps = relative(top, workspace)
    .split("/")
    .filter((step) => step !== "")
    .map(toBytes)
  const own = rules
  for (const [depth] of steps.entries()) {
    const above = steps.slice(0, depth).join("/")
    const text = readPatterns(toBuffer(`${toBytes(top)}/${above}/.gitignore`))
    if (text !== null) rules = withPatterns(rules, above, text)
  }
  const prefix = steps.join("/")
  // A workspace inside an ignored folder was chosen on purpose: then the rules above it do not count.
  return prefix !== "" && isIgnored(rules, prefix, true)
    ? { rules: own, prefix: "", files }
    : { rules, prefix, files }
}

/** Watches the folders of these files, where they exist, and says when one of the files changed. */
export const watchRuleFiles = (files: ReadonlyArray<string>, changed: () => void): (() => void) => {
  const handles: Array<FSWatcher> = []
  for (const file of files) {
    try {
      const handle = watch(dirname(file), (_, name) => {
        if (name === null || name === basename(file)) changed()
      })
      handle.on("error", () => handle.close())
      handles.push(handle)
    } catch {
      // No such folder: the rules are read again at the next start.
    }
  }
  return () => {
    for (const handle of handles) handle.close()
  }
}

/** `core.excludesFile` in the text of a git config; null where it does not say. */
const excludesFileIn = (config: string, home: string): string | null => {
  let core = false
  let found: string | null = null
  for (const line of config.split("\n")) {
    const section = line.match(/^\s*\[\s*([^\]"\s]+)\s*(".*")?\s*\]/)
    if (section !== null) core = section[1]!.toLowerCase() === "core" && section[2] === undefined
    const value = core ? line.match(/^(?:\s*\[[^\]]*\])?\s*excludesfile\s*=\s*(.*?)\s*$/i)?.[1] : undefined
    if (value === undefined) continue
    const plain = value.startsWith('"') ? value.slice(1).replace(/".*$/, "") : value.replace(/\s*[#;].*$/, "")
    found = plain.replace(/^~(?=\/)/, home)
  }
  return found === null || found === "" ? null : isAbsolute(found) ? found : null
}

/**
 * The user's global excludes file by the user's own git config, or git's default place. Includes of a config
 * are not followed. The file need not exist.
 */
export const globalExcludesFile = (environment: Readonly<Record<string, string | undefined>>): string => {
  const home = environment["HOME"] ?? homedir()
  const config = environment["XDG_CONFIG_HOME"]
  const xdg = resolve(config === undefined || config === "" ? resolve(home, ".config") : config, "git")
  for (const file of [resolve(home, ".gitconfig"), resolve(xdg, "config"), "/etc/gitconfig"]) {
    const text = readOwn(file)
    const named = text === null ? null : excludesFileIn(Buffer.from(text, "latin1").toString("utf8"), home)
    if (named !== null) return named
  }
  return resolve(xdg, "ignore")
}
