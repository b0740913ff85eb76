/**
 * The command that runs no more than what failed, in the words of the one that ran everything. Pure.
 * Invariants: only for a plain line that names no test yet; names enter only as words that no shell reads more into, and
 * where one cannot be given so, or more than a few tests failed, there is none.
 */
import { baseName } from "../paths.ts"
import { onlyCommand, shellWord } from "../words.ts"
import type { FailedTest, Runner } from "./failedTests.ts"

const most = 3
const managers = new Set(["npm", "pnpm", "yarn", "bun"])

/** A test's own argument; a leading dash would be an option. */
const words = (values: ReadonlyArray<string | null>): ReadonlyArray<string> | null => {
  const safe = [...new Set(values)].map((value) => (value === null ? null : shellWord(value)))
  return safe.length === 0 || safe.length > most || safe.includes(null)
    ? null
    : (safe as ReadonlyArray<string>)
}

/** `NAME` in `go test -run`, which takes a regular expression. */
const goPattern = (tests: ReadonlyArray<FailedTest>): ReadonlyArray<string> | null => {
  const names = [...new Set(tests.map(({ name }) => name.split("/")[0]!))]
  return names.length > most || !names.every((name) => /^Test\w*$/.test(name))
    ? null
    : ["-run", `'^(${names.join("|")})$'`]
}

const narrowing = (runner: Runner, tests: ReadonlyArray<FailedTest>): ReadonlyArray<string> | null => {
  switch (runner) {
    case "vitest":
    case "jest":
      return words(tests.map(({ file }) => file))
    case "pytest":
    case "rspec":
      return words(tests.map(({ name }) => name))
    case "cargo":
      return tests.length === 1 ? words([tests[0]!.name]) : null
    case "go":
      return goPattern(tests)
    default:
      return null
  }
}

const runsBy: Readonly<Partial<Record<Runner, RegExp>>> = {
  vitest: /(?:^|\/)vitest$/,
  jest: /(?:^|\/)jest$/,
  pytest: /(?:^|\/)pytest$/,
  rspec: /(?:^|\/)rspec$/,
}

/** Index of the last word that makes it a run of everything; null: it names something, or is not known. */
const wholeRun = (all: ReadonlyArray<string>, runner: Runner): number | null => {
  const pattern = runsBy[runner]
  if (runner === "cargo" || runner === "go") {
    const rest = all.slice(2)
    const whole = rest.every((word) =>
      runner === "go" ? word === "./..." || word === "-v" : /^--(?:all|workspace)$/.test(word),
    )
    return all[1] === "test" && baseName(all[0]!) === runner && whole ? all.length - 1 : null
  }
  const at = pattern === undefined ? -1 : all.findIndex((word) => pattern.test(word))
  if (at < 0) return null
  const rest = all.slice(at + 1)
  const verb = rest[0] === "run" ? 1 : 0
  // an option may take the next word for its value
  return rest.slice(verb).every((word) => /^-(?:[qvx]{1,3}|-(?:run|ci|silent|verbose))$/.test(word))
    ? all.length - 1
    : null
}

/** A script that ends in the runner takes what is put behind it. */
const scriptRun = (all: ReadonlyArray<string>, runner: Runner): string | null => {
  const [program = "", ...rest] = all
  if (!managers.has(program) || (runner !== "vitest" && runner !== "jest")) return null
  const plain =
    (rest.length === 1 && /^(?:test|t)$/.test(rest[0]!)) ||
    (rest.length === 2 && rest[0] === "run" && rest[1] === "test")
  if (!plain || (program === "bun" && rest[0] !== "run")) return null
  return program === "npm" ? `${all.join(" ")} --` : all.join(" ")
}

export const onlyFailing = (line: string, tests: ReadonlyArray<FailedTest>): string | null => {
  const runner = tests[0]?.runner
  const command = onlyCommand(line)
  if (runner === undefined || command === null || Object.keys(command.assignments).length > 0) return null
  if (!command.words.every((word) => /^[\w./@:=-]+$/.test(word))) return null
  const narrow = narrowing(runner, tests)
  if (narrow === null) return null
  const head =
    wholeRun(command.words, runner) === null ? scriptRun(command.words, runner) : command.words.join(" ")
  return head === null ? null : `${head} ${narrow.join(" ")}`
}
