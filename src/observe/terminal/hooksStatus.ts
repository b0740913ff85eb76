/**
 * How the hooks are, for `claw hooks status` and `claw doctor`: is the line in the rc file, is the hook's file the
 * one this version writes, can the spool be written, when did each shell last write. Reads only.
 */
import { Effect } from "effect"
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { hookScript, oldestShell, rcLine } from "./hookScript.ts"
import { isShellGone } from "./shellProcess.ts"
import { parseSpoolName, type Shell, shells } from "./spoolFormat.ts"

export interface HooksStatusOptions {
  readonly home: string
  /** `ZDOTDIR` and `XDG_CONFIG_HOME` move rc files. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly spoolDir: string
  /** Where `claw init` writes each hook. */
  readonly hookFiles: Readonly<Record<string, string>>
}

export interface HookStatus {
  readonly v: 1
  readonly shell: Shell
  /** An rc file sources the hook, and the hook is of this version. */
  readonly installed: boolean
  /** One line: what is wrong and what to do, or that nothing is. */
  readonly detail: string
  readonly lastRecordAt: string | null
  readonly sourcedBy: string | null
  readonly hookFile: "current" | "outdated" | "missing"
  readonly spoolWritable: boolean
  /** Running shells that have written. */
  readonly liveShells: number
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

/** Where a shell looks for its own start; the line of the hook belongs into the first. */
export const rcFiles = (
  shell: Shell,
  options: Pick<HooksStatusOptions, "home" | "env">,
): readonly [string, ...Array<string>] => {
  const { home } = options
  const absolute = (name: string, otherwise: string): string => {
    const value = options.env?.[name]
    return value?.startsWith("/") ? value : otherwise
  }
  const config = absolute("XDG_CONFIG_HOME", join(home, ".config"))
  const zdot = absolute("ZDOTDIR", home)
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

const statusOf = (shell: Shell, spool: string, options: HooksStatusOptions): HookStatus => {
  const files = rcFiles(shell, options)
  const file = options.hookFiles[shell] ?? ""
  const text = textOf(file)
  const known = [hookScript(shell), hookScript(shell, { spoolDir: options.spoolDir })]
  const hookFile = text === null ? "missing" : known.includes(text) ? "current" : "outdated"
  const sourcedBy = files.find((rc) => sources(textOf(rc) ?? "", file, options.home)) ?? null
  const spools = namesIn(options.spoolDir)
    .flatMap((name) => parseSpoolName(name) ?? [])
    .filter((name) => name.shell === shell)
  const writes = spools.flatMap((name) => modifiedMs(join(options.spoolDir, name.session)) ?? [])
  const liveShells = spools.filter((name) => !isShellGone(name.pid, name.startedMs)).length
  const problem =
    hookFile === "missing"
      ? `not installed: run \`claw init ${shell}\``
      : sourcedBy === null
        ? `not sourced: add to ${files[0]}: ${rcLine(shell, file)}`
        : hookFile === "outdated"
          ? `${file} is of another version: run \`claw init ${shell}\` again`
          : spool !== ""
            ? `the spool ${options.spoolDir} ${spool}`
            : null
  const well = `sourced by ${sourcedBy}, ${liveShells} running (needs ${shell} ${oldestShell[shell]} or later)`
  return {
    v: 1,
    shell,
    installed: hookFile === "current" && sourcedBy !== null,
    detail: problem ?? well,
    lastRecordAt: writes.length === 0 ? null : new Date(Math.max(...writes)).toISOString(),
    sourcedBy,
    hookFile,
    spoolWritable: spool === "",
    liveShells,
  }
}

export const hooksStatus = (options: HooksStatusOptions): Effect.Effect<ReadonlyArray<HookStatus>> =>
  Effect.sync(() => {
    const spool = spoolProblem(options.spoolDir)
    return shells.map((shell) => statusOf(shell, spool, options))
  })
