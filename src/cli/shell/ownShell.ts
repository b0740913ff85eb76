/**
 * The user's own shell, interactive and with its own rc files, and behind them the hook: by the rc file it is told to
 * read (bash), from the first prompt on (zsh), by a command it begins with (fish). Another shell runs without.
 * Pure but for the files it writes into Claw's folder of hooks.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import type { Environment } from "../../config/Directories.ts"

export interface OwnShell {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly env: Environment
  /** Null: a shell there is no hook for. */
  readonly hooked: "bash" | "zsh" | "fish" | null
}

const hooked = ["bash", "zsh", "fish"] as const

/** `SHELL` says which one a person works in, also where the password file names another. */
export const shellFile = (env: Environment, passwd: string | null): string =>
  [env["SHELL"], passwd].find((file) => file?.startsWith("/") === true) ?? "/bin/sh"

export const hookedShell = (file: string): OwnShell["hooked"] =>
  hooked.find((shell) => shell === basename(file)) ?? null

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const quotedFish = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`

const bashStart = (hook: string): string => `\
[ -r ~/.bashrc ] && . ~/.bashrc
. ${quoted(hook)}
`
// zsh asks for ZDOTDIR again before each file it reads
const zshStart = (hook: string): string => `\
if [[ -n "\${CLAW_ZDOTDIR+set}" ]]; then export ZDOTDIR="$CLAW_ZDOTDIR"; else unset ZDOTDIR; fi
unset CLAW_ZDOTDIR
function __claw_load {
  precmd_functions=(\${precmd_functions:#__claw_load})
  unfunction __claw_load
  . ${quoted(hook)}
}
typeset -ga precmd_functions
precmd_functions+=(__claw_load)
[[ -r "\${ZDOTDIR:-$HOME}/.zshenv" ]] && . "\${ZDOTDIR:-$HOME}/.zshenv"
`

export const ownShell = (file: string, hook: string, folder: string, env: Environment): OwnShell => {
  const shell = hookedShell(file)
  const write = (path: string, text: string): string => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  switch (shell) {
    case "bash":
      return {
        file,
        args: ["--rcfile", write(join(folder, "shell.bash"), bashStart(hook)), "-i"],
        env,
        hooked: shell,
      }
    case "zsh": {
      write(join(folder, ".zshenv"), zshStart(hook))
      const own = env["ZDOTDIR"]
      const moved = own === undefined ? {} : { CLAW_ZDOTDIR: own }
      return { file, args: ["-i"], env: { ...env, ...moved, ZDOTDIR: folder }, hooked: shell }
    }
    case "fish":
      return { file, args: ["-i", "-C", `source ${quotedFish(hook)}`], env, hooked: shell }
    case null:
      return { file, args: ["-i"], env, hooked: shell }
  }
}
