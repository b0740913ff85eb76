/** claw status: daemon, workspaces, sources and their health, queue, spend, pause, last event; now or at a past moment. */
import { Clock, Console, Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import type { Moment, Status } from "../../rpc/shapes.ts"
import { orExit } from "../errors.ts"
import { usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { asOf, atFlag, pastOf } from "../past.ts"
import { Session } from "../Session.ts"

const healthColour = { running: "green", degraded: "yellow", failed: "red", stopped: "dim" } as const

type Source = Status["sources"][number]

/** Health comes in any order; a person looks for a place. */
const byPlace = (a: Source, b: Source): number => {
  const [one, other] = [a, b].map(({ component, workspace }) => `${workspace ?? ""} ${component}`)
  return one! < other! ? -1 : Number(one! > other!)
}

const daemonLine = (status: Status, nowMs: number): string =>
  `claw ${status.version}, pid ${status.pid}, since ${clock(status.startedAt, nowMs)}`

export const showStatus = (status: Status, colour: Paint, nowMs: number): string => {
  const paused = status.paused
    ? colour(
        "yellow",
        `paused${status.pausedUntil === null ? "" : ` until ${clock(status.pausedUntil, nowMs)}`}`,
      )
    : colour("green", "active")
  const sources = status.sources
    .toSorted(byPlace)
    .map((row) => [
      "",
      row.component.replace("source:", ""),
      colour(healthColour[row.state], row.state),
      `${[row.backend ?? "", safe(row.detail)].filter((part) => part !== "").join(", ")}${row.workspace === null ? "" : `  (${safe(row.workspace)})`}`,
    ])
  const last = status.lastEvent
  const facts = [
    ["daemon", status.startedAt === "" ? "none had run yet" : `${daemonLine(status, nowMs)}, ${paused}`],
    [
      "queue",
      `${status.queue.visible} to see (${status.queue.urgent} urgent), ${status.queue.waiting} waiting`,
    ],
    ...((status.tasks?.running ?? 0) === 0
      ? []
      : [["tasks", `${status.tasks?.running} in the background (claw task list)`]]),
    [
      "spend",
      status.spentToday === 0 && status.unpricedToday === undefined
        ? "nothing today"
        : `$${status.spentToday.toFixed(4)} today${status.unpricedToday === undefined ? "" : `, ${status.unpricedToday} calls unpriced`}`,
    ],
    ...(status.sandbox === undefined ? [] : [["sandbox", safe(status.sandbox)]]),
    ["log", `${status.log.seq} events in ${safe(status.log.dir)}, head ${status.log.hash.slice(0, 12)}`],
    ["last", last === null ? "nothing yet" : `${last.type} (seq ${last.seq}) at ${clock(last.at, nowMs)}`],
    [
      "watching",
      status.workspaces.length === 0
        ? "nothing: run claw up --workspace DIR"
        : status.workspaces.map(safe).join(", "),
    ],
  ]
  const degraded = status.degraded.map((line) => `${colour("yellow", "!")} ${safe(line)}`)
  return [table(facts), ...(sources.length === 0 ? [] : ["sources", table(sources)]), ...degraded].join("\n")
}

const print = Effect.fnUntraced(function* (status: Status, asJson: boolean) {
  if (asJson) return yield* json(status)
  yield* Console.log(showStatus(status, yield* paint, yield* Clock.currentTimeMillis))
})

const printPast = Effect.fnUntraced(function* (moment: Moment, asJson: boolean) {
  const { at, event, status } = moment
  if (asJson) return yield* json({ ...status, at })
  const colour = yield* paint
  const nowMs = yield* Clock.currentTimeMillis
  const ended = event?.type === "daemon.stopped" ? ["it had stopped"] : []
  yield* Console.log([asOf(moment, colour, nowMs), showStatus(status, colour, nowMs), ...ended].join("\n"))
})

export const status = Command.make(
  "status",
  {
    at: atFlag,
    json: jsonFlag,
    watch: Flag.Boolean("watch").pipe(
      Flag.withDefault(false),
      Flag.withDescription("print it again at each change"),
    ),
  },
  Effect.fn(function* ({ at, json: asJson, watch }) {
    if (Option.isSome(at) && watch) return yield* usage("--at and --watch: the past does not change")
    const past = yield* pastOf(at)
    if (past !== null) return yield* printPast(past.moment, asJson)
    const session = yield* Session
    const client = yield* session.attach
    if (!watch) return yield* print(yield* orExit(client.Status()), asJson)
    yield* orExit(client.StatusChanges().pipe(Stream.runForEach((now) => print(now, asJson))))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what the daemon watches, how it is, what waits"),
  Command.withExamples([
    { command: "claw status --json", description: "for a prompt or a status bar" },
    { command: "claw status --at 09:30", description: "how it was at half past nine" },
  ]),
)
