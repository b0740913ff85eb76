/**
 * The sandbox tries to break out of itself before it is trusted: remounting, other processes' environments, nested
 * user namespaces, the home, hidden folders, git's hooks, the network.
 * Invariant: a test that could not be made counts as broken; a line that is missing in the answer is broken.
 */
import { access, mkdir, mkdtemp, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ProcessResult } from "./runProcess.ts"
import type { SandboxRun } from "./Sandbox.ts"

export interface EscapeTest {
  readonly name: string
  readonly held: boolean
  readonly detail: string
}

interface Place {
  readonly folder: string
  readonly home: string
  readonly hidden: string
  readonly workspace: string
  readonly command: Omit<SandboxRun, "timeoutMs">
}

/** Each line says `name=held` or `name=broken`; only programs of every Linux are used, an absent one breaks nothing open. */
const script = `
try() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name=broken"; else echo "$name=held"; fi; }
grep -q '^CapEff:.0000000000000000$' /proc/self/status && echo capabilities=held
try remount sh -c 'mount -o remount,bind,rw /usr || touch /usr/.claw-self-test'
try namespaces unshare -Ur true
try home cat "$HOME/.ssh/key"
try hidden sh -c 'cat hidden/socket || ls hidden/*'
try hooks sh -c 'echo x > .git/hooks/pre-commit || mv .git/hooks .git/other || mv .git .other || echo x > .git/config'
try appear sh -c 'echo x > .npmrc || rm .npmrc || mkdir .vscode'
try outside sh -c 'echo x > ../outside/file || cat ../outside/file'
touch written && echo workspace=held
[ "$(tail -n +3 /proc/net/dev | wc -l)" = 1 ] && echo network=held
[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 20 ] && echo processes=held
echo environment: $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | cut -d= -f1 | sort -u)
`
const names = [
  "capabilities",
  "remount",
  "namespaces",
  "home",
  "hidden",
  "hooks",
  "appear",
  "outside",
  "workspace",
  "network",
  "processes",
]
const knownVariables =
  /^(?:LANG|LANGUAGE|LC_[A-Z]+|TZ|USER|LOGNAME|SHELL|PATH|HOME|TMPDIR|TERM|PAGER|GIT_PAGER|GIT_EDITOR|GIT_SEQUENCE_EDITOR|GIT_TERMINAL_PROMPT|CLAW_AGENT|PWD|OLDPWD|SHLVL|_)$/

export const prepareSelfTest = async (own: string): Promise<Place> => {
  const folder = await mkdtemp(join(own, "self-test-"))
  const home = join(folder, "home")
  const workspace = join(folder, "workspace")
  const hidden = join(workspace, "hidden")
  for (const path of [
    join(home, ".ssh"),
    join(workspace, ".git", "hooks"),
    hidden,
    join(folder, "outside"),
  ]) {
    await mkdir(path, { recursive: true })
  }
  for (const path of [
    join(home, ".ssh", "key"),
    join(hidden, "socket"),
    join(workspace, ".git", "config"),
    join(folder, "outside", "file"),
  ]) {
    await writeFile(path, "self-test\n")
  }
  return {
    folder,
    home,
    hidden,
    workspace,
    command: {
      argv: ["/bin/sh", "-c", script],
      cwd: workspace,
      workspace,
      write: [workspace],
      protection: "everything",
      network: false,
    },
  }
}

export const judgeSelfTest = async (
  place: Place,
  result: ProcessResult,
): Promise<ReadonlyArray<EscapeTest>> => {
  const text = Buffer.from(result.output.first()).toString("utf8")
  const lines = text.split("\n")
  if (!lines.some((line) => line.startsWith("environment: "))) {
    const said = text.trim().split("\n")[0] ?? ""
    return [
      { name: "start", held: false, detail: said === "" ? `ended with ${result.exit}` : said.slice(0, 200) },
    ]
  }
  const foreign = lines
    .filter((line) => line.startsWith("environment: "))
    .flatMap((line) => line.split(" ").slice(1))
    .filter((name) => name !== "" && !knownVariables.test(name))
  const written = await access(join(place.workspace, "written")).then(
    () => true,
    () => false,
  )
  return [
    ...names.map((name) => {
      const held = lines.includes(`${name}=held`) && !lines.includes(`${name}=broken`)
      return { name, held, detail: held ? "held" : "did not hold" }
    }),
    {
      name: "environment",
      held: foreign.length === 0,
      detail: foreign.length === 0 ? "held" : `shows ${foreign.join(", ").slice(0, 100)}`,
    },
    { name: "grant", held: written, detail: written ? "held" : "a granted write did not arrive" },
  ]
}
