/** A real interactive shell on a pseudo-terminal (util-linux `script`), driven line by line: each waits for the next prompt. */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { hookScript } from "../../../src/observe/terminal/hookScript.ts"
import type { Shell } from "../../../src/observe/terminal/spoolFormat.ts"
import { settleFish } from "./settleFish.ts"

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((directory) => existsSync(join(directory, program)))
/** Tests of a shell run where the shell is; a machine without it has nothing to test. */
export const isInstalled = (shell: Shell): boolean => onPath("script") && onPath(shell)

const mark = "<<ready>>"

export interface InteractiveShell {
  readonly pid: number
  /** Types a line and waits for the prompt after it. Bytes go as they are. */
  readonly run: (line: string | Uint8Array) => Promise<string>
  /** Ends it at once; resolves when the process is gone. */
  readonly kill: () => Promise<void>
  readonly exit: () => Promise<void>
}

const prompts: Record<Shell, string> = {
  zsh: `unsetopt prompt_cr prompt_sp; PS1='${mark}'`,
  bash: `PS1='${mark}'`,
  fish: `function fish_greeting; end; function fish_prompt; end; function __ready --on-event fish_prompt; printf '${mark}'; end`,
}

export const startShell = async (options: {
  readonly shell: Shell
  /** A directory of the test's own: home of the shell and its rc files. */
  readonly home: string
  readonly spoolDir: string
  readonly before?: string
  readonly after?: string
  readonly env?: Readonly<Record<string, string>>
  readonly hook?: boolean
}): Promise<InteractiveShell> => {
  const { shell, home, spoolDir } = options
  mkdirSync(home, { recursive: true })
  const hook = options.hook === false ? "" : hookScript(shell, { spoolDir })
  const pidFile = join(home, `pid.${shell}.${Math.random()}`)
  const rc = [
    options.before ?? "",
    hook,
    options.after ?? "",
    prompts[shell],
    shell === "fish" ? `echo $fish_pid > '${pidFile}'` : `echo $$ > '${pidFile}'`,
    "",
  ].join("\n")
  const file = join(
    home,
    shell === "zsh" ? ".zshrc" : shell === "bash" ? ".bashrc" : ".config/fish/config.fish",
  )
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, rc)
  if (shell === "fish") settleFish(join(home, ".local", "share"), join(home, ".cache"))
  const command =
    shell === "zsh"
      ? "exec zsh -i"
      : shell === "bash"
        ? `exec bash --noprofile --rcfile '${file}' -i`
        : "exec fish -i"
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    cwd: home,
    env: {
      HOME: home,
      ZDOTDIR: home,
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      TERM: "dumb",
      LANG: "C.UTF-8",
      SHELL: "/bin/sh",
      HISTFILE: join(home, `history.${shell}`),
      ...options.env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  })
  let seen = ""
  let wake = (): void => undefined
  let closed = false
  child.stdout.setEncoding("utf8")
  child.stdout.on("data", (text: string) => {
    seen += text
    wake()
  })
  const gone = new Promise<void>((resolve) =>
    child.on("close", () => {
      closed = true
      wake()
      resolve()
    }),
  )
  child.stdin.on("error", () => undefined)
  const prompt = async (): Promise<string> => {
    for (;;) {
      const at = seen.indexOf(mark)
      if (at >= 0) {
        const text = seen.slice(0, at)
        seen = seen.slice(at + mark.length)
        return text
      }
      if (closed) return seen
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  await prompt()
  const pid = Number(readFileSync(pidFile, "utf8"))
  return {
    pid,
    run: async (line) => {
      child.stdin.write(line)
      child.stdin.write(shell === "fish" ? "\r" : "\n")
      return prompt()
    },
    kill: () => {
      process.kill(pid, "SIGKILL")
      return gone
    },
    exit: async () => {
      child.stdin.write("exit\r")
      const late = setTimeout(() => process.kill(pid, "SIGKILL"), 5_000)
      await gone
      clearTimeout(late)
    },
  }
}
