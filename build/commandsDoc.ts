/**
 * Writes docs/commands.md: every slash command with what it takes, changes and needs, and the shapes that scripts rely on.
 * The commands are read from the graph itself.
 * Invariant: the text depends on nothing of this machine, so that it can be compared byte for byte.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { commands } from "../src/agent/commands/registry.ts"
import type { Command } from "../src/agent/commands/Command.ts"
import { commandCategories } from "../src/domain/command.ts"
import { usageOf } from "../src/domain/commandLine.ts"

export const docPath = join(import.meta.dirname, "../docs/commands.md")

const cell = (text: string): string => text.replaceAll("|", "\\|")
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")

const yes = (holds: boolean): string => (holds ? "yes" : "")

const argumentsOf = ({ arguments: list }: Command): string =>
  list
    .map(({ choices, name, summary }) =>
      choices.length === 0
        ? `\`${name}\`: ${summary}`
        : `\`${name}\`: ${summary} (${choices.map((one) => `\`${one}\``).join(", ")})`,
    )
    .join("; ")

const rows = (list: ReadonlyArray<Command>): string =>
  table(
    [
      "command",
      "does",
      "takes",
      "needs a session",
      "changes something",
      "from a device",
      "without a terminal",
    ],
    list.map((command) => [
      `\`${usageOf(command)}\`${command.aliases.map((name) => `, \`/${name}\``).join("")}`,
      command.summary,
      argumentsOf(command),
      yes(command.needsSession),
      yes(command.mutates),
      yes(command.remoteSafe),
      yes(command.resumeSafe),
    ]),
  )

const intro = `# Slash commands

Made from the graph of commands (\`src/agent/commands\`) by \`node build/commandsDoc.ts\`; help, completion and the daemon's
checks are made from the same rows.

A line that begins with \`/\` is a command. A name may be cut short where what is left is of one command only, and a wrong
one is answered with the nearest. What changes something needs a person's own client. "From a device": it may come from
another machine of yours. "Without a terminal": \`claw --resume SESSION /cost /status\` runs it with no model and nobody there.`

const keys = `## Keys of \`claw chat\`

| key | does |
| --- | --- |
| Enter | sends; after a backslash, and with Alt or Shift, it begins a new line |
| Tab, Shift-Tab | completes commands, their arguments, and files behind \`@\` |
| Up, Down, Ctrl-P, Ctrl-N | lines of the text, then what was said before (from the log); Ctrl-R looks for what holds the text |
| Ctrl-A, Ctrl-E, Alt-B, Alt-F | begin and end of the line, words |
| Ctrl-U, Ctrl-K, Ctrl-W, Alt-D, Ctrl-Y | cuts to the begin, to the end, the word before, the word behind; puts back |
| Esc | clears the line (Ctrl-Y puts it back); with \`/vim\` it goes to the commands |
| Ctrl-C | stops the work; at an empty line twice within a second it leaves |
| Ctrl-D | leaves at an empty line; the conversation stays |
| y, n, r, d, Esc | at an approval: yes, no, no with a reason, all of it, later |

An approval is answered with a key that was pressed by itself, at an empty line, once it could be read; what is not of low
risk, or has no sandbox, takes two. A question is answered in words or by number. A file named \`@path\` goes along.`

const headless = `## Without anybody there

\`claw -p "words"\` says something and prints the last words of the answer; piped text goes along as a file, or is the word
where there is no other. \`claw ask "words"\` streams them. Neither ever answers for a person.

| flag | does |
| --- | --- |
| \`--output text\\|json\\|stream-json\` | the last words; one object; everything as it comes, one object a line, and the object last |
| \`--model MODEL\`, \`--effort EFFORT\` | which model; how hard it thinks before it answers: low, medium, high, xhigh or max (left out: as \`models.effort\` says) |
| \`--resume SESSION\` | which conversation (an id, a beginning of one, \`latest\`) |
| \`--max-turns N\`, \`--max-usd USD\` | answers of the model, and what it may cost, at most |
| \`--tools A,B\` | only these tools |
| \`--schema FILE\` | the answer is JSON of this JSON schema (\`structured\` in the object) |
| \`--wait\` | where it needs a person, wait until somebody answered elsewhere |

The object:

\`\`\`json
{"v":1,"type":"result","session":"c_...","model":"...","ended":"completed","message":"","answer":"...","turns":1,"usage":{"input":0,"output":0,"cacheRead":0,"cacheWrite":0},"usd":0.01,"waiting":[]}
\`\`\`

\`ended\` is \`completed\`, \`stopped\`, \`steps\`, \`tokens\`, \`time\`, \`money\`, \`loop\`, \`failed\`, \`refused\`, \`waiting\` (a person is
needed: \`waiting\` lists \`{id, title, question}\`) or \`lost\` (the daemon went away). \`usd\` is null where a price is not known.
Lines of a stream are \`{"v":1,"type":...}\`: \`said\`, \`prepared\`, \`answered\`, \`results\`, \`noted\`, \`failed\`, \`stopped\`, \`rested\`,
\`changed\`, \`compacted\`, \`rewound\` and \`warned\` are events, with their \`seq\`; \`text\`, \`reasoning\`, \`tool\`, \`again\`, \`paused\`, \`open\` and
\`live\` are views of what comes.

| exit | means |
| --- | --- |
| 0 | it completed |
| 1 | it failed, or came to a limit; the message says which |
| 4 | no such conversation |
| 5 | refused |
| 6 | a person is needed: the message names the id in the queue, and the work goes on once it is answered |
| 130 | stopped |

A command prints its text; with \`--output json\` it is \`{"v":1,"command":"cost","data":...}\`, one line a command.`

/** The whole page. */
export const commandsDoc = (): string =>
  `${[
    intro,
    ...commandCategories.flatMap((category) => {
      const list = commands.filter((command) => command.category === category)
      return list.length === 0 ? [] : [`## ${category}`, rows(list)]
    }),
    keys,
    headless,
  ].join("\n\n")}\n`

if (import.meta.main) writeFileSync(docPath, commandsDoc())
