/**
 * Writes docs/reflexes.md: how a user writes a rule, with examples that are checked here, and every rule that ships with
 * what it waits for and when it may be seen. Read from the rules' own definitions.
 * Invariant: the text depends on nothing of this machine, so that it can be compared byte for byte.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ReflexData, situationNames } from "../src/config/reflexRules.ts"
import { aboutReflex } from "../src/daemon/aboutReflexes.ts"
import { offered } from "../src/decide/corrections/reflexes.ts"
import type { Timing } from "../src/decide/Decider.ts"
import { reflexes } from "../src/decide/registry.ts"
import { readRules, showRuleProblem } from "../src/decide/rules/read.ts"
import { wordsOf } from "../src/decide/rules/seen.ts"

export const docPath = join(import.meta.dirname, "../docs/reflexes.md")

const inToml = `[[reflex]]
name = "migrations-pulled"
when = "head.moved"
how = ["pull", "merge", "checkout"]
files = ["migrations/**", "!**/*.md"]
title = "{count} migrations came in: {files}"
run = "npm run migrate"
once_per = "commit"
match = [{ how = "pull", files = ["migrations/7.sql"], gives = "npm run migrate" }]
no_match = [{ how = "pull", files = ["src/a.ts"] }]

[[reflex]]
name = "no-such-target"
when = "command.failed"
command = "make ..."
says = "No rule to make target '{target}'"
exists = "Makefile"
title = "{target} is no target of this Makefile"
run = "make help"
match = [{ command = "make al", output = "make: *** No rule to make target 'al'.  Stop.", exists = "Makefile", gives = "make help" }]

[[correction]]
name = "deploy-where"
program = "deploy"
says = "missing --env"
answer = { add = "--env staging" }
match = [{ command = "deploy web", output = "error: missing --env", gives = "deploy --env staging web" }]
`

const inTypeScript = `import { defineConfig } from "claw-assistant/config"

export default defineConfig({
  reflexes: [
    {
      name: "prisma-client",
      when: "files.settled",
      files: "schema.prisma",
      title: "Generate the client of {file}",
      run: "npx prisma generate --schema {file}",
    },
  ],
})
`

/** Examples that do not hold are no examples. */
const checked = (text: string): string => {
  const { problems } = readRules("example.toml", text)
  if (problems.length > 0) throw new Error(problems.map(showRuleProblem).join("\n"))
  return text
}

const waits: Readonly<Record<(typeof situationNames)[number], string>> = {
  "command.failed": "a command of yours failed (not by a signal, and not with an answer like grep's 1)",
  "command.done": "a command of yours ended, however it did",
  "files.settled": "files were saved, and the saving has been quiet for a while",
  "index.staged": "something new is staged",
  "commit.made": "a commit was made",
  "head.moved": "a checkout, pull, merge, rebase, reset, cherry-pick or revert changed files",
  "merge.conflicted": "a merge or the like left conflicts",
  "remote.fetched": "a fetch moved remote branches, and no pull followed",
  "work.uncommitted": "at a pause, after hours without a commit",
  "work.resumed": "you came back after hours, with work uncommitted",
}

const means: Readonly<Record<Exclude<keyof typeof ReflexData.fields, "name" | "when">, string>> = {
  reason: "why, in a sentence",
  files: "paths, one of which it is about: `*`, `**`, `?`; a name without `/` in any folder; `!` takes out",
  branch: "names of the branch, with `*`",
  how: "how HEAD moved: `pull`, `merge`, `checkout` ...",
  command: "the words of the command: literals, `a|b`, `{name}`, `...` for any number",
  exit: "exits, one of which it had",
  says: "texts, one of which was printed (or is in the commit's subject): `{name}` is a word, `{name...}` the rest of the line",
  not_says: "texts, none of which was",
  min_duration: 'how long it ran at least: `"5m"`',
  larger_than: 'how large a staged file is at least: `"10MB"`',
  exists: "paths that lie there, from where the command ran, else from the workspace",
  missing: "paths, none of which does",
  program: "programs that are installed",
  uncommitted: "paths, one of which has uncommitted changes; they become `{uncommitted}`",
  title: "what it says, with placeholders",
  run: "a line it offers to run, or several; the gate judges them as any other",
  note: "a sentence more",
  mode: "`notify` without `run` and `draft` with it, unless you say `digest` or `question`",
  timing: "`boundary`, `next`, `command` or `settled`: see below",
  urgent: "`true`: it need not wait. Only in your own folder",
  expires: "what ends it: `file`, `HEAD`, `index`, `next` (command in that shell)",
  once_per: "not again for the same `file`, `branch`, `commit`, `session`, `day` (18 hours), `workspace`",
  match: "situations in which it speaks, with what it `gives` or its `title`",
  no_match: "situations in which it is silent",
}

const timings: Readonly<Record<Timing, string>> = {
  boundary: "at the next pause: a command's end, a commit, a switch, a return; a few an hour",
  next: "the same, at a pause that comes after what brought it",
  command: "at the end of the command it answers",
  settled: "like `command`, or once the saves that brought it have been quiet",
}

const cell = (text: string): string => text.replaceAll("|", "\\|")
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")
const code = (text: string): string => `\`${text}\``

