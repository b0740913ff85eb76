/**
 * The throw-away world of one story: its repository as it is before the story begins, a `git` on its PATH that dates
 * what it writes by the story's clock, a `claw`, and the rc files of the three shells.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import type { Environment } from "../../config/Directories.ts"
import type { Entry } from "../../daemon/entry.ts"
import { fail } from "../Exit.ts"
import { makeWorld, type World } from "../ThrowAway.ts"
import type { Story } from "./Story.ts"

export const prompt = "<<ready>>"

/** What is typed or prepared ends by then, or the story is broken. */
const limitMs = 60_000

export interface Ran {
  readonly exit: number
  readonly output: string
}

export interface StoryWorld {
  readonly world: World
  /** Runs a program that nobody typed; what it left running ends with the story. */
  readonly elsewhere: (command: string) => Effect.Effect<Ran>
  /** From now on git says that it is this time. */
  readonly date: (ms: number) => void
}

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const programOnPath = (name: string, path: string): string | null =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file)) ?? null

/** Dates that a story gives itself stay. */
const gitScript = (git: string, dateFile: string): string => `#!/bin/sh
read -r claw_now <${quoted(dateFile)}
GIT_AUTHOR_DATE=\${GIT_AUTHOR_DATE-$claw_now} GIT_COMMITTER_DATE=\${GIT_COMMITTER_DATE-$claw_now} exec ${quoted(git)} "$@"
`

const rcFiles: Readonly<Record<string, string>> = {
  ".bashrc": `PS1='${prompt}'\nbind 'set enable-bracketed-paste off' 2>/dev/null\n`,
  ".zshrc": `unsetopt prompt_cr prompt_sp zle; PS1='${prompt}'\n`,
  ".config/fish/config.fish": `function fish_greeting; end; function fish_prompt; end; function __ready --on-event fish_prompt; printf '${prompt}'; end\n`,
}

const put = (file: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, mode)
}

/** Ends all processes of a session, whatever group they made for themselves. */
export const endSession = (leader: number): void => {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1")
      const session = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3])
      if (session === leader) process.kill(Number(name), "SIGKILL")
    } catch {
      // it is gone
    }
  }
}

const run = (command: string, cwd: string, env: Environment, sessions: Set<number>): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn("bash", ["-e", "-c", command], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    if (child.pid !== undefined) sessions.add(child.pid)
    let output = ""
    const take = (chunk: Buffer): void => void (output += chunk.toString("utf8"))
    child.stdout.on("data", take)
    child.stderr.on("data", take)
    const limit = setTimeout(() => child.kill("SIGKILL"), limitMs)
    // not "close": what it leaves in the background keeps the pipes
    child.on("exit", (code) => {
      clearTimeout(limit)
      resolve({ exit: code ?? 137, output })
    })
  })

const begin = "git add -A; git commit -q --allow-empty -m begin"
const publish = (origin: string): string =>
  `git init -q --bare ${quoted(origin)}; git remote add origin ${quoted(origin)}; git push -q -u origin main`

export const openStoryWorld = Effect.fn("scenarios.world")(function* (
  story: Story,
  entry: Entry,
  outer: Environment,
  startMs: number,
) {
  const made = yield* makeWorld(outer)
  const bin = join(made.root, "bin")
  const home = made.env["HOME"]!
  const env: Environment = {
    ...made.env,
    PATH: `${bin}${delimiter}${made.env["PATH"] ?? ""}`,
    TZ: "UTC",
    TERM: "dumb",
    PAGER: "cat",
  }
  const world: World = { ...made, env }
  const dateFile = join(made.root, "date")
  const date = (ms: number): void => writeFileSync(dateFile, `@${Math.floor(ms / 1000)} +0000\n`)
  const git = programOnPath("git", made.env["PATH"] ?? "")
  if (git === null) return yield* fail("stories need git")
  date(startMs - 3_600_000)
  put(join(bin, "git"), gitScript(git, dateFile), 0o755)
  put(join(bin, "claw"), `#!/bin/sh\nexec ${[entry.node, ...entry.args].map(quoted).join(" ")} "$@"\n`, 0o755)
  for (const [path, text] of Object.entries(rcFiles)) put(join(home, path), text)
  // without it fish reads every manual page of the machine
  for (const folder of [env["XDG_DATA_HOME"]!, env["XDG_CACHE_HOME"]!])
    mkdirSync(join(folder, "fish", "generated_completions"), { recursive: true })
  const settings = { terminal: { output: true }, ...story.settings }
  put(join(world.directories.config, "claw.config.ts"), `export default ${JSON.stringify(settings)}\n`, 0o600)
  for (const [path, text] of Object.entries(story.files)) put(join(world.repository, path), text)

  const sessions = new Set<number>()
  yield* Effect.addFinalizer(() => Effect.sync(() => sessions.forEach(endSession)))
  const elsewhere = (command: string) => Effect.promise(() => run(command, world.repository, env, sessions))
  const setup = [
    ...(story.commit ? [begin] : []),
    ...(story.remote ? [publish(join(made.root, "origin.git"))] : []),
    story.setup,
  ].join("\n")
  const prepared = yield* elsewhere(setup)
  if (prepared.exit !== 0)
    return yield* fail(`its setup ended with ${prepared.exit}: ${prepared.output.trim()}`)
  const opened: StoryWorld = { world, elsewhere, date }
  return opened
})
