/** A terminal of the test's own, with a program in it: what it draws is on a real screen, what it prints can be waited for. */
import { spawn } from "@lydell/node-pty"
import xterm from "@xterm/headless"
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Shell } from "../../../src/observe/terminal/spoolFormat.ts"
import { settleFish } from "../../observe/terminal/settleFish.ts"
import { launcher } from "../../launcher.ts"

export const prompt = "<ready>"

const rc: Readonly<Record<Shell, readonly [file: string, text: string]>> = {
  bash: [".bashrc", `PS1='${prompt}'; mine=1; bind 'set enable-bracketed-paste off'`],
  zsh: [".zshrc", `PS1='${prompt}'; mine=1; unsetopt prompt_sp; unset zle_bracketed_paste`],
  fish: [
    "config/fish/config.fish",
    `set -g mine 1; function fish_greeting; end; function fish_prompt; printf '${prompt}'; end`,
  ],
}

export interface ShellWorld {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
}

export const shellWorld = (shell: Shell): ShellWorld => {
  const home = mkdtempSync(join(tmpdir(), "claw-shell-"))
  for (const name of ["run", "config/fish", "data", "state"])
    mkdirSync(join(home, name), { recursive: true, mode: 0o700 })
  const [file, text] = rc[shell]
  writeFileSync(join(home, file), `${text}\n`)
  settleFish(join(home, "data"), join(home, ".cache"))
  const path = process.env["PATH"] ?? ""
  const folder = path.split(":").find((one) => existsSync(join(one, shell))) ?? "/bin"
  return {
    home,
    env: {
      PATH: path,
      HOME: home,
      SHELL: join(folder, shell),
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      XDG_RUNTIME_DIR: join(home, "run"),
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_DATA_HOME: join(home, "data"),
      XDG_STATE_HOME: join(home, "state"),
    },
  }
}

export const clawShell: readonly [string, ...Array<string>] = [process.execPath, launcher, "shell"]

export class Terminal {
  readonly #pty
  readonly #screen
  #seen = ""
  #wake = (): void => undefined
  readonly ended: Promise<{ readonly exitCode: number; readonly signal?: number | undefined }>

  constructor([file, ...args]: readonly [string, ...Array<string>], world: ShellWorld) {
    this.#pty = spawn(file, args, { cols: 80, rows: 24, cwd: world.home, env: { ...world.env } })
    this.#screen = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true })
    // programs ask their terminal what it is, and wait for the answer
    this.#screen.onData((answer) => this.#pty.write(answer))
    this.#pty.onData((text) => {
      this.#seen += text
      this.#screen.write(text, () => this.#wake())
    })
    this.ended = new Promise((resolve) => this.#pty.onExit(resolve))
  }

  get pid(): number {
    return this.#pty.pid
  }

  type(keys: string): void {
    this.#pty.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows)
    this.#pty.resize(columns, rows)
  }

  /** What was printed up to this text; what follows is left for the next wait. */
  async until(text: string): Promise<string> {
    for (;;) {
      const at = this.#seen.indexOf(text)
      if (at >= 0) {
        const found = this.#seen.slice(0, at)
        this.#seen = this.#seen.slice(at + text.length)
        return found
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Types a line and waits for the next prompt. */
  async line(text: string): Promise<string> {
    this.type(`${text}\r`)
    return this.until(prompt)
  }

  get drawn(): string {
    const { active } = this.#screen.buffer
    return Array.from({ length: this.#screen.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? "").trimEnd(),
    ).join("\n")
  }

  /** Waits until the screen shows this. */
  async shows(condition: (screen: string) => boolean): Promise<string> {
    while (!condition(this.drawn)) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.drawn
  }

  async close(): Promise<void> {
    this.#pty.kill("SIGKILL")
    await this.ended
  }
}
