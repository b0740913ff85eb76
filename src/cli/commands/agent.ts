/**
 * claw agent: list, show, watch, send, stop, discard, tidy. Agents that conversations gave tasks to, and the kinds there are.
 * Stopping needs no terminal, because it is safe; taking a worktree away does, because what is in it is lost.
 */
import { Clock, Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { AgentView } from "../../rpc/agents.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { Session } from "../Session.ts"
import { told } from "./session.ts"

const idArgument = Argument.String("id").pipe(
  Argument.withDescription("as claw agent list prints it, or the beginning of one"),
)

const connected = Effect.gen(function* () {
  const session = yield* Session
  const client = yield* session.attach
  const person = Effect.map(session.token, (token) => ({ token, surface: "cli" as const }))
  return { client, person }
})

const colours: Readonly<Record<AgentView["state"], "green" | "yellow" | "red" | "dim">> = {
  queued: "dim",
  running: "green",
  waiting: "yellow",
  succeeded: "dim",
  failed: "red",
  "timed-out": "red",
  cancelled: "dim",
  lost: "red",
}

const row = (view: AgentView, colour: Paint, nowMs: number): ReadonlyArray<string> => [
  colour("bold", view.agent),
  colour(colours[view.state], view.state),
  safe(view.type),
  clock(view.endedAt ?? view.startedAt ?? view.queuedAt, nowMs),
  `$${view.spent.usd.toFixed(view.spent.usd >= 1 || view.spent.usd === 0 ? 2 : 4)}${view.spent.unpriced === 0 ? "" : "+"}`,
  `${"  ".repeat(view.depth - 1)}${safe(view.title)}`,
]

/** What a person has to do about it. */
const toDo = (view: AgentView): ReadonlyArray<string> => [
  ...view.on.map((id) => `waits for an answer: claw show ${id}`),
  ...(view.tree?.state === "proposed" && view.patch !== null ? [`its changes: claw show ${view.patch}`] : []),
  ...(view.tree?.state === "kept"
    ? [
        `its changes were not taken and stand in ${safe(view.tree.path)} (claw agent discard ${view.agent} takes them away)`,
      ]
    : []),
]

const list = Command.make(
  "list",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also those that ended, and the kinds there are here"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, json: asJson }) {
    const { client } = yield* connected
    const views = yield* orExit(client.Agents({ all: true, session: null }))
    const shown = views.filter(
      (view) =>
        all || view.endedAt === null || view.tree?.state === "kept" || view.tree?.state === "proposed",
    )
    if (asJson) return yield* Effect.forEach(shown, json, { discard: true })
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(
      shown.length === 0
        ? all
          ? "no agent worked yet"
          : "no agent is at work (--all: what ended too)"
        : table(shown.map((view) => row(view, colour, now))),
    )
    for (const view of shown)
      for (const line of toDo(view)) yield* Console.log(`${colour("bold", view.agent)} ${line}`)
    const { cwd } = yield* Invocation
    const { kinds, problems, strays } = yield* orExit(client.AgentKinds({ workspace: cwd }))
    for (const stray of strays)
      yield* Console.log(
        `a worktree that no agent has: ${safe(stray)} (claw agent tidy takes it away if nothing is lost by it)`,
      )
    if (!all) return
    yield* Console.log("")
    yield* Console.log(
      table(
        kinds.map((kind) => [
          colour("bold", safe(kind.name)),
          kind.source === "claw"
            ? ""
            : `${safe(kind.source)}${kind.trusted ? "" : colour("yellow", " (not trusted: claw trust)")}`,
          safe(kind.description),
        ]),
      ),
    )
    for (const problem of problems) yield* Console.log(`! ${safe(problem)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("agents at work, and those whose changes wait"),
  Command.withExamples([
    { command: "claw agent list --all", description: "also those that ended, and the kinds there are here" },
  ]),
)

const show = Command.make(
  "show",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const { client } = yield* connected
    const found = yield* orExit(client.Agent({ agent: id }))
    if (asJson) return yield* json(found)
    const { answer, prompt, view } = found
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(table([row(view, colour, now)]))
    yield* Console.log(`of ${view.session}${view.background ? ", in the background" : ""}`)
    if (view.message !== "") yield* Console.log(neutraliseLines(view.message))
    for (const line of toDo(view)) yield* Console.log(line)
    yield* Console.log(`\n${colour("bold", "task")}: ${neutraliseLines(prompt)}`)
    if (answer !== "") yield* Console.log(`\n${colour("bold", "answer")}: ${neutraliseLines(answer)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("one agent: its task, how it stands, what it answered"),
  Command.withExamples([{ command: "claw agent show c_0123456789abcdef", description: "its task and end" }]),
)

const watch = Command.make(
  "watch",
  { id: idArgument, json: jsonFlag },
  Effect.fn(function* ({ id, json: asJson }) {
    const { client } = yield* connected
    const { view } = yield* orExit(client.Agent({ agent: id }))
    const colour = yield* paint
    const session = view.agent
    yield* orExit(
      client.FollowSession({ session, from: 0, untilRested: true }).pipe(
        Stream.runForEach((part) => {
          if (part._tag !== "item") return Effect.void
          if (asJson) return json(part.item)
          const line = told(part.item, colour)
          return line === null ? Effect.void : Console.log(line)
        }),
      ),
    )
    const after = yield* orExit(client.Agent({ agent: session }))
    if (!asJson) yield* Console.error(`${session} ${after.view.state}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("what an agent says and does, until it ends"),
  Command.withExamples([{ command: "claw agent watch c_0123456789abcdef", description: "until it ends" }]),
)

const send = Command.make(
  "send",
  {
    id: idArgument,
    text: Argument.String("text").pipe(Argument.withDescription("what it shall know or do")),
  },
  Effect.fn(function* ({ id, text }) {
    const { client, person } = yield* connected
    yield* orExit(client.SendAgent({ ...(yield* person), agent: id, text }))
    yield* Console.log("it hears that before its next step")
  }, Effect.scoped),
).pipe(
  Command.withDescription("say something to an agent that works"),
  Command.withExamples([
    { command: 'claw agent send c_0123456789abcdef "leave the tests alone"', description: "while it works" },
  ]),
)

const stop = Command.make(
  "stop",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    const { client, person } = yield* connected
    const stopped = yield* orExit(client.StopAgent({ ...(yield* person), agent: id }))
    yield* Console.log(stopped.length === 0 ? "it had ended already" : `stopping ${stopped.join(", ")}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("end an agent, with all agents of its own"),
  Command.withExamples([{ command: "claw agent stop c_0123456789abcdef", description: "and all below it" }]),
)

const discard = Command.make(
  "discard",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    yield* needPerson("taking a worktree away")
    const { client, person } = yield* connected
    const { view } = yield* orExit(client.Agent({ agent: id }))
    const path = view.tree?.path ?? "its worktree"
    if (!(yield* confirm(`take ${safe(path)} away, with all that is in it?`))) return
    yield* orExit(client.DiscardAgent({ ...(yield* person), agent: view.agent }))
    yield* Console.log(`${safe(path)} is gone`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("take away the worktree of an agent whose changes were not taken"),
  Command.withExamples([{ command: "claw agent discard c_0123456789abcdef", description: "asks first" }]),
)

const tidy = Command.make(
  "tidy",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const { client, person } = yield* connected
    const done = yield* orExit(client.TidyAgents(yield* person))
    if (asJson) return yield* json({ v: 1, ...done })
    for (const path of done.removed) yield* Console.log(`took ${safe(path)} away: nothing was changed in it`)
    for (const { path, why } of done.kept) yield* Console.log(`left ${safe(path)}: ${safe(why)}`)
    if (done.removed.length + done.kept.length === 0) yield* Console.log("no worktree is left behind")
  }, Effect.scoped),
).pipe(
  Command.withDescription("take away worktrees that nobody works in and in which nothing was changed"),
  Command.withExamples([
    { command: "claw agent tidy", description: "those that hold changes stay, and are told of" },
  ]),
)

export const agent = Command.make("agent").pipe(
  Command.withDescription("agents that conversations gave tasks to"),
  Command.withSubcommands([list, show, watch, send, stop, discard, tidy]),
)
