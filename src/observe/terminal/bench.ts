/**
 * What a hook costs at each prompt, in microseconds: a shell runs the same lines without a hook, with functions that
 * do nothing in the same places, and with Claw's; what counts is the time added to the first. Rounds alternate and
 * each variant's fastest counts. A run whose hook did not write every record is no measurement and fails.
 */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { hookScript } from "./hookScript.ts"
import { type Shell, shells } from "./spoolFormat.ts"

export interface BenchRow {
  readonly name: string
  readonly claw: number
  readonly peer: string
  readonly peerValue: number
  readonly unit: string
  readonly ratio: number
  readonly goal: number
  readonly met: boolean
}

type Variant = "none" | "empty" | "claw"
const goal = 1_000

const emptyHook: Readonly<Record<Shell, string>> = {
  zsh: "a() { :; }; b() { local s=$?; return 0; }; preexec_functions=(a); precmd_functions=(b)",
  bash:
    `z=('' ''); PS0='\${z[(a=1,1)]}'; b() { local s=$?; return $s; }\n` +
    `PROMPT_COMMAND='b "$_" && :'$'\\n''b && :'`,
  fish: "function a --on-event fish_preexec; end; function b --on-event fish_postexec; set -l s $status; end",
}
const line = (i: number): string => `: npm test -- --run ${i}`
// zsh and bash read the lines as typed ones; fish runs no prompt without a terminal, so its events are sent.
const script = (shell: Shell, prompts: number): string => {
  const lines = Array.from({ length: prompts }, (_, i) => line(i))
  if (shell === "zsh")
    return ["b0=$EPOCHREALTIME", ...lines, "print $(( (EPOCHREALTIME - b0) * 1000000 ))", ""].join("\n")
  if (shell === "bash")
    return ["b0=${EPOCHREALTIME//[!0-9]/}", ...lines, "echo $(( ${EPOCHREALTIME//[!0-9]/} - b0 ))", ""].join(
      "\n",
    )
  return [
    "set b0 (date +%s%N)",
    ...lines.map((text) => `emit fish_preexec '${text}'; ${text}; emit fish_postexec '${text}'`),
    "math --scale 1 \\( (date +%s%N) - $b0 \\) / 1000",
    "",
  ].join("\n")
}
const rcFile: Readonly<Record<Shell, string>> = {
  zsh: ".zshrc",
  bash: ".bashrc",
  fish: ".config/fish/config.fish",
}
const before: Readonly<Record<Shell, string>> = {
  zsh: "PS1=; zmodload zsh/datetime",
  bash: "PS1=; HISTCONTROL=; HISTFILE=/dev/null",
  fish: "set -g CMD_DURATION 1",
}
const argv = (shell: Shell, home: string, file: string): readonly [string, ReadonlyArray<string>] => {
  if (shell === "zsh") return ["zsh", ["-d", "-i"]]
  if (shell === "bash") return ["bash", ["--noprofile", "--rcfile", join(home, rcFile.bash), "-i"]]
  return ["fish", ["-i", "-c", `source '${file}'`]]
}

const runOnce = (shell: Shell, home: string, prompts: number): Promise<number> => {
  const file = join(home, "lines")
  writeFileSync(file, script(shell, prompts))
  const [command, words] = argv(shell, home, file)
  return new Promise((resolve, reject) => {
    const env = {
      HOME: home,
      ZDOTDIR: home,
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      TERM: "dumb",
    }
    const child = execFile(command, [...words], { cwd: home, env, timeout: 60_000 }, (error, stdout) => {
      const micros = Number(/([\d.]+)\s*$/.exec(stdout)?.[1])
      if (micros > 0) resolve(micros / prompts)
      else reject(error ?? new Error(`${shell} printed no time`))
    })
    // one that ends before it has read everything says so by its end
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(shell === "fish" ? "" : readFileSync(file))
  })
}

const written = (spoolDir: string): number =>
  readdirSync(spoolDir)
    .filter((name) => !name.startsWith("."))
    .map((name) => readFileSync(join(spoolDir, name), "latin1").split(": npm test").length - 1)
    .reduce((sum, count) => sum + count, 0)

const measure = async (
  shell: Shell,
  root: string,
  prompts: number,
  rounds: number,
): Promise<Readonly<Record<Variant, number>>> => {
  const best: Record<Variant, number> = { none: Infinity, empty: Infinity, claw: Infinity }
  for (let round = 0; round < rounds; round++)
    for (const variant of ["none", "empty", "claw"] as const) {
      const home = join(root, `${shell}-${variant}-${round}`)
      const spoolDir = join(home, "spool")
      mkdirSync(spoolDir, { recursive: true, mode: 0o700 })
      const hook =
        variant === "none" ? "" : variant === "empty" ? emptyHook[shell] : hookScript(shell, { spoolDir })
      const rc = join(home, rcFile[shell])
      mkdirSync(dirname(rc), { recursive: true })
      writeFileSync(rc, `${before[shell]}\n${hook}\n`)
      best[variant] = Math.min(best[variant], await runOnce(shell, home, prompts))
      if (variant === "claw" && written(spoolDir) !== prompts)
        throw new Error(`the ${shell} hook wrote ${written(spoolDir)} of ${prompts} records`)
    }
  return best
}

/** Shells that are not installed have no row. */
export const benchHooks = async (
  options: { readonly prompts?: number; readonly rounds?: number } = {},
): Promise<ReadonlyArray<BenchRow>> => {
  const root = mkdtempSync(join(tmpdir(), "claw-bench-hooks-"))
  try {
    const rows: Array<BenchRow> = []
    for (const shell of shells) {
      const best = await measure(shell, root, options.prompts ?? 300, options.rounds ?? 5).catch((error) => {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
        throw error
      })
      if (best === null) continue
      const claw = Math.max(0, best.claw - best.none)
      const peerValue = Math.max(0.1, best.empty - best.none)
      rows.push({
        name: `hook.${shell}`,
        claw: Math.round(claw * 10) / 10,
        peer: "empty hook",
        peerValue: Math.round(peerValue * 10) / 10,
        unit: "us/prompt",
        ratio: Math.round((claw / peerValue) * 100) / 100,
        goal,
        met: claw < goal,
      })
    }
    return rows
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
