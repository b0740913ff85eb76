/**
 * claw task: list, output, stop. Commands that run in the background, what they print, ending one. Stopping needs no
 * terminal, because it is safe; the log says who did it.
 */
import { Clock, Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { TaskView } from "../../rpc/taskShapes.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** `exit 0 after 1.2 s`, `stopped after 60.0 s`. */
const endText = ({ exit, reason, durationMs }: NonNullable<TaskView["ended"]>): string =>
  `${reason === "exited" && exit !== null ? `exit ${exit}` : reason} after ${seconds(durationMs)}`

const row = (view: TaskView, colour: Paint, nowMs: number): ReadonlyArray<string> => [
  colour("bold", view.task),
  view.ended === null ? colour("green", "runs") : "ended",
  view.ended === null ? `since ${clock(view.startedAt, nowMs)}` : endText(view.ended),
  `${view.bytes} bytes`,
  `${safe(view.title)}${view.workspace === null ? "" : colour("dim", `  (${safe(view.workspace)})`)}`,
]

const list = Command.make(
  "list",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also those that ended, the last hundred"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, json: asJson }) {
    const client = yield* (yield* Session).attach
    const views = yield* orExit(client.Tasks({ ended: all }))
    if (asJson) return yield* Effect.forEach(views, json, { discard: true })
    if (views.length === 0)
      return yield* Console.log(
        all ? "nothing ran in the background yet" : "nothing runs in the background (--all: what ended too)",
      )
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(table(views.map((view) => row(view, colour, now))))
  }, Effect.scoped),
).pipe(
  Command.withDescription("the commands that run in the background"),
  Command.withExamples([{ command: "claw task list --all", description: "also those that ended" }]),
)

const idArgument = Argument.String("id").pipe(Argument.withDescription("as claw task list prints it"))

/** How it stands, in one line. */
const standing = (view: TaskView): string => {
  if (view.ended === null) return `${view.task} runs, ${view.bytes} bytes so far`
  const message = view.ended.message === "" ? "" : `: ${safe(view.ended.message)}`
  return `${view.task} ended (${endText(view.ended)})${message}`
}

const output = Command.make(
  "output",
  {
    id: idArgument,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDefault(false),
      Flag.withDescription("go on until it ends"),
    ),
  },
  Effect.fn(function* ({ id, follow }) {
    const client = yield* (yield* Session).attach
    let last: TaskView | null = null
    yield* orExit(
      client.TaskOutput({ task: id, follow }).pipe(
        Stream.runForEach(
          Effect.fnUntraced(function* ({ missed, text, view }) {
            last = view
            if (missed > 0) yield* Console.error(`(${missed} bytes before this are no longer held)`)
            if (text !== "") yield* Console.log(neutraliseLines(text.replace(/\n$/, "")))
          }),
        ),
      ),
    )
    if (last !== null) yield* Console.error(standing(last))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what a background command printed, and how it stands"),
  Command.withExamples([
    { command: "claw task output t_0123456789ab", description: "what it printed so far" },
    { command: "claw task output t_0123456789ab --follow", description: "until it ends" },
  ]),
)

const stop = Command.make(
  "stop",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    const session = yield* Session
    const client = yield* session.attach
    const view = yield* orExit(client.StopTask({ task: id, token: yield* session.token, surface: "cli" }))
    yield* Console.log(standing(view))
  }, Effect.scoped),
).pipe(
  Command.withDescription("end a background command, with everything it started"),
  Command.withExamples([
    { command: "claw task stop t_0123456789ab", description: "returns when it is gone" },
  ]),
)

export const task = Command.make("task").pipe(
  Command.withDescription("commands that run in the background"),
  Command.withSubcommands([list, output, stop]),
)