const families = offered.flatMap(({ corrections, name }) =>
  corrections.map((correction): ReadonlyArray<string> => [
    code(correction.name),
    code(name),
    correction.data === undefined ? "code" : "data",
    correction.data?.reason ?? "",
  ]),
)

/** The whole page. */
export const reflexesDoc = (): string => `# Reflexes

The rules that speak without a model, made from their own definitions by \`npm run docs:reflexes\`. \`claw reflex list\`
shows them with how each stands, \`disabledReflexes\` in \`claw.config.ts\` switches one off, and \`claw why\` tells of
each thing said, and of each silence, which rule it was.

## Write your own

Your own rules stand in \`reflexes/*.toml\` beside your \`claw.config.ts\` and count everywhere. A workspace's stand in
\`.claw/reflexes/*.toml\` and count there, once you trusted them with \`claw trust\`. Ten lines are enough:

\`\`\`toml
${checked(inToml).trimEnd()}
\`\`\`

The same in \`claw.config.ts\`:

\`\`\`ts
${inTypeScript.trimEnd()}
\`\`\`

\`claw reflex check\` says what is wrong, with file, line and key. \`claw reflex test FILE\` runs the examples. And
\`echo '{"when":"head.moved","how":"pull","files":["migrations/7.sql"]}' | claw reflex test\` says what your rules would.
There are no regular expressions, and a word from outside enters a line only where it is one harmless word. A line
that cannot simply be taken back (a forced push) is shown as a question with nothing ready to run.

### What it may wait for

${table(
  [code("when"), "what happened", "placeholders"],
  situationNames.map((when) => [
    code(when),
    waits[when],
    wordsOf(when)
      .map((name) => code(`{${name}}`))
      .join(" "),
  ]),
)}

### What it may say

${table(
  ["key", "what it is"],
  Object.entries(means).map(([key, text]) => [code(key), text]),
)}

## When one is seen

${table(
  ["timing", "when"],
  Object.entries(timings).map(([timing, text]) => [code(timing), text]),
)}

Nothing that is not urgent is shown while you type, in quiet hours, or after you said no to the same.

## What ships

${table(
  ["reflex", "what it says", "waits for", "timing"],
  reflexes.map(({ name, situations, timing }) => [
    code(name),
    aboutReflex(name) ?? "",
    situations.map(code).join(", "),
    timing ?? "boundary",
  ]),
)}

### Corrections of failed commands

${table(["rule", "reflex", "written as", "why"], families)}
`

if (import.meta.main) writeFileSync(docPath, reflexesDoc())
