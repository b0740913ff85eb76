/**
 * Writes docs/tools.md: every tool with purpose, hints, limits, fields, schema, examples, what the gate says of them and
 * what can be taken back. All of it is read from the tools' own definitions and from the shipped rules.
 * Invariant: the text depends on nothing of this machine, so that it can be compared byte for byte.
 */
import { Effect, Layer } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { memoryOracle } from "../policies/memoryOracle.ts"
import { Policies } from "../policies/Policies.ts"
import { Conversation } from "../src/act/Conversation.ts"
import { Journal } from "../src/act/Journal.ts"
import { Notifier } from "../src/act/Notifier.ts"
import { LanguageServers } from "../src/act/lsp/LanguageServers.ts"
import { Sandbox } from "../src/act/Sandbox.ts"
import { Tasks } from "../src/act/tasks/Tasks.ts"
import type { Tool } from "../src/act/Tool.ts"
import { ToolRegistry } from "../src/act/ToolRegistry.ts"
import type { Verdict } from "../src/domain/action.ts"
import { type Form, formsOf, kindTitle } from "../src/domain/toolFields.ts"

export const docPath = join(import.meta.dirname, "../docs/tools.md")

const home = "/home/dev"
const workspace = `${home}/proj`

/** The tools as they are defined; nothing of what they stand on is there. */
const registry = ToolRegistry.layer({
  holdsSecret: () => false,
  redact: (text) => text,
  // no call is made here
  agents: { look: () => Effect.never, queue: () => Effect.never },
}).pipe(
  Layer.provide([
    // what is looked for on the machine is taken as found
    Layer.mock(Sandbox, { find: (program) => Effect.succeed(`/usr/bin/${program}`), probes: [] }),
    Layer.mock(Notifier, {}),
    Layer.mock(Tasks, {}),
    Layer.mock(Conversation, {}),
    Layer.mock(Journal, {}),
    Layer.mock(LanguageServers, {}),
  ]),
)
const gate = Policies.layer({
  own: [],
  userDir: null,
  oracle: memoryOracle({ [`${workspace}/README.md`]: "file", [`${workspace}/src/a.ts`]: "file" }),
})

export const listedTools: Effect.Effect<ReadonlyArray<Tool>> = ToolRegistry.use(({ tools }) =>
  Effect.succeed(
    tools
      .filter((tool) => tool.listed)
      .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
  ),
).pipe(Effect.provide(registry))

/** Outside of code an angle bracket would be taken for HTML. */
const prose = (text: string): string =>
  text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? part.replaceAll("<", "&lt;") : part))
    .join("`")
const cell = (text: string): string =>
  prose(text)
    .replaceAll("|", "\\|")
    .replaceAll(/\s*\n\s*/g, " ")
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n")

/** The first sentence. */
const purpose = (description: string): string => /^.*?[.](?=\s|$)/s.exec(description)?.[0] ?? description

const someRead = ({ readOnlyForms }: Tool): string =>
  readOnlyForms.length === 0
    ? ""
    : `only reads with ${readOnlyForms
        .flatMap((form) => Object.values(form))
        .map((value) => `\`${String(value)}\``)
        .join(", ")}; with the others `

const hints = (tool: Tool): string => {
  const { readOnly, destructive, idempotent, openWorld } = tool.hints
  return [
    readOnly
      ? "reads only"
      : someRead(tool) + (destructive ? "can overwrite or delete" : "overwrites and deletes nothing"),
    openWorld ? "reaches beyond this machine" : "stays on this machine",
    idempotent ? "twice is as once" : "twice is not as once",
  ].join("; ")
}

const fieldsOf = (form: Form, open: boolean): string =>
  [
    ...(form.name === null ? [] : [`\`${form.name}\``, ""]),
    form.fields.length === 0
      ? open
        ? "Any fields: the input itself is the object."
        : "No fields."
      : table(
          ["field", "takes", "needed", "what it is"],
          form.fields.map((field) => [
            `\`${field.name}\``,
            field.kind === "choice"
              ? field.choices.map((choice) => `\`${choice}\``).join(", ")
              : kindTitle(field),
            field.required ? "yes" : "no",
            [field.description, field.limits].filter((part) => part !== "").join("; "),
          ]),
        ),
  ].join("\n")

const saidOf = ({ verdict, rule, reason }: Verdict): string =>
  `${verdict} (\`${rule}\`): ${prose(reason.replaceAll(workspace, "."))}`

const section = (tool: Tool, said: ReadonlyArray<string>): string =>
  [
    `## ${tool.name}`,
    "",
    prose(tool.description),
    "",
    `- **Hints:** ${hints(tool)}.`,
    ...tool.limits.map((limit) => `- **Limit:** ${prose(limit)}`),
    `- **Undo:** ${prose(tool.undo ?? "nothing to take back: it changes nothing")}`,
    "",
    formsOf(tool.inputSchema)
      .map((form) => fieldsOf(form, tool.inputSchema["additionalProperties"] === true))
      .join("\n\n"),
    "",
    ...tool.examples.flatMap((example, index) => [
      "```json",
      JSON.stringify(example, null, 2),
      "```",
      "",
      `The gate: ${said[index] ?? ""}`,
      "",
    ]),
    "<details><summary>JSON schema of the input</summary>",
    "",
    "```json",
    JSON.stringify(tool.inputSchema, null, 2),
    "```",
    "",
    "</details>",
  ].join("\n")

const intro = (tools: ReadonlyArray<Tool>): string =>
  `# Tools

What Claw can do, made from the tools' own definitions by \`node build/toolsDoc.ts\`. A model, a sub-agent and a person
call them in the same way, and each call passes the same gate: it is taken apart into effects, judged by the rules,
logged, and run only where a rule allows it or a person approved exactly it.

\`claw tool run NAME key=value ...\` runs one from the command line, \`!\` from the screen. "The gate" says what the shipped
rules answer to an example from a person in a plain repository: \`allow\` runs at once, \`ask\` waits for a person, \`deny\`
never runs. Your own rules and standing answers may say otherwise: \`claw policy explain\` tells.
What comes with text that an outsider could have written (a web page, a file, a command's output) makes every call that
changes something a question.

${table(
  ["tool", "for what", "hints"],
  tools.map((tool) => [
    `[\`${tool.name}\`](#${tool.name.toLowerCase()})`,
    purpose(tool.description),
    hints(tool),
  ]),
)}`

/** The whole page. */
export const toolsDoc: Effect.Effect<string> = Effect.gen(function* () {
  const tools = yield* listedTools
  const policies = yield* Policies
  const sections = yield* Effect.forEach(tools, (tool) =>
    Effect.map(
      Effect.forEach(tool.examples, (input) =>
        policies.judge(
          { tool: tool.name, input },
          { workspace, cwd: workspace, home, actor: "user:cli", trust: "trusted" },
        ),
      ),
      (verdicts) => section(tool, verdicts.map(saidOf)),
    ),
  )
  return `${[intro(tools), ...sections].join("\n\n")}\n`
}).pipe(Effect.provide(gate))

if (import.meta.main) writeFileSync(docPath, await Effect.runPromise(toolsDoc))
