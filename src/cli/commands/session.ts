/**
 * claw session: list, show, search, export; fork, rewind, rename, archive. Conversations as a whole; talking is
 * `claw chat`. Taking back files needs a terminal, because it changes them.
 */
import { nearCeiling } from "../../domain/costs.ts"
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { SessionItem, SessionView } from "../../rpc/sessions.ts"
import { allItems } from "../conversations.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { type Client, Session } from "../Session.ts"

const idArgument = Argument.String("id").pipe(
  Argument.withDescription("as claw session list prints it, the beginning of one, or latest"),
)

const connected = Effect.gen(function* () {
  const session = yield* Session
  const client = yield* session.attach
  const person = Effect.map(session.token, (token) => ({ token, surface: "cli" as const }))
  return { client, person }
})

const found = Effect.fnUntraced(function* (client: Client, id: string) {
  const { cwd } = yield* Invocation
  const here = id === "latest" ? cwd : null
  return yield* orExit(client.Session({ session: id, workspace: here }))
})

const dollars = ({ spent: { unpriced, usd } }: SessionView): string =>
  `$${usd.toFixed(usd >= 1 || usd === 0 ? 2 : 4)}${unpriced === 0 ? "" : "+"}`

const standing = (view: SessionView, colour: Paint): string => {
  if (view.state === "working") return colour("green", "works")
  if (view.state === "archived") return colour("dim", "archived")
  return view.rested === null || view.rested === "completed" ? "rests" : colour("yellow", view.rested)
}

const row = (view: SessionView, colour: Paint, nowMs: number): ReadonlyArray<string> => [
  colour("bold", view.session),
  standing(view, colour),
  clock(view.lastAt, nowMs),
  `${view.words} ${view.words === 1 ? "word" : "words"}`,
  dollars(view),
  `${safe(view.title === "" ? "(nothing said yet)" : view.title)}${view.workspace === null ? "" : colour("dim", `  (${safe(view.workspace)})`)}`,
]

const allFlag = Flag.Boolean("all").pipe(
  Flag.withDefault(false),
  Flag.withDescription("also archived ones and those of agents, of every workspace"),
)

const list = Command.make(
  "list",
  { all: allFlag, json: jsonFlag },
  Effect.fn(function* ({ all, json: asJson }) {
    const { client } = yield* connected
    const views = yield* orExit(client.Sessions({ all, workspace: null }))
    if (asJson) return yield* Effect.forEach(views, json, { discard: true })
    if (views.length === 0) return yield* Console.log("no conversation yet")
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(table(views.map((view) => row(view, colour, now))))
  }, Effect.scoped),
).pipe(
  Command.withDescription("the conversations, the one that moved last first"),
  Command.withExamples([
    { command: "claw session list --all", description: "also archived ones and those of agents" },
  ]),
)

/** An item in a line or a few. */
export const told = (item: SessionItem, colour: Paint): string | null => {
  const mark = colour("dim", `[${item.seq}]`)
  switch (item._tag) {
    case "said": {
      const files = item.files.map(({ path }) => `\n  + ${safe(path)}`).join("")
      return `${mark} ${colour("bold", "you")}: ${neutraliseLines(item.text)}${files}`
    }
    case "answered": {
      const text = item.parts.flatMap((part) => (part.type === "text" ? [neutraliseLines(part.text)] : []))
      const calls = item.parts.flatMap((part) =>
        part.type === "tool-call"
          ? [colour("blue", `  > ${safe(part.name)} ${safe(JSON.stringify(part.params)).slice(0, 160)}`)]
          : [],
      )
      return [`${mark} ${colour("bold", "claw")}: ${text.join("\n")}`, ...calls].join("\n")
    }
    case "results":
      return item.results
        .map(
          (one) =>
            `${mark}   ${one.ok ? "ok" : colour("red", "failed")} ${safe(one.tool)}${one.suggestion === null ? "" : colour("dim", `  (${one.suggestion})`)}`,
        )
        .join("\n")
    case "noted":
      return `${mark} ${colour("dim", safe(item.text))}`
    case "stopped":
      return `${mark} ${colour("yellow", "stopped")}`
    case "rested":
      return item.reason === "completed"
        ? null
        : `${mark} ${colour("yellow", `${item.reason}: ${safe(item.message)}`)}`
    case "compacted":
      return [
        `${mark} ${colour("dim", "everything before stands in this record:")}`,
        ...item.lines.map(
          (line) => `  ${line.section}: ${safe(line.text)} ${colour("dim", `[${line.seqs.join(", ")}]`)}`,
        ),
      ].join("\n")
    case "rewound":
      return `${mark} ${colour("yellow", `went back to before ${item.to}${item.files ? ", files too" : ""}`)}`
    case "failed":
      return `${mark} ${colour("red", safe(item.message))}`
    case "warned":
      return `${mark} ${colour("yellow", safe(nearCeiling(item)))}`
    case "changed":
      return item.model === undefined ? null : `${mark} ${colour("dim", `model: ${safe(item.model)}`)}`
    case "prepared":
      return null
  }
}

const show = Command.make(
  "show",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const { client } = yield* connected
    const view = yield* found(client, id)
    const items = yield* allItems(client, view.session)
    if (asJson) return yield* Effect.forEach([view, ...items], json, { discard: true })
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(table([row(view, colour, now)]))
    yield* Console.log(items.flatMap((item) => told(item, colour) ?? []).join("\n"))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what was said and done in a conversation, with the place in the log of each"),
  Command.withExamples([{ command: "claw session show latest", description: "the newest of this folder" }]),
)

