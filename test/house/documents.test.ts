/** What the documents and the help name is there: commands with their flags, scripts, files, links; and each flag says what it does. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { CliOutput, HelpDoc } from "effect/cli"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import manifest from "../../package.json" with { type: "json" }
import { withPrint } from "../../src/cli/commandTable.ts"
import { parsed } from "../cli/parsing.ts"

const root = join(import.meta.dirname, "../..")
const read = (file: string): string => readFileSync(join(root, file), "utf8")
const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"))
const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...pages.map((name) => `docs/${name}`)]
/** Their examples name files and scripts of a user's. */
const examples = ["docs/reflexes.md", "docs/tools.md"]

const helpOf = (path: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const seen: Array<HelpDoc.HelpDoc> = []
    const presenter: CliOutput.Presenter = {
      present: (event) =>
        Effect.sync(() => {
          if (event._tag === "Help") seen.push(event.helpDoc)
        }),
    }
    yield* parsed([...path, "--help"], presenter)
    return seen[0]!
  })

/** Every command by its words, the program itself under none. */
const commands = Effect.gen(function* () {
  const all = new Map<string, HelpDoc.HelpDoc>()
  const visit = (path: ReadonlyArray<string>): Effect.Effect<void> =>
    Effect.gen(function* () {
      const help = yield* helpOf(path)
      all.set(path.join(" "), help)
      for (const { commands: inner } of help.subcommands ?? [])
        for (const { name } of inner) yield* visit([...path, name])
    })
  yield* visit([])
  return all
})

const flagsOf = ({ flags, globalFlags = [], inheritedFlags = [] }: HelpDoc.HelpDoc) => [
  ...flags,
  ...inheritedFlags,
  ...globalFlags,
]

/** Lines that call Claw: whole lines and spans of code; what follows `#`, a pipe or a semicolon begins anew. */
const calls = (text: string): ReadonlyArray<string> =>
  [
    ...[...text.matchAll(/^```\w*\n([^]*?)^```/gm)].flatMap(([, block]) => block!.split("\n")),
    ...[...text.replaceAll(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!),
  ]
    .flatMap((line) => line.replaceAll(/'[^']*'|"[^"]*"/g, "WORDS").split(/[#;]| \| /))
    .flatMap((part) => /^\s*(?:\$ )?(?:npx )?claw(?:\s+(.*))?$/.exec(part)?.[1] ?? [])

/** What is wrong with a line, as far as its words go. */
const faultsOf = (line: string, all: ReadonlyMap<string, HelpDoc.HelpDoc>): ReadonlyArray<string> => {
  const words = withPrint(
    line
      .replaceAll(/[[\](),]/g, " ")
      .split(/\s+/)
      .filter(Boolean),
  )
  let path = ""
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]!
    const choices = word.split("|").map((one) => (path === "" ? one : `${path} ${one}`))
    if (!choices.every((one) => all.has(one))) break
    path = choices[0]!
  }
  const help = all.get(path)!
  const known = new Set(flagsOf(help).flatMap(({ aliases, name }) => [`--${name}`, ...aliases]))
  const next = words[at]
  const isGroup = (help.subcommands ?? []).length > 0 && path !== ""
  return [
    ...(next !== undefined &&
    /^[a-z]/.test(next) &&
    (path === "" || (isGroup && (help.args ?? []).length === 0))
      ? [`claw ${path} has no ${next}`]
      : []),
    ...words
      .flatMap((word) => /^(--?[a-z][\w-]*)/.exec(word)?.[1] ?? [])
      .filter((flag) => !known.has(flag))
      .map((flag) => `claw ${path} has no ${flag}`),
  ]
}

describe("the command line", () => {
  it.effect("tells of each flag what it does", () =>
    Effect.map(commands, (all) => {
      assert.isAbove(all.size, 60)
      assert.deepStrictEqual(
        [...all].flatMap(([path, help]) =>
          flagsOf(help).flatMap(({ description, name }) =>
            Option.getOrElse(description, () => "").trim() === "" ? [`claw ${path} --${name}`] : [],
          ),
        ),
        [],
      )
    }),
  )

  it.effect("has the commands and flags that its examples name", () =>
    Effect.map(commands, (all) => {
      assert.deepStrictEqual(
        [...all.values()].flatMap(({ examples = [] }) =>
          examples.flatMap(({ command }) => calls(`\`${command}\``).flatMap((line) => faultsOf(line, all))),
        ),
        [],
      )
    }),
  )

  it.effect("has the commands and flags that the documents name", () =>
    Effect.map(commands, (all) => {
      for (const file of documents)
        assert.deepStrictEqual(
          calls(read(file)).flatMap((line) => faultsOf(line, all).map((fault) => `${fault}: ${line}`)),
          [],
          file,
        )
      assert.isAbove(calls(read("README.md")).length, 60)
    }),
  )
})

describe("the documents", () => {
  it.each(documents.filter((file) => !examples.includes(file)))(
    "%s: its files, links and scripts are there",
    (file) => {
      const text = read(file)
      const named = [
        ...text.matchAll(/`((?:src|test|build|docs|policies|log-store|tui|bin|scenarios)\/[\w./-]*)`/g),
      ]
      const ran = [...text.matchAll(/(?:node|vitest run) ((?:src|test|build|docs)\/[\w./-]+)/g)]
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to]) => join(dirname(file), to!))
      const missing = [...[...named, ...ran].map(([, path]) => path!), ...links].filter(
        (path) => !existsSync(join(root, path)) && !startsSome(path),
      )
      assert.deepStrictEqual(missing, [])
      const scripts: Readonly<Record<string, string>> = manifest.scripts
      const asked = [...text.matchAll(/(?<!")npm run ([\w:-]+)/g)].map(([, name]) => name!)
      assert.deepStrictEqual(
        asked.filter((name) => scripts[name] === undefined),
        [],
      )
    },
  )
})

/** `vitest run` takes the beginning of a path for all that begin so. */
const startsSome = (path: string): boolean =>
  existsSync(join(root, dirname(path))) &&
  readdirSync(join(root, dirname(path))).some((name) => join(dirname(path), name).startsWith(path))
