/**
 * Which tests failed, as the runner named them: vitest, jest, mocha, node, pytest, cargo, go, phpunit, rspec, JUnit by
 * maven and gradle. Pure. What has none of these forms gives nothing.
 */
export type Runner =
  | "vitest"
  | "jest"
  | "mocha"
  | "node"
  | "pytest"
  | "cargo"
  | "go"
  | "phpunit"
  | "rspec"
  | "junit"

export interface FailedTest {
  readonly runner: Runner
  /** As the runner has it in its own arguments where it can be given there, else as it is printed. */
  readonly name: string
  /** As printed; null where the runner names none. */
  readonly file: string | null
}

const maxTests = 50

type Reading = (output: string) => ReadonlyArray<FailedTest>

const reading =
  (
    runner: Runner,
    pattern: RegExp,
    of: (match: RegExpMatchArray) => {
      readonly name: string | undefined
      readonly file?: string | undefined
    },
  ): Reading =>
  (output) =>
    [...output.matchAll(pattern)].flatMap((match) => {
      const { file, name } = of(match)
      return name === undefined ? [] : [{ runner, name: name.trim(), file: file ?? null }]
    })

/** A file's line, then one with a dot for each test of it. */
const jest: Reading = (output) => {
  const found: Array<FailedTest> = []
  let file: string | null = null
  for (const line of output.split("\n")) {
    file = /^\s*FAIL (?!\s)(?:[\w-]+ )?(\S+\.\w+)(?: \([\d.]+ m?s\))?$/.exec(line)?.[1] ?? file
    const name = /^ {2}● (.{1,300})$/.exec(line)?.[1]
    if (file !== null && name !== undefined && name.includes(" › "))
      found.push({ runner: "jest", name, file })
  }
  return found
}

/** In the list at the end: a number, the titles one under the other, the last with a colon. */
const mocha: Reading = (output) => {
  const from = output.search(/^\s+\d+ failing$/m)
  if (from < 0) return []
  return [...output.slice(from).matchAll(/^ {2}\d+\) ([^\n]+(?:\n {5,}[^\n]+){0,5}?):\n/gm)].map(
    ([, titles]) => ({
      runner: "mocha",
      name: titles!.replace(/\s*\n\s*/g, " "),
      file: null,
    }),
  )
}

const readings: ReadonlyArray<Reading> = [
  reading(
    "vitest",
    /^ FAIL {2}(?:\|[^|\n]+\| )?(\S+\.\w+)(?: \[ [^\n]+ \]| > ([^\n]+))$/gm,
    ([, file, name]) => ({
      name: name ?? file,
      file,
    }),
  ),
  jest,
  mocha,
  reading("node", /^test at (\S+\.\w+):\d+:\d+\n✖ ([^\n]+?)(?: \([\d.]+m?s\))?$/gm, ([, file, name]) => ({
    name,
    file,
  })),
  reading(
    "node",
    /^not ok \d+ - ([^\n#]+)\n(?:[^\n]*\n){0,3}?\s+location: '([^'\n]+?):\d+:\d+'/gm,
    ([, name, file]) => ({
      name,
      file,
    }),
  ),
  reading("pytest", /^(?:FAILED|ERROR) ([\w@.+/-]+\.py)((?:::[^\s:]+)*)(?: - |$)/gm, ([, file, id]) => ({
    name: `${file}${id}`,
    file,
  })),
  reading("cargo", /^test (\S+)(?: - should panic)? \.\.\. FAILED$/gm, ([, name]) => ({ name })),
  reading("go", /^--- FAIL: (Test\S+) \(/gm, ([, name]) => ({ name })),
  reading("phpunit", /^\d+\) ([\w\\]+::\w+)(?: with data set [^\n]+)?$/gm, ([, name]) => ({ name })),
  reading("rspec", /^rspec (\.\/\S+\.rb):(\d+) # /gm, ([, file, line]) => ({
    name: `${file}:${line}`,
    file,
  })),
  reading("junit", /^\[ERROR\] {3}(\w+\.\w+):\d+ /gm, ([, name]) => ({ name })),
  reading("junit", /^(\w+ > [\w() ]+) FAILED$/gm, ([, name]) => ({ name })),
]

export const failedTestsIn = (output: string): ReadonlyArray<FailedTest> => {
  for (const read of readings) {
    const tests = new Map(read(output).map((test) => [test.name, test]))
    if (tests.size > 0) return [...tests.values()].slice(0, maxTests)
  }
  return []
}
