/**
 * The files a command line hands the word to: `npm test` does what package.json says, `make` what the Makefile says,
 * `node build.js` what build.js says. Their hashes go into what an approval is bound to, because a changed script behind
 * an unchanged command line is another action.
 * A standing answer is bound to them too, but not to data: what is granted is to go on while the user's files change.
 * Invariants: only files inside the workspace are named, links followed; nothing is run or written. One step deep (a
 * script of package.json names files too); what a script loads further is the sandbox's to bound.
 */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { open, readdir, realpath } from "node:fs/promises"
import { basename, dirname, isAbsolute, join, resolve } from "node:path"
import type { PlanRead } from "../domain/events/acted.ts"
import { inside } from "./paths.ts"

export interface NamedCommand {
  readonly argv: ReadonlyArray<string>
  readonly cwd: string
}

const maxFiles = 64
const maxBytes = 16 * 1024 * 1024

/** Program -> the files it goes by in the folder it runs in. */
const goesBy: Readonly<Record<string, ReadonlyArray<string>>> = {
  npm: ["package.json"],
  npx: ["package.json"],
  pnpm: ["package.json"],
  yarn: ["package.json"],
  bun: ["package.json"],
  make: ["GNUmakefile", "makefile", "Makefile"],
  gmake: ["GNUmakefile", "makefile", "Makefile"],
  just: ["justfile", "Justfile", ".justfile"],
  task: ["Taskfile.yml", "Taskfile.yaml"],
  rake: ["Rakefile"],
  cargo: ["Cargo.toml", "build.rs"],
  gradle: ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
  gradlew: ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"],
  mvn: ["pom.xml"],
  mvnw: ["pom.xml"],
  composer: ["composer.json"],
  docker: ["Dockerfile", "compose.yaml", "compose.yml", "docker-compose.yml"],
  cmake: ["CMakeLists.txt"],
  tox: ["tox.ini", "pyproject.toml"],
  nox: ["noxfile.py"],
  pytest: ["conftest.py", "pyproject.toml", "pytest.ini"],
  poetry: ["pyproject.toml"],
  uv: ["pyproject.toml"],
  deno: ["deno.json", "deno.jsonc"],
  "pre-commit": [".pre-commit-config.yaml"],
}
const packageRunners = new Set(["npm", "pnpm", "yarn", "bun"])
const hooks = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-push", "post-checkout"]

/** Version suffixes and `.exe` do not make another program. */
const programOf = (argv0: string): string =>
  basename(argv0)
    .toLowerCase()
    .replace(/\.(?:exe|cmd)$/, "")
    .replace(/(?<=[a-z])[\d.]+$/, "")

/** Operands, and what stands behind `--option=`. */
const operands = (argv: ReadonlyArray<string>): ReadonlyArray<string> =>
  argv
    .slice(1)
    .flatMap((word) => (word.startsWith("-") ? (/^--?[\w-]+=(.+)$/.exec(word)?.[1] ?? []) : word))
    .filter((word) => word !== "" && word.length < 4096 && !word.includes("\0"))

/** Programs whose operands are data, not orders: their files may change without making them another action. */
const takesData = new Set(
  "cat ls head tail wc grep rg find stat file diff echo printf true false test cp mv rm mkdir touch tee sort uniq cut tr sed git".split(
    " ",
  ),
)

/** What checks, formats or tests the files it is given; for a standing answer these are data. */
const checks = new Set(
  "eslint oxlint oxfmt biome prettier stylelint tsc vitest jest mocha ava tap pytest mypy pyright ruff black flake8 pylint isort shellcheck hadolint yamllint markdownlint clippy-driver rustfmt gofmt phpunit rspec golangci-lint staticcheck ctest".split(
    " ",
  ),
)

const contentOf = async (path: string): Promise<Buffer | null> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  )
  if (handle === null) return null
  try {
    const found = await handle.stat()
    if (!found.isFile()) return null
    // a huge one is told by what the system says of it
    return found.size > maxBytes
      ? Buffer.from(`${found.size} ${found.mtimeMs} ${found.ino}`)
      : await handle.readFile()
  } finally {
    await handle.close()
  }
}

/** Words of the named script (and what runs before and after it), as far as they could be files. */
const scriptWords = (content: Buffer, argv: ReadonlyArray<string>): ReadonlyArray<string> => {
  try {
    const { scripts } = JSON.parse(content.toString("utf8")) as { readonly scripts?: unknown }
    if (typeof scripts !== "object" || scripts === null) return []
    const wanted = new Set(operands(argv).flatMap((name) => [name, `pre${name}`, `post${name}`]))
    return Object.entries(scripts)
      .filter(([name, text]) => wanted.has(name) && typeof text === "string")
      .flatMap(([, text]) => (text as string).split(/[\s"';&|()<>=]+/))
  } catch {
    return []
  }
}

/** Paths, for one command, that may hold what it will do. */
const candidates = async (
  { argv, cwd }: NamedCommand,
  workspace: string,
  isData: (program: string) => boolean,
  read: (path: string) => Promise<Buffer | null>,
): Promise<ReadonlyArray<string>> => {
  const [first] = argv
  if (first === undefined) return []
  const program = programOf(first)
  const at = (word: string) => (isAbsolute(word) ? word : resolve(cwd, word))
  const own = first.includes("/") ? [at(first)] : []
  if (program === "git") {
    const folder = join(workspace, ".git", "hooks")
    const there = await readdir(folder).catch(() => [] as Array<string>)
    return [...own, ...hooks.filter((name) => there.includes(name)).map((name) => join(folder, name))]
  }
  const named = isData(program) ? [] : operands(argv).map(at)
  const by = Object.hasOwn(goesBy, program) ? goesBy[program]!.map(at) : []
  const runsScripts =
    packageRunners.has(program) || (program === "node" && argv.some((word) => /^--run(?:=|$)/.test(word)))
  if (!runsScripts) return [...own, ...named, ...by]
  // a package runner looks for the nearest package.json above
  for (let folder = cwd; inside(workspace, folder); folder = dirname(folder)) {
    const file = join(folder, "package.json")
    const content = await read(file)
    if (content !== null) {
      const words = scriptWords(content, argv).map((word) => resolve(folder, word))
      return [...own, ...named, file, ...words]
    }
  }
  return [...own, ...named]
}

/** What these commands go by, each file once, in order of path. */
export const namedScripts = async (
  commands: ReadonlyArray<NamedCommand>,
  workspace: string,
  bound: "once" | "standing" = "once",
): Promise<ReadonlyArray<PlanRead>> => {
  const isData = (program: string) => takesData.has(program) || (bound === "standing" && checks.has(program))
  const contents = new Map<string, Buffer | null>()
  const read = async (path: string): Promise<Buffer | null> => {
    const real = await realpath(path).catch(() => null)
    if (real === null || !inside(workspace, real)) return null
    if (!contents.has(real)) contents.set(real, contents.size < maxFiles ? await contentOf(real) : null)
    return contents.get(real)!
  }
  for (const command of commands) {
    for (const path of await candidates(command, workspace, isData, read)) await read(path)
  }
  return [...contents]
    .flatMap(([path, content]) =>
      content === null ? [] : [{ path, hash: createHash("sha256").update(content).digest("hex") }],
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}
