/**
 * Which command lines are checks: tests, builds, linters, type checks. A table over the plain words of a
 * line; a line that is not plain is no check, because running it again could do something else as well.
 */
import { simpleCommands, type SimpleCommand } from "./words.ts"
import { baseName } from "./paths.ts"

export type CheckKind = "test" | "build" | "lint" | "types"

const programs: Readonly<Record<string, CheckKind>> = {
  vitest: "test",
  jest: "test",
  mocha: "test",
  ava: "test",
  tap: "test",
  pytest: "test",
  tox: "test",
  nox: "test",
  rspec: "test",
  phpunit: "test",
  ctest: "test",
  bats: "test",
  tsc: "types",
  "vue-tsc": "types",
  mypy: "types",
  pyright: "types",
  eslint: "lint",
  oxlint: "lint",
  biome: "lint",
  stylelint: "lint",
  ruff: "lint",
  flake8: "lint",
  pylint: "lint",
  rubocop: "lint",
  "golangci-lint": "lint",
  shellcheck: "lint",
  ninja: "build",
  webpack: "build",
  rollup: "build",
  esbuild: "build",
  tsup: "build",
}
const subcommands: Readonly<Record<string, Readonly<Record<string, CheckKind>>>> = {
  cargo: { test: "test", nextest: "test", build: "build", check: "types", clippy: "lint", fmt: "lint" },
  go: { test: "test", build: "build", vet: "lint" },
  deno: { test: "test", check: "types", lint: "lint" },
  bun: { test: "test" },
  gradle: { test: "test", build: "build", check: "test" },
  gradlew: { test: "test", build: "build", check: "test" },
  mvn: { test: "test", verify: "test", package: "build", compile: "build" },
  mvnw: { test: "test", verify: "test", package: "build", compile: "build" },
  dotnet: { test: "test", build: "build" },
  mix: { test: "test", compile: "build" },
  next: { build: "build", lint: "lint" },
  vite: { build: "build" },
  cmake: { "--build": "build" },
  playwright: { test: "test" },
  rails: { test: "test" },
  rake: { test: "test", spec: "test" },
  zig: { build: "build", test: "test" },
  swift: { build: "build", test: "test" },
}
const scriptKinds: ReadonlyArray<readonly [RegExp, CheckKind]> = [
  [/^(?:test|spec|e2e|unit)(?:[:_-]|$)/, "test"],
  [/^(?:build|compile|bundle)(?:[:_-]|$)/, "build"],
  [/^(?:lint|format:check|fmt:check)(?:[:_-]|$)/, "lint"],
  [/^(?:types?|typecheck|type-check|tsc|check)(?:[:_-]|$)/, "types"],
]
const managers = new Set(["npm", "pnpm", "yarn", "bun"])
const runners = new Set(["npx", "pnpx", "bunx"])
/** Run until stopped: their end is no result. */
const watching = new Set(["--watch", "--watchAll", "watch", "--ui", "--serve"])
const makeTargets: Readonly<Record<string, CheckKind>> = {
  all: "build",
  build: "build",
  test: "test",
  tests: "test",
  check: "test",
  lint: "lint",
}

const scriptKind = (name: string | undefined): CheckKind | null =>
  (name === undefined ? undefined : scriptKinds.find(([pattern]) => pattern.test(name))?.[1]) ?? null

const kindOf = (words: ReadonlyArray<string>): CheckKind | null => {
  const [first = "", ...rest] = words
  const program = baseName(first)
  const args = rest.filter((word) => !word.startsWith("-"))
  if (runners.has(program)) return kindOf(rest.slice(rest.findIndex((word) => !word.startsWith("-"))))
  if (managers.has(program)) {
    const [verb, name] = args
    if (verb === "run" || verb === "run-script") return scriptKind(name)
    if (verb === "exec" || verb === "dlx" || verb === "x") return kindOf(args.slice(1))
    if (verb === "t" || verb === "tst" || verb === "test") return "test"
    return program === "npm" ? null : (scriptKind(verb) ?? (verb === undefined ? null : kindOf(args)))
  }
  if ((program === "python" || program === "python3") && rest[0] === "-m") return kindOf(rest.slice(1))
  if (
    (program === "uv" || program === "poetry" || program === "bundle") &&
    (args[0] === "run" || args[0] === "exec")
  ) {
    return kindOf(rest.slice(rest.indexOf(args[0]) + 1))
  }
  if (program === "make") {
    const targets = args.filter((word) => !word.includes("="))
    const kinds = targets.map((target) => makeTargets[target] ?? null)
    return targets.length === 0 ? "build" : kinds.every((kind) => kind !== null) ? kinds[0]! : null
  }
  if (program === "prettier") return rest.some((word) => word === "--check" || word === "-c") ? "lint" : null
  if (program === "tsc" && rest.includes("-w")) return null
  if (program === "node" && rest.includes("--test")) return "test"
  if (program === "unittest") return "test"
  const bySubcommand = subcommands[program]
  if (bySubcommand !== undefined) {
    const sub = rest.find((word) => Object.hasOwn(bySubcommand, word))
    return sub === undefined ? null : bySubcommand[sub]!
  }
  return Object.hasOwn(programs, program) ? programs[program]! : null
}

const kindOfSimple = (command: SimpleCommand): CheckKind | null =>
  command.words.some((word) => watching.has(word)) ? null : kindOf(command.words)

/** What the line checks, if every part of it is a check (a leading `cd` apart). */
export const checkKind = (line: string): CheckKind | null => {
  const commands = simpleCommands(line)
  if (commands === null) return null
  const parts = commands[0]!.words[0] === "cd" ? commands.slice(1) : commands
  const kinds = parts.map(kindOfSimple)
  return kinds.length > 0 && kinds.every((kind) => kind !== null) ? kinds[0]! : null
}

/** Two spellings of one line. */
export const sameLine = (line: string): string => line.trim().replace(/\s+/g, " ")
