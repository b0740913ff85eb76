/** Writes a shell's static hook file and says the one line for its rc file. Never edits an rc file itself. */
import { Effect, Schema } from "effect"
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import { hookScript, rcLine } from "../observe/terminal/hookScript.ts"
import { rcFiles } from "../observe/terminal/hooksStatus.ts"
import { installWrapper, overrideVariable } from "../observe/terminal/installWrapper.ts"
import type { Shell } from "../observe/terminal/spoolFormat.ts"

class HookFileError extends Schema.TaggedError<HookFileError>()("HookFileError", {
  message: Schema.String,
}) {}

/** Changes files of the hooks; one that cannot be changed is named by what the system says. */
const changing = <A>(change: () => A): Effect.Effect<A, HookFileError> =>
  Effect.try({
    try: change,
    catch: (error) =>
      new HookFileError({ message: `the hook cannot be written: ${(error as Error).message}` }),
  })

/** Where the hook's line belongs, as a person writes it. */
export const rcFileOf = (shell: Shell, { home }: DirectoriesShape, env: Environment): string => {
  const [file] = rcFiles(shell, { home, env })
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file
}

export const hookFile = (directories: DirectoriesShape, shell: Shell): string =>
  join(directories.data, "hooks", `claw.${shell}`)

export const writeHook = (shell: Shell, directories: DirectoriesShape) =>
  changing(() => {
    const file = hookFile(directories, shell)
    mkdirSync(join(directories.data, "hooks"), { recursive: true, mode: 0o700 })
    mkdirSync(directories.spool, { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, hookScript(shell), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return { file, line: rcLine(shell, file) }
  })

const wrapperFile = (directories: DirectoriesShape, shell: Shell): string =>
  join(directories.data, "hooks", `installs.${shell}`)

/** The functions around package managers, in a file of their own: their line is another one of the rc file. */
export const writeInstallWrapper = (
  shell: Shell,
  directories: DirectoriesShape,
  command: ReadonlyArray<string>,
) =>
  changing(() => {
    const file = wrapperFile(directories, shell)
    mkdirSync(join(directories.data, "hooks"), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, installWrapper(shell, command), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return { file, line: rcLine(shell, file), override: overrideVariable }
  })

/** The line in the rc file does nothing without the file. */
export const removeInstallWrapper = (shell: Shell, directories: DirectoriesShape) =>
  changing(() => {
    const file = wrapperFile(directories, shell)
    const was = existsSync(file)
    rmSync(file, { force: true })
    return { file, was, line: rcLine(shell, file) }
  })
