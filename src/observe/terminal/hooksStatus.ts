/**
 * How the hooks are, for `claw hooks status` and `claw doctor`: is the line in the rc file, is the hook's file the
 * one this version writes, can the spool be written, when did each shell last write. Reads only.
 */
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { hookScript, oldestShell } from "./hookScript.ts"
import { isShellGone } from "./shellProcess.ts"
import { parseSpoolName, type Shell, shells } from "./spoolFormat.ts"

export interface HooksStatusOptions {
  readonly home: string
  /** `ZDOTDIR` and `XDG_CONFIG_HOME` move rc files. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly spoolDir: string
  /** Where `claw init` writes each hook. */
  readonly hookFiles: Readonly<Record<Shell, string>>
}

export interface HookStatus {
  readonly shell: Shell
  readonly oldestVersion: string
  /** The rc file that sources the hook, or null. */
  readonly installedIn: string | null
  /** Where the line belongs. */
  readonly rcFile: string
  readonly hookFile: "current" | "outdated" | "missing"
  /** Running shells that have written. */
  readonly liveShells: number
  readonly lastWriteAt: string | null
}

export interface HooksStatus {
  readonly spoolDir: string
  readonly spoolWritable: boolean
  /** Why the hooks cannot write there; empty where they can. */
  readonly spoolDetail: string
  readonly shells: ReadonlyArray<HookStatus>
}

const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return null
  }
}
const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
const modifiedMs = (file: string): number | null => {
  try {
    return statSync(file).mtimeMs
  } catch {
    return null
  }
}

const rcFiles = (shell: Shell, options: HooksStatusOptions): readonly [string, ...Array<string>] => {
  const { env, home } = options
  const config = env["XDG_CONFIG_HOME"]?.startsWith("/") ? env["XDG_CONFIG_HOME"] : join(home, ".config")
  const zdot = env["ZDOTDIR"]?.startsWith("/") ? env["ZDOTDIR"] : home
  switch (shell) {
    case "zsh":
      return [join(zdot, ".zshrc"), join(zdot, ".zprofile"), join(zdot, ".zshenv")]
    case "bash":
      return [".bashrc", ".bash_profile", ".bash_login", ".profile"].map((name) => join(home, name)) as [
        string,
        ...Array<string>,
      ]
    case "fish": {
      const extra = join(config, "fish/conf.d")
      const names = namesIn(extra).filter((name) => name.endsWith(".fish"))
      return [join(config, "fish/config.fish"), ...names.map((name) => join(extra, name))]
    }
  }
}

/** A line that is no comment and names the hook's file, written out or by `~`, `$HOME`. */
const sources = (text: string, hookFile: string, home: string): boolean => {
  const tail = hookFile.startsWith(`${home}/`) ? hookFile.slice(home.length) : null
  const names = tail === null ? [hookFile] : [hookFile, `~${tail}`, `$HOME${tail}`, `\${HOME}${tail}`]
  return text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .some((line) => names.some((name) => line.includes(name)))
}

const spoolProblem = (spoolDir: string): string => {
  try {
    const stat = statSync(spoolDir)
    if (!stat.isDirectory()) return "is not a directory"
    if (stat.uid !== (process.getuid?.() ?? stat.uid)) return "belongs to someone else"
    if ((stat.mode & 0o077) !== 0) return "is open to others"
    accessSync(spoolDir, constants.W_OK | constants.X_OK)
    return ""
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === "ENOENT" ? "does not exist: the daemon makes it" : `cannot be used (${code})`
  }
}

const statusOf = (shell: Shell, options: HooksStatusOptions): HookStatus => {
  const files = rcFiles(shell, options)
  const hookFile = options.hookFiles[shell]
  const text = textOf(hookFile)
  const fixed = hookScript(shell, { spoolDir: options.spoolDir })
  const spools = namesIn(options.spoolDir)
    .flatMap((name) => parseSpoolName(name) ?? [])
    .filter((name) => name.shell === shell)
  const writes = spools.flatMap((name) => modifiedMs(join(options.spoolDir, name.session)) ?? [])
  return {
    shell,
    oldestVersion: oldestShell[shell],
    installedIn: files.find((file) => sources(textOf(file) ?? "", hookFile, options.home)) ?? null,
    rcFile: files[0],
    hookFile:
      text === null ? "missing" : text === hookScript(shell) || text === fixed ? "current" : "outdated",
    liveShells: spools.filter((name) => !isShellGone(name.pid, name.startedMs)).length,
    lastWriteAt: writes.length === 0 ? null : new Date(Math.max(...writes)).toISOString(),
  }
}

export const hooksStatus = (options: HooksStatusOptions): HooksStatus => {
  const spoolDetail = spoolProblem(options.spoolDir)
  return {
    spoolDir: options.spoolDir,
    spoolWritable: spoolDetail === "",
    spoolDetail,
    shells: shells.map((shell) => statusOf(shell, options)),
  }
}
