/** Commands about Claw itself: help, status, version, doctor, settings; the look and the keys are the client's. */
import { Effect, type Schema } from "effect"
import { commandCategories } from "../../domain/command.ts"
import { themeNames } from "../../config/chatSettings.ts"
import { usageOf } from "../../domain/commandLine.ts"
import { type Command, define, markdown, table, text, wrong } from "./Command.ts"
import { Ground } from "./Ground.ts"

const marks = ({ mutates, resumeSafe }: Command): string =>
  [...(resumeSafe ? ["resume"] : []), ...(mutates ? ["changes"] : [])].map((mark) => ` [${mark}]`).join("")

const list = (commands: ReadonlyArray<Command>) =>
  commandCategories.flatMap((category) => {
    const rows = commands.filter((command) => command.category === category)
    return rows.length === 0
      ? []
      : [
          text(category),
          table(
            [],
            rows.map((row) => [`  ${usageOf(row)}`, `${row.summary}${marks(row)}`]),
          ),
        ]
  })

const one = (command: Command) => [
  markdown(`**${usageOf(command)}**  ${command.summary}.`),
  ...(command.aliases.length === 0
    ? []
    : [text(`also ${command.aliases.map((name) => `/${name}`).join(", ")}`)]),
  ...(command.arguments.length === 0
    ? []
    : [
        table(
          [],
          command.arguments.map(({ choices, name, required, summary }) => [
            `  ${name}${required ? "" : " (may be left out)"}`,
            choices.length === 0 ? summary : `${summary}: ${choices.join(", ")}`,
          ]),
        ),
      ]),
]

/** Made from the whole graph, so it is given it. */
export const help = (all: () => ReadonlyArray<Command>) =>
  define({
    name: "help",
    aliases: ["?"],
    category: "Core",
    summary: "what commands there are, or what one takes",
    arguments: [{ name: "command", kind: "command", summary: "the one to tell about" }],
    remoteSafe: true,
    resumeSafe: true,
    run: ({ command }) => {
      const name = command?.replace(/^\//, "").toLowerCase()
      const found = all().find(
        (each) => each.name === name || (name !== undefined && each.aliases.includes(name)),
      )
      if (name !== undefined && found === undefined) return Effect.fail(wrong(`there is no command /${name}`))
      return Effect.succeed({
        blocks: found === undefined ? list(all()) : one(found),
        data: (found === undefined ? all() : [found]).map((each) => each.name),
      })
    },
  })

const minutes = (from: string, nowMs: number): string =>
  `${Math.round((nowMs - Date.parse(from)) / 60_000)} min`

export const status = define({
  name: "status",
  category: "Core",
  summary: "how the daemon is, and this conversation",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* (_, { session }) {
    const ground = yield* Ground
    const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
    const state = yield* ground.status
    const here = session === null ? null : yield* ground.session(session, null)
    const { queue } = state
    const rows = [
      [
        "daemon",
        `claw ${state.version}, pid ${state.pid}, for ${minutes(state.startedAt, now)}, ${state.paused ? "paused" : "active"}`,
      ],
      ["queue", `${queue.visible} to see (${queue.urgent} urgent), ${queue.waiting} waiting`],
      ["spend", `$${state.spentToday.toFixed(4)} today`],
      ...(state.sandbox === undefined ? [] : [["sandbox", state.sandbox]]),
      ["log", `${state.log.seq} events`],
      ["watching", state.workspaces.length === 0 ? "nothing" : state.workspaces.join(", ")],
      ...state.degraded.map((line) => ["!", line]),
      ...(here === null
        ? []
        : [
            ["session", `${here.session} ${here.title}`],
            ["model", here.model],
            ["said", `${here.words} times, ${here.state}, $${here.spent.usd.toFixed(4)}`],
          ]),
    ]
    return {
      blocks: [table([], rows)],
      data: { status: { ...state }, session: here === null ? null : { ...here } } as unknown as Schema.Json,
    }
  }),
})

export const version = define({
  name: "version",
  category: "Core",
  summary: "which Claw this is",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* () {
    const state = yield* (yield* Ground).status
    return { blocks: [text(`claw ${state.version}`)], data: { version: state.version } }
  }),
})

export const doctor = define({
  name: "doctor",
  category: "Core",
  summary: "each thing that can be wrong, with its cure",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* () {
    const checks = yield* (yield* Ground).checks
    return {
      blocks: [
        table(
          [],
          checks.map(({ cure, detail, name, note, ok }) => [
            ok ? (note === true ? "note" : "ok") : "wrong",
            name,
            cure === null ? detail : `${detail}; ${cure}`,
          ]),
        ),
      ],
      data: checks.map((check) => ({ ...check })),
    }
  }),
})

const valueAt = (settings: Schema.Json, path: string): Schema.Json | undefined =>
  path.split(".").reduce<Schema.Json | undefined>((at, key) => {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined
    return Object.hasOwn(at, key) ? (at as Record<string, Schema.Json>)[key] : undefined
  }, settings)

/** `true` and `5` as JSON has them; anything else is a word. */
const settingOf = (typed: string): string | number | boolean =>
  typed === "true" || typed === "false"
    ? typed === "true"
    : /^-?\d+(?:\.\d+)?$/.test(typed)
      ? Number(typed)
      : typed.replace(/^"([^"]*)"$/, "$1")

export const config = define({
  name: "config",
  aliases: ["settings"],
  category: "Core",
  summary: "the settings in force, one of them, or another value for one in your own file",
  arguments: [
    { name: "key", kind: "setting", summary: "as section.key" },
    { name: "value", kind: "words", rest: true, summary: "what it shall be" },
  ],
  mutates: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ key, value }, { workspace }) {
    const ground = yield* Ground
    if (key !== undefined && value !== undefined) yield* ground.change(key, settingOf(value))
    const { files, settings } = yield* ground.settings(workspace)
    const found = key === undefined ? settings : valueAt(settings, key)
    if (found === undefined) return yield* wrong(`there is no setting ${key}`)
    return {
      blocks: [
        markdown(`\`\`\`json\n${JSON.stringify(found, null, 2)}\n\`\`\``),
        ...(key === undefined
          ? [
              table(
                [],
                files.map(({ file, message, state }) => [file, state, message]),
              ),
            ]
          : []),
      ],
      data: found,
    }
  }),
})

export const theme = define({
  name: "theme",
  category: "Core",
  summary: "the colours of conversations, from now on",
  arguments: [
    {
      name: "name",
      kind: "choice",
      choices: themeNames,
      summary: "which ones; none: what there is",
    },
  ],
})

export const vim = define({
  name: "vim",
  category: "Core",
  summary: "vim's keys in the line editor, or not, from now on",
  arguments: [{ name: "state", kind: "choice", choices: ["on", "off"], summary: "left out: the other way" }],
})

export const login = define({
  name: "login",
  category: "Core",
  summary: "give a key of a provider of models, or log in to it; this terminal asks",
  arguments: [
    { name: "provider", kind: "provider", summary: "left out: the one that lacks a credential" },
    {
      name: "way",
      kind: "choice",
      choices: ["key", "paste", "device"],
      summary: "left out: in a browser where the provider has that, else a key",
    },
  ],
})

export const exit = define({
  name: "exit",
  aliases: ["quit"],
  category: "Core",
  summary: "leave; the conversation stays",
})
