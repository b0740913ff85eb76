/** Frameworks, compilers and interpreters of a project: what has to run first, and how a file is named to them. */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, insertedAfter, plain, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, operandAt, operands, plainWords, preceded, rule } from "./rule.ts"

/** The line that a tool says has to run first. */
export const railsMigrate: Correction = {
  name: "rails-migrations",
  applies: ({ words, output }) =>
    (words.length === 0 ||
      /(?:^|\/)(?:rails|rake|rspec|bundle|spring|ruby|foreman|cucumber|sidekiq|puma)$/.test(words[0]!)) &&
    /Migrations are pending[\s\S]*To resolve this issue, run:/.test(output),
  correct: (failed) => {
    const told =
      /To resolve this issue, run:\s+((?:bin\/)?(?:rails|rake) db:migrate(?: RAILS_ENV=\w+)?)/.exec(
        failed.output,
      )?.[1]
    const line = told === undefined ? null : plainWords(told)
    return line === null ? [] : [preceded(failed, line)]
  },
}

/** A word with something at its end, in the quotes it stands in. */
const endedWith = (failed: Failed, at: number, ending: string): string =>
  replaced(failed, at, `${failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)}${ending}`)

/** Compilers and interpreters given a name without its ending. */
const withEnding = (name: string, program: string, typed: RegExp, ending: string, from = 1): Correction =>
  rule(
    name,
    { program, typed },
    (failed, known) => {
      const at = operandAt(failed.words, from)
      const word = failed.words[at]
      if (word === undefined || /\.\w+$/.test(word) || word.includes(":")) return []
      const [bare, full] = kinds(known, [word, `${word}${ending}`])
      const unread = failed.exit === null && failed.output.trim() === ""
      return bare !== "file" && bare !== "dir" && (full === "file" || unread) && plain(word) !== null
        ? [endedWith(failed, at, ending)]
        : []
    },
    {
      asks: (failed, dir) => {
        const word = failed.words[operandAt(failed.words, from)]
        return word === undefined ? [] : [kindsOf(dir, [word, `${word}${ending}`])]
      },
    },
  )

export const goRun = withEnding("go-run-file", "go", /^run [\w./-]+$/, ".go", 2)

export const javaCompile = withEnding("javac-file", "javac", /^[\w./-]+$/, ".java")

export const pythonFile = withEnding("python-file", "python python2 python3", /^[\w./-]+$/, ".py")

/** `java Main.java` of old: the class, not the file. */
export const javaClass = rule("java-class", { program: "java", typed: /\.java(?:\s|$)/ }, (failed) => {
  const untold = failed.exit === null && failed.output.trim() === ""
  if (!untold && !/find or load main class|NoClassDefFound/.test(failed.output)) return []
  const at = failed.words.findIndex((word) => word.endsWith(".java"))
  return [replaced(failed, at, failed.words[at]!.replace(/\.java$/, ""))].filter(
    () => plain(failed.words[at]!) !== null,
  )
})

/** `javac Main`: a name without its ending is taken for a class. */
export const javacName = rule(
  "javac-class-name",
  { program: "javac", says: /Class names, '[\w.$,]+', are only accepted if annotation processing/ },
  (failed) => {
    const at = failed.words.indexOf(/Class names, '([\w.$]+)/.exec(failed.output)![1]!)
    return at < 1 ? [] : [endedWith(failed, at, ".java")]
  },
)

/** `php -s localhost:8000`: the server of `-S`; with a file, `-s` shows its source. */
export const phpServer = rule(
  "php-server",
  { program: "php", typed: /(?:^|\s)-s\s(?:.*\s)?[\w.:[\]-]*:\d+(?:\s|$)/ },
  (failed) =>
    failed.output.trim() === "" || /Could not open|No such file|not found/i.test(failed.output)
      ? [replaced(failed, failed.words.indexOf("-s"), "-S")]
      : [],
)

export const proveRecursively = rule(
  "prove-recursively",
  { program: "prove", says: /NOTESTS/ },
  (failed, known) => {
    if (failed.words.some((word) => word === "--recurse" || /^-[a-z]*r/.test(word))) return []
    const at = operands(failed)
    const all = kinds(
      known,
      at.map((i) => failed.words[i]!),
    )
    return all.includes("dir") ? [insertedAfter(failed, 0, "-r")] : []
  },
  {
    asks: (failed, dir) => [
      kindsOf(
        dir,
        operands(failed).map((at) => failed.words[at]!),
      ),
    ],
  },
)

/** Lines told by `workon`, or an environment near to it. */
const environments: Extract<ProbeRequest, { readonly _tag: "listDir" }> = {
  _tag: "listDir",
  path: "~/.virtualenvs",
  limit: 200,
}

export const workon = rule(
  "virtual-environment",
  { program: "workon", typed: /^\S+$/ },
  (failed, { facts }) => {
    const all = facts.get<"listDir">(environments)
    const name = failed.words[1]!
    if (all?.includes(name) === true || (all === undefined && !/does not exist/.test(failed.output)))
      return []
    return [
      ...eachPlain(closest(name, all ?? [], { cutoff: 0.4 }), (word) => replaced(failed, 1, word)),
      ...eachPlain([name], (word) => `mkvirtualenv ${word}`),
    ]
  },
  { asks: () => [environments] },
)
