/**
 * A person's interactive zsh, bash or fish in a throw-away world: its rc file holds the line `claw init` printed,
 * its PATH a `claw`. A line is typed at the prompt and ends at the next one; questions on the way are answered.
 */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { World } from "../../src/cli/ThrowAway.ts"
import type { Environment } from "../../src/config/Directories.ts"
import type { Shell as ShellName } from "../../src/observe/terminal/spoolFormat.ts"
import { launcher } from "../launcher.ts"
import { settleFish } from "../observe/terminal/settleFish.ts"
import { Pty } from "./Pty.ts"

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((directory) => existsSync(join(directory, program)))
/** A shell's tests run where the shell is. */
export const isInstalled = (shell: ShellName): boolean => onPath("script") && onPath(shell)

const prompt = "<<ready>>"
const question = "[y/N] "

const prompts: Record<ShellName, string> = {
  zsh: `unsetopt prompt_cr prompt_sp; PS1='${prompt}'`,
  bash: `PS1='${prompt}'`,
  fish: `function fish_greeting; end; function fish_prompt; end; function __ready --on-event fish_prompt; printf '${prompt}'; end`,
}
const rcFiles: Record<ShellName, string> = {
  zsh: ".zshrc",
  bash: ".bashrc",
  fish: ".config/fish/config.fish",
}

/** The world's environment with a `claw` on PATH, as an installed package would put it there. */
export const withClaw = (world: World): Environment => {
  const bin = join(world.root, "bin")
  const claw = join(bin, "claw")
  mkdirSync(bin, { recursive: true })
  writeFileSync(claw, `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`)
  chmodSync(claw, 0o755)
  return { ...world.env, PATH: `${bin}:${world.env["PATH"]}` }
}

export interface Shell {
  /** Types a line; answers the question it asks, if any; what it printed, once the prompt is back. */
  readonly type: (line: string, answer?: "y" | "n") => Effect.Effect<string>
}

export const openShell = (
  world: World,
  shell: ShellName,
): Effect.Effect<Shell, never, import("effect").Scope.Scope> =>
  Effect.gen(function* () {
    const env = withClaw(world)
    const home = env["HOME"]!
    const line = execFileSync("claw", ["init", shell], {
      cwd: home,
      env: env as NodeJS.ProcessEnv,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
    const rc = join(home, rcFiles[shell])
    mkdirSync(dirname(rc), { recursive: true })
    writeFileSync(rc, `${line}${prompts[shell]}\n`)
    if (shell === "fish") settleFish(env["XDG_DATA_HOME"]!, env["XDG_CACHE_HOME"]!)
    const pty = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Pty(shell === "bash" ? `exec bash --noprofile --rcfile '${rc}' -i` : `exec ${shell} -i`, {
            cwd: world.repository,
            env: { ...env, ZDOTDIR: home, TERM: "dumb", HISTFILE: join(home, "history") },
          }),
      ),
      (open) => Effect.promise(() => open.kill()),
    )
    yield* Effect.promise(() => pty.until(prompt))
    return {
      type: (text, answer) =>
        Effect.promise(async () => {
          pty.send(`${text}${shell === "fish" ? "\r" : "\n"}`)
          let printed = ""
          for (;;) {
            const { text: more, found } = await pty.until(prompt, question)
            printed += more
            if (found === prompt) return printed
            if (answer === undefined) throw new Error(`it asked, and nobody was to answer: ${printed}`)
            pty.send(`${answer}\n`)
          }
        }),
    }
  })
