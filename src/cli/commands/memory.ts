/**
 * claw memory: what Claw keeps in mind, what waits in the inbox, and changing either. Whatever lets something in needs a
 * person at a terminal; turning down and forgetting can be taken back and need none.
 */
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { MemoryView } from "../../rpc/memories.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { needPerson } from "../person.ts"
import { Session } from "../Session.ts"

const idArgument = Argument.String("id").pipe(
  Argument.withDescription("as claw memory list prints it, or a beginning of it"),
)
const textArgument = Argument.String("text").pipe(Argument.withDescription("in your words"))

const whereOf = ({ scope, workspace }: MemoryView): string =>
  scope === "user" ? "everywhere" : safe(workspace ?? "")

const oneLine = (text: string): string => safe(text.split("\n").join(" "))

const row = (memory: MemoryView, colour: Paint): ReadonlyArray<string> => [
  colour("bold", memory.id),
  memory.layer,
  memory.state === "known" ? (memory.uses === 0 ? "never told" : `told ${memory.uses}x`) : memory.state,
  `${oneLine(memory.text)}${colour("dim", `  (${whereOf(memory)})`)}`,
]

const shown = Effect.fnUntraced(function* (views: ReadonlyArray<MemoryView>, asJson: boolean, none: string) {
  if (asJson) return yield* Effect.forEach(views, json, { discard: true })
  if (views.length === 0) return yield* Console.log(none)
  const colour = yield* paint
  yield* Console.log(table(views.map((view) => row(view, colour))))
})

const list = Command.make(
  "list",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("of every workspace, also what was turned down or forgotten"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, json: asJson }) {
    const client = yield* (yield* Session).attach
    const { cwd } = yield* Invocation
    const views = yield* orExit(
      all
        ? client.Memories({ dir: null, states: ["known", "proposed", "rejected", "forgotten"] })
        : client.Memories({ dir: cwd, states: ["known"] }),
    )
    yield* shown(views, asJson, "nothing is remembered here yet (claw memory remember)")
  }, Effect.scoped),
).pipe(
  Command.withDescription("what is remembered here"),
  Command.withExamples([{ command: "claw memory list --all", description: "everywhere, and what is gone" }]),
)

const inbox = Command.make(
  "inbox",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const client = yield* (yield* Session).attach
    const views = yield* orExit(client.Memories({ dir: null, states: ["proposed"] }))
    if (asJson || views.length === 0) return yield* shown(views, asJson, "nothing waits for an answer")
    const colour = yield* paint
    for (const view of views) {
      yield* Console.log(table([row(view, colour)]))
      const from = view.trust === "untrusted" ? "not your words: read it before you accept it" : "your words"
      const replaces =
        view.replaces.length === 0 ? "" : `; would take the place of ${view.replaces.join(", ")}`
      yield* Console.log(
        `    ${view.origin}, rests on ${view.evidence.join(", ") || "nothing"}; ${from}${replaces}`,
      )
    }
    yield* Console.log("claw memory accept ID, reject ID, or show ID for what it rests on")
  }, Effect.scoped),
).pipe(
  Command.withDescription("what Claw would like to remember, and waits for your yes"),
  Command.withExamples([{ command: "claw memory inbox", description: "with what each rests on" }]),
)