const fork = Command.make(
  "fork",
  {
    id: idArgument,
    at: Flag.Int("at").pipe(
      Flag.optional,
      Flag.withDescription("place in the log it shall know up to; without it all"),
    ),
  },
  Effect.fn(function* ({ at, id }) {
    const { client, person } = yield* connected
    const view = yield* found(client, id)
    const made = yield* orExit(
      client.ForkSession({ ...(yield* person), session: view.session, at: Option.getOrNull(at) }),
    )
    yield* Console.log(made.session)
  }, Effect.scoped),
).pipe(
  Command.withDescription("begin another conversation with what this one said"),
  Command.withExamples([
    { command: "claw session fork latest --at 812", description: "with what was said up to there" },
  ]),
)

const rewind = Command.make(
  "rewind",
  {
    id: idArgument,
    to: Argument.Int("to").pipe(
      Argument.withDescription("the word to go back to before, as claw session show marks it"),
    ),
    what: Flag.Literals("what", ["conversation", "files", "both"]).pipe(
      Flag.withDefault("conversation" as const),
      Flag.withDescription("what goes back"),
    ),
  },
  Effect.fn(function* ({ id, to, what }) {
    const { client, person } = yield* connected
    const view = yield* found(client, id)
    if (what !== "conversation") {
      yield* needPerson("taking back files")
      if (!(yield* confirm(`take back what its calls changed since ${to}?`))) return
    }
    const done = yield* orExit(client.RewindSession({ ...(yield* person), session: view.session, to, what }))
    if (what !== "files") yield* Console.log(`${view.session} is where it was before ${to}`)
    if (what !== "conversation") yield* Console.log(`${done.undone.length} calls taken back`)
    for (const kept of done.kept) yield* Console.log(`kept: ${safe(kept)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("go back to before a word: in the conversation, in files, or in both"),
  Command.withExamples([
    { command: "claw session rewind latest 812 --what both", description: "asks before files change" },
  ]),
)

const rename = Command.make(
  "rename",
  {
    id: idArgument,
    title: Argument.String("title").pipe(Argument.withDescription("what it is called from here on")),
  },
  Effect.fn(function* ({ id, title }) {
    const { client, person } = yield* connected
    const view = yield* found(client, id)
    const named = yield* orExit(client.ChangeSession({ ...(yield* person), session: view.session, title }))
    yield* Console.log(`${named.session} ${safe(named.title)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("give a conversation another title"),
  Command.withExamples([{ command: 'claw session rename latest "the login bug"', description: "" }]),
)

const exported = Command.make(
  "export",
  {
    id: idArgument,
    format: Flag.Literals("format", ["markdown", "json"]).pipe(
      Flag.withDefault("markdown" as const),
      Flag.withDescription("for people, or for programs"),
    ),
  },
  Effect.fn(function* ({ format, id }) {
    const { client } = yield* connected
    const view = yield* found(client, id)
    const text = yield* orExit(client.ExportSession({ session: view.session, format }))
    yield* Console.log(text.replace(/\n$/, ""))
  }, Effect.scoped),
).pipe(
  Command.withDescription("a conversation as Markdown or JSON, on stdout"),
  Command.withExamples([{ command: "claw session export latest > talk.md", description: "" }]),
)

const archive = Command.make(
  "archive",
  {
    id: idArgument,
    restore: Flag.Boolean("restore").pipe(
      Flag.withDefault(false),
      Flag.withDescription("take it out of the archive"),
    ),
  },
  Effect.fn(function* ({ id, restore }) {
    const { client, person } = yield* connected
    const view = yield* found(client, id)
    const now = yield* orExit(
      client.ArchiveSession({ ...(yield* person), session: view.session, restored: restore }),
    )
    yield* Console.log(`${now.session} ${now.state === "archived" ? "is archived" : "is in the list"}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("put a conversation out of the list; its events stay"),
  Command.withExamples([
    { command: "claw session archive c_0123456789abcdef --restore", description: "back into the list" },
  ]),
)

const search = Command.make(
  "search",
  {
    text: Argument.String("text").pipe(Argument.withDescription("what was said, by you or by the model")),
    limit: Flag.Int("limit").pipe(Flag.withDefault(20), Flag.withDescription("places at most")),
    json: jsonFlag,
  },
  Effect.fn(function* ({ json: asJson, limit, text }) {
    const { client } = yield* connected
    const places = yield* orExit(client.SearchSessions({ text, workspace: null, limit }))
    if (asJson) return yield* Effect.forEach(places, json, { discard: true })
    if (places.length === 0) return yield* Console.log("nothing found")
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(
      table(
        places.map((place) => [
          colour("bold", place.session),
          colour("dim", `[${place.seq}]`),
          clock(place.at, now),
          safe(place.text),
        ]),
      ),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("places in conversations where something was said"),
  Command.withExamples([{ command: 'claw session search "rate limit"', description: "the newest first" }]),
)

export const session = Command.make("session").pipe(
  Command.withDescription("conversations: list, show, search, export, fork, rewind, rename, archive"),
  Command.withSubcommands([list, show, search, exported, fork, rewind, rename, archive]),
)
