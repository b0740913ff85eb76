/**
 * Which first words of a command may be allowed once and for all. What comes behind them is not looked at again, so
 * words that leave the rest free to be anything (an interpreter, a shell, a wrapper, a package runner), that reach
 * others (push, deploy) or that throw work away are refused, each with its reason. Pure.
 */
import { type CommandTable, inClass } from "./CommandTable.ts"

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Programs of one purpose: their name alone says enough. */
const single = set(
  "pytest tsc eslint oxlint biome vitest jest mocha ava tap mypy pyright flake8 pylint shellcheck hadolint yamllint phpunit rspec golangci-lint staticcheck ctest clippy-driver",
)

/** Programs with words of their own, and which of these only build or check what is in the workspace. */
const safeWords: Readonly<Record<string, ReadonlySet<string>>> = {
  npm: set("test t tst run run-script start"),
  pnpm: set("test t run start"),
  yarn: set("test run start"),
  bun: set("test run"),
  git: set("add commit switch stash mv"),
  cargo: set("build check test clippy fmt doc bench run nextest"),
  go: set("build test vet fmt run"),
  dotnet: set("build test format"),
  mvn: set("compile test verify package"),
  gradle: set("build test check assemble"),
  swift: set("build test"),
  zig: set("build test fmt"),
  mix: set("test compile format"),
  rake: set("test spec"),
  ruff: set("check format"),
  deno: set("test lint fmt check"),
  cmake: set("--build"),
}
/** Of these, words that need one more: which script, which stash. */
const needsThird = set("run run-script stash")
const lossy = set("drop clear pop apply branch")

/** Words in front of another command; the command behind them is what counts. */
const runners: ReadonlyArray<ReadonlyArray<string>> = [
  ["poetry", "run"],
  ["uv", "run"],
  ["pdm", "run"],
  ["hatch", "run"],
  ["pipenv", "run"],
  ["bundle", "exec"],
]

const checkModules = set(
  "pytest unittest mypy ruff black flake8 pylint coverage tox nox isort doctest compileall build",
)

/** Programs that act elsewhere, where nothing of this machine's limits holds. */
const remote = set(
  "ssh scp sftp rsync rclone curl wget docker podman nerdctl kubectl helm terraform tofu pulumi ansible ansible-playbook aws gcloud az gh glab hub heroku fly flyctl vercel netlify wrangler firebase doctl linode-cli eb cdk sam serverless sls twine gem apt apt-get brew pip pip3 pipx uvx npx pnpx bunx psql mysql mongosh redis-cli",
)

const targetRunners = set(
  "make gmake ninja just task rake gradle gradlew mvn mvnw ant scons bazel buck nx turbo lerna",
)

const plainWord = /^[A-Za-z0-9_][A-Za-z0-9_.:@/+-]*$/

const baseName = (program: string): string => program.slice(program.lastIndexOf("/") + 1).toLowerCase()

const scriptFault = (
  name: string,
  second: string | undefined,
  words: ReadonlyArray<string>,
): string | null => {
  if (second === undefined) return `${name} runs whatever it is given: name the script as well`
  if (second === "-m" && /^python|^pypy/.test(name))
    return checkModules.has(words[2] ?? "")
      ? null
      : `${name} -m runs any module: only checks and tests can be named`
  if (second.startsWith("-") || !/[./]/.test(second)) return `${name} ${second} runs whatever comes next`
  return null
}

/** Why these first words are too wide; null where they can be granted. */
export const prefixFault = (words: ReadonlyArray<string>, table: CommandTable): string | null => {
  const [program, second] = words
  if (program === undefined || program === "") return "it names no program"
  if (words.some((word) => word.includes("\u2026") || word === ""))
    return "not all of its words are known beforehand"
  const name = baseName(program)
  const runner = runners.find((each) => each.every((word, index) => words[index] === word))
  if (runner !== undefined) {
    const inner = words.slice(runner.length)
    return inner.length === 0
      ? `${runner.join(" ")} runs any program: name it as well`
      : prefixFault(inner, table)
  }
  if (table.wrappers.has(name)) return `${name} runs another program: grant that one`
  if (inClass(table, "shell", [name]) && name !== "sh" && name !== "bash")
    return `${name} runs whatever it is given`
  if (name === "sh" || name === "bash") return scriptFault(name, second, words)
  const own = Object.hasOwn(safeWords, name) ? safeWords[name]! : null
  if (own !== null) return wordFault(name, own, words)
  if (remote.has(name) || inClass(table, "network", [name]))
    return `${name} reaches beyond this machine: only this very call can be granted`
  if (targetRunners.has(name)) return targetFault(name, second)
  if (inClass(table, "interpreter", [name])) return scriptFault(name, second, words)
  if (inClass(table, "destructive", [name])) return `${name} changes files by their names: grant a folder`
  if (single.has(name)) return null
  // a script of the workspace is one thing; what a program's name alone allows, nobody can say
  if (program.includes("/")) return null
  if (second === undefined) return `${name} alone would allow all that ${name} can do`
  return plainWord.test(second) ? null : `${name} ${second} would allow all that ${name} can do`
}

const wordFault = (name: string, own: ReadonlySet<string>, words: ReadonlyArray<string>): string | null => {
  const [, second, third] = words
  if (second === undefined) return `${name} alone would allow all that ${name} can do`
  if (!own.has(second))
    return second.startsWith("-")
      ? `${name} ${second} would allow all that ${name} can do`
      : `${name} ${second} can reach others, run what is new here or throw work away: only this very call can be granted`
  if (!needsThird.has(second) || name === "cargo") return null
  if (third === undefined) return `${name} ${second} needs one more word`
  if (name === "go") return scriptFault("go run", third, words)
  if (name === "git" && lossy.has(third)) return `git ${second} ${third} can lose work`
  return plainWord.test(third) ? null : `${name} ${second} ${third} is not one thing`
}

const targetFault = (name: string, second: string | undefined): string | null =>
  second !== undefined && plainWord.test(second) && !second.includes("=")
    ? null
    : `${name} runs any target: name one`

/** The fewest first words that can be granted; or why none can, from the longest try. */
export const shortestPrefix = (
  argv: ReadonlyArray<string>,
  table: CommandTable,
): { readonly prefix: ReadonlyArray<string> } | { readonly fault: string } => {
  let fault = "it names no program"
  for (let length = 1; length <= Math.min(argv.length, 5); length++) {
    const words = argv.slice(0, length)
    const found = prefixFault(words, table)
    if (found === null) return { prefix: words }
    fault = found
  }
  return { fault }
}
