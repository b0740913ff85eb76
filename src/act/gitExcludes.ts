/**
 * Keeps git inside the sandbox from taking placeholders for new files: an ignore file of ours, told to git by its
 * environment and only for the workspace's own repository, with the patterns the user's own has and the held names.
 * Invariants: nothing of the repository or of the user is written; a name is only in it while nothing is really there;
 * what git already tracks is seen whatever stands in it.
 */
import { readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Mount } from "./bwrapArguments.ts"
import { inside } from "./paths.ts"

const shownExcludes = "/run/claw/git-ignore"
const shownSettings = "/run/claw/git-settings"

/** What git is told by the condition that holds in one repository. */
const settingsText = `[core]\n\texcludesFile = ${shownExcludes}\n`

const largest = 1024 * 1024

const textOf = (path: string): string => {
  try {
    const found = statSync(path)
    return found.isFile() && found.size <= largest ? readFileSync(path, "utf8") : ""
  } catch {
    return ""
  }
}
const realOf = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** The folder git itself takes for the workspace's, by its real path; null where there is no repository. */
const ownGitFolder = (workspace: string, linked: ReadonlyArray<string>): string | null => {
  const git = join(workspace, ".git")
  if (statSync(git, { throwIfNoEntry: false })?.isDirectory() === true) return realOf(git)
  const target = linked.length === 0 ? undefined : /^gitdir: (.+)$/m.exec(textOf(git))?.[1]
  return target === undefined ? null : realOf(resolve(workspace, target.trim()))
}

/** The ignore file the repository names in the place of the user's own: only one that is seen inside anyway. */
const namedByRepository = (workspace: string, gitFolders: ReadonlyArray<string>): string | null => {
  const named = gitFolders
    .flatMap((folder) => [
      ...textOf(join(folder, "config")).matchAll(
        /^\s*(?:\[core\]\s*)?excludesfile\s*=\s*"?([^"\n#;]+?)"?\s*$/gim,
      ),
    ])
    .at(-1)?.[1]
  if (named === undefined) return null
  const found = realOf(resolve(workspace, named))
  return found !== null && inside(workspace, found) ? found : ""
}

/** Of these names, each as a pattern for itself alone. */
const patternsOf = (workspace: string, held: ReadonlyArray<string>): ReadonlyArray<string> =>
  held
    .filter((path) => path !== workspace && inside(workspace, path) && !path.includes("\n"))
    .filter((path) => !inside(join(workspace, ".git"), path))
    .map((path) => path.slice(workspace.length).replaceAll(/[\\*?[\]]|\s+$/g, (text) => `\\${text}`))

/** The environment with one more setting for git, after those that are in it. */
const withExcludes = (
  environment: Readonly<Record<string, string>>,
  gitFolder: string,
): Readonly<Record<string, string>> => {
  const count = Number(environment["GIT_CONFIG_COUNT"] ?? "0")
  if (!Number.isInteger(count) || count < 0) return environment
  return {
    ...environment,
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: `includeIf.gitdir:${gitFolder.replaceAll(/[\\*?[\]]/g, (text) => `\\${text}`)}.path`,
    [`GIT_CONFIG_VALUE_${count}`]: shownSettings,
  }
}

/** What one command's git is told. */
export interface Excluding {
  readonly placed: ReadonlyArray<Mount>
  readonly within: (environment: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  readonly remove: () => void
}
const nothing: Excluding = { placed: [], within: (environment) => environment, remove: () => {} }

/** For a command in this workspace, while these places are held; writes only into a folder of ours. */
export const gitExcludes = (options: {
  readonly own: string
  /** The user's own ignore file. */
  readonly excludes: string | undefined
  readonly holdsSecret: (bytes: Uint8Array) => boolean
}) => {
  const settings = join(options.own, "git-settings")
  writeFileSync(settings, settingsText)
  let made = 0
  return (workspace: string, linked: ReadonlyArray<string>, held: ReadonlyArray<string>): Excluding => {
    const patterns = patternsOf(workspace, held)
    const gitFolder = patterns.length === 0 ? null : ownGitFolder(workspace, linked)
    if (gitFolder === null) return nothing
    const named =
      namedByRepository(workspace, linked.length === 0 ? [gitFolder] : linked) ?? options.excludes ?? ""
    const text = named === "" ? "" : textOf(named)
    const kept = options.holdsSecret(Buffer.from(text)) ? "" : text
    const file = join(options.own, `git-ignore-${made++}`)
    writeFileSync(file, `${kept}\n${patterns.join("\n")}\n`, { mode: 0o600 })
    return {
      placed: [
        { kind: "placed", path: shownExcludes, from: file },
        { kind: "placed", path: shownSettings, from: settings },
      ],
      within: (environment) => withExcludes(environment, gitFolder),
      remove: () => rmSync(file, { force: true }),
    }
  }
}
