/** claw log: reads the log, filtered, as text or JSON; --follow stays. */
import { Clock, Console, Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import { describe } from "../../domain/describe.ts"
import type { Event, EventRecord } from "../../domain/event.ts"
import { isEventType } from "../../domain/event.ts"
import { harmlessJson } from "../../domain/neutralise.ts"
import type { LogQuery } from "../../rpc/ClawRpcs.ts"
import { orExit } from "../errors.ts"
import { usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, paint, type Paint, safe } from "../output.ts"
import { atFlag, pastOf } from "../past.ts"
import { rangeBound } from "../rangeBound.ts"
import { Session } from "../Session.ts"
import { finding, foundBy } from "./finding.ts"
import { keepingCommands } from "./keeping.ts"
import { rebuild } from "./rebuild.ts"

const familyColour: Record<string, "blue" | "green" | "yellow" | "dim" | "red"> = {
  git: "blue",
  terminal: "green",
  decision: "yellow",
  approval: "yellow",
  tool: "red",
  daemon: "dim",
}

const line = (event: EventRecord, colour: Paint, nowMs: number): string => {
  const text = isEventType(event.type) ? describe(event as Event) : JSON.stringify(event.payload)
  const family = event.type.split(".")[0] ?? ""
  return `${colour("dim", String(event.seq).padStart(7))}  ${clock(event.at, nowMs)}  ${colour(familyColour[family] ?? "bold", event.type.padEnd(18))} ${safe(text)}`
}

const shown = (event: EventRecord) =>
  harmlessJson({
    v: 1,
    seq: event.seq,
    id: event.id,
    at: event.at,
    type: event.type,
    workspace: event.workspace,
    actor: event.actor,
    trust: event.trust,
    causationId: event.causationId,
    correlationId: event.correlationId,
    payload: event.payload,
    hash: event.hash,
    ...(event.erased === true ? { erased: true } : {}),
    ...(event.archived === undefined ? {} : { archived: event.archived }),
  })

const isFiltered = (query: LogQuery): boolean =>
  Object.keys(query).some((key) => key !== "from" && key !== "to")

export const log = Command.make(
  "log",
  {
    n: Flag.Int("limit").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("the newest N that match"),
      Flag.optional,
    ),
    since: Flag.String("since").pipe(
      Flag.withMetavar("SEQ|TIME"),
      Flag.withDescription("from there on"),
      Flag.optional,
    ),
    until: Flag.String("until").pipe(
      Flag.withMetavar("SEQ|TIME"),
      Flag.withDescription("up to there"),
      Flag.optional,
    ),
    at: atFlag,
    type: Flag.String("type").pipe(
      Flag.withMetavar("GLOB"),
      Flag.withDescription("e.g. 'git.*'"),
      Flag.atLeast(0),
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("only what concerns it"),
      Flag.optional,
    ),
    ...finding,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDefault(false),
      Flag.withDescription("and what comes to be, without end"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* (flags) {
    const nowMs = yield* Clock.currentTimeMillis
    const session = yield* Session
    const { cwd } = yield* Invocation
    const colour = yield* paint
    const bounded = Option.isSome(flags.since) || Option.isSome(flags.until)
    const limit = Option.getOrElse(flags.n, () => (bounded || flags.json ? undefined : 30))
    if (limit !== undefined && limit < 0) return yield* usage("-n: give a number of events, 0 or more")
    const query: LogQuery = {
      ...(yield* rangeBound("since", flags.since, nowMs)),
      ...(yield* rangeBound("until", flags.until, nowMs)),
      ...(flags.type.length === 0 ? {} : { types: flags.type }),
      ...(Option.isNone(flags.workspace) ? {} : { workspace: resolve(cwd, flags.workspace.value) }),
      ...(yield* foundBy(flags)),
    }
    const print = (event: EventRecord) => Console.log(flags.json ? shown(event) : line(event, colour, nowMs))
    const printAll = (
      stream: Stream.Stream<ReadonlyArray<EventRecord>, { readonly _tag: string; readonly message: string }>,
    ) => orExit(Stream.runForEach(stream, (events) => Effect.forEach(events, print, { discard: true })))

    if (Option.isSome(flags.at) && flags.follow)
      return yield* usage("--at and --follow: the past does not go on")
    const past = yield* pastOf(flags.at)
    if (past !== null) {
      if (limit === undefined) return yield* printAll(past.log(query))
      const newest = yield* Stream.runCollect(past.log({ ...query, limit, reverse: true }))
      return yield* Effect.forEach(newest.flat().reverse(), print, { discard: true })
    }
    const client = yield* session.attach
    if (limit === undefined) return yield* printAll(client.Log({ query, follow: flags.follow }))
    // what is appended between the two looks belongs to the second
    const head = (yield* orExit(client.Status())).log.seq
    const to = Math.min(query.to ?? head, head)
    if (!isFiltered(query)) {
      // where nothing is left out the newest N are a range, which needs no memory however many they are
      const from = Math.max(query.from ?? 1, to - limit + 1)
      yield* printAll(client.Log({ query: { from, to }, follow: false }))
    } else {
      const newest = yield* orExit(
        client.Log({ query: { ...query, to, limit, reverse: true }, follow: false }).pipe(Stream.runCollect),
      )
      yield* Effect.forEach(newest.flat().reverse(), print, { discard: true })
    }
    if (!flags.follow) return
    const from = Math.max(query.from ?? 1, head + 1)
    yield* printAll(client.Log({ query: { ...query, from }, follow: true }))
  }, Effect.scoped),
).pipe(
  Command.withDescription("read the log"),
  Command.withExamples([
    { command: "claw log --type 'git.*' --since 1h", description: "what git did in the last hour" },
    {
      command: "claw log --path 'src/**' --exit '!0' --command 'npm test'",
      description: "all filters hold together",
    },
    { command: "claw log --at 2h", description: "what was the newest two hours ago" },
    { command: "claw log -n 5 --follow --json", description: "the last five and all that follow" },
  ]),
  // without one of these names, `claw log` reads
  Command.withSubcommands([...keepingCommands, rebuild]),
)