const show = Command.make(
  "show",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const client = yield* (yield* Session).attach
    const history = yield* orExit(client.Memory({ id }))
    if (asJson) return yield* json({ v: 1, ...history })
    const { events, evidence, memory } = history
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(`${colour("bold", memory.id)}  ${memory.layer}, ${memory.state}, ${whereOf(memory)}`)
    yield* Console.log(neutraliseLines(memory.text))
    yield* Console.log(
      `topic: ${safe(memory.topic)}; from: ${memory.origin}; ${memory.trust}; confidence ${memory.confidence}`,
    )
    if (evidence.length > 0) {
      yield* Console.log("rests on:")
      yield* Console.log(
        table(evidence.map(({ at, seq, text }) => [String(seq), clock(at, now), safe(text)])),
      )
    }
    yield* Console.log("history:")
    yield* Console.log(
      table(events.map(({ actor, at, seq, text }) => [String(seq), clock(at, now), safe(actor), safe(text)])),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("one memory: its words, what it rests on, what became of it"),
  Command.withExamples([
    { command: "claw memory show k_0123", description: "a beginning of the id is enough" },
  ]),
)

const search = Command.make(
  "search",
  {
    query: Argument.String("query").pipe(Argument.withDescription("words of it")),
    limit: Flag.Int("limit").pipe(
      Flag.withAlias("n"),
      Flag.withDefault(10),
      Flag.withDescription("how many at most"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ json: asJson, limit, query }) {
    const client = yield* (yield* Session).attach
    const { cwd } = yield* Invocation
    const views = yield* orExit(client.FindMemories({ query, dir: cwd, limit: Math.max(1, limit) }))
    yield* shown(views, asJson, "nothing of that kind is remembered here")
  }, Effect.scoped),
).pipe(
  Command.withDescription("find memories that hold here by their words"),
  Command.withExamples([{ command: 'claw memory search "run one test"', description: "the best first" }]),
)

const remember = Command.make(
  "remember",
  {
    text: textArgument,
    fact: Flag.Boolean("fact").pipe(
      Flag.withDefault(false),
      Flag.withDescription("it says what is so, not how to work"),
    ),
    everywhere: Flag.Boolean("everywhere").pipe(
      Flag.withDefault(false),
      Flag.withDescription("in every workspace, not in this one alone"),
    ),
    topic: Flag.String("topic").pipe(Flag.optional, Flag.withDescription("a few words to find it by")),
    json: jsonFlag,
  },
  Effect.fn(function* ({ everywhere, fact, json: asJson, text, topic }) {
    yield* needPerson("remembering something for you")
    const session = yield* Session
    const client = yield* session.ensure
    const { cwd } = yield* Invocation
    const { memory, near } = yield* orExit(
      client.Remember({
        text,
        topic: Option.getOrElse(topic, () => ""),
        layer: fact ? "fact" : "rule",
        scope: everywhere ? "user" : "workspace",
        dir: cwd,
        surface: "cli",
        token: yield* session.token,
      }),
    )
    if (asJson) return yield* json(memory)
    yield* Console.log(`remembered ${memory.id}: ${oneLine(memory.text)}`)
    for (const one of near)
      yield* Console.error(
        `about the same, and still known: ${one.id} ${oneLine(one.text)} (claw memory forget ${one.id})`,
      )
  }, Effect.scoped),
).pipe(
  Command.withDescription("keep a rule, or a fact, for every conversation here from now on"),
  Command.withExamples([
    {
      command: 'claw memory remember "run the tests with pnpm test"',
      description: "a rule of this workspace",
    },
    {
      command: 'claw memory remember --fact --everywhere "my editor is Helix"',
      description: "a fact, everywhere",
    },
  ]),
)

const status = Command.make(
  "status",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const client = yield* (yield* Session).attach
    const { cwd } = yield* Invocation
    const view = yield* orExit(client.MemorySearch({ dir: cwd }))
    if (asJson) return yield* json(view)
    const { embedded, known, model, problem, waiting } = view
    yield* Console.log(`${known} known here, ${waiting} waiting for an answer`)
    if (model === null)
      return yield* Console.log(
        'found by their words; by what they mean too with claw config edit: memory: { embeddings: "local/nomic-embed-text" }',
      )
    yield* Console.log(
      `found by their words, and in conversations by what ${safe(model)} says they mean: it was asked about ${embedded} of ${known}`,
    )
    if (problem !== null) yield* Console.log(`by words alone for now: ${safe(problem)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("how much is remembered here, and how it is found"),
  Command.withExamples([
    { command: "claw memory status", description: "whether a model says what memories mean, and which" },
  ]),
)

type Answer = Parameters<Effect.Success<Session["Service"]["attach"]>["AnswerMemory"]>[0]["answer"]

const answered = Effect.fnUntraced(function* (id: string, answer: Answer, said: string) {
  const session = yield* Session
  const client = yield* session.attach
  const token = yield* session.token
  const memory = yield* orExit(client.AnswerMemory({ id, answer, token, surface: "cli" }))
  yield* Console.log(`${said} ${memory.id}: ${oneLine(memory.text)}`)
})

const accept = Command.make(
  "accept",
  {
    id: idArgument,
    text: Flag.String("as").pipe(Flag.optional, Flag.withDescription("in these words instead")),
  },
  Effect.fn(function* ({ id, text }) {
    yield* needPerson("letting something into memory")
    yield* answered(id, { kind: "accept", text: Option.getOrNull(text) }, "remembered")
  }, Effect.scoped),
).pipe(
  Command.withDescription("let in what waits in the inbox"),
  Command.withExamples([
    { command: 'claw memory accept k_0123 --as "use pnpm here"', description: "in other words" },
  ]),
)

const reject = Command.make(
  "reject",
  {
    id: idArgument,
    reason: Flag.String("reason").pipe(Flag.optional, Flag.withDescription("why not")),
  },
  Effect.fn(function* ({ id, reason }) {
    yield* answered(id, { kind: "reject", reason: Option.getOrElse(reason, () => "") }, "turned down")
  }, Effect.scoped),
).pipe(
  Command.withDescription("turn down what waits in the inbox; it is not proposed again"),
  Command.withExamples([{ command: "claw memory reject k_0123", description: "restore takes it back" }]),
)

const edit = Command.make(
  "edit",
  { id: idArgument, text: textArgument },
  Effect.fn(function* ({ id, text }) {
    yield* needPerson("changing what is remembered")
    yield* answered(id, { kind: "edit", text }, "now")
  }, Effect.scoped),
).pipe(
  Command.withDescription("put what is known in other words; the old ones stay in the log"),
  Command.withExamples([
    { command: 'claw memory edit k_0123 "use pnpm, never npm"', description: "a new memory in its place" },
  ]),
)

const forget = Command.make("forget", { id: idArgument }, ({ id }) =>
  Effect.scoped(answered(id, { kind: "forget" }, "forgot")),
).pipe(
  Command.withDescription("no longer tell or find it; restore takes that back"),
  Command.withExamples([{ command: "claw memory forget k_0123", description: "it stays in the log" }]),
)

const restore = Command.make(
  "restore",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    yield* needPerson("letting something into memory")
    yield* answered(id, { kind: "restore" }, "remembered again")
  }, Effect.scoped),
).pipe(
  Command.withDescription("take back a no, or a forgetting"),
  Command.withExamples([{ command: "claw memory restore k_0123", description: "it counts again" }]),
)

export const memory = Command.make("memory").pipe(
  Command.withDescription("what Claw remembers, and what it would like to"),
  Command.withSubcommands([
    list,
    status,
    inbox,
    show,
    search,
    remember,
    accept,
    reject,
    edit,
    forget,
    restore,
  ]),
)
