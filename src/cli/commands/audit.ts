/** claw replay and claw audit: run the decider over the past; check, export and restore the log. */
import { Console, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { createWriteStream } from "node:fs"
import { resolve } from "node:path"
import { once } from "node:events"
import type { EventRecord } from "../../domain/event.ts"
import { orExit } from "../errors.ts"
import { Exit, fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"
import { Session } from "../Session.ts"

export const replay = Command.make(
  "replay",
  {
    from: Flag.Int("from").pipe(Flag.withMetavar("SEQ"), Flag.optional),
    to: Flag.Int("to").pipe(Flag.withMetavar("SEQ"), Flag.optional),
    json: jsonFlag,
  },
  Effect.fn(function* ({ from, to, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const report = yield* orExit(client.Replay({ from: Option.getOrNull(from), to: Option.getOrNull(to) }))
    if (asJson) yield* json(report)
    else if (report.same) {
      yield* Console.log(`${report.events} events folded, ${report.decisions} decisions: every one the same`)
    }
    if (report.difference !== null) {
      const { seq, expected, found } = report.difference
      return yield* fail(`seq ${seq} differs\n  replayed: ${expected}\n  in the log: ${found}`)
    }
  }, Effect.scoped),
).pipe(
  Command.withDescription("fold the log again and run the decider over it, without acting"),
  Command.withExamples([
    { command: "claw replay --from 100", description: "compare the decisions from seq 100 on" },
  ]),
)

/** Through the daemon where one runs; else by a child of our own, which a damaged file may kill. */
const verifyAnywhere = Effect.gen(function* () {
  const session = yield* Session
  if (yield* session.isRunning) {
    const client = yield* session.attach
    return yield* orExit(client.Verify())
  }
  const { directories, entry } = yield* Invocation
  const { verifyOffline } = yield* Effect.promise(() => import("../../daemon/offline.ts"))
  return yield* verifyOffline(entry, directories.log)
})

const verify = Command.make(
  "verify",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const report = yield* verifyAnywhere
    if (asJson) yield* json(report)
    else if (report.ok) {
      yield* Console.log(
        `${report.events} events, every link holds; head ${report.head.seq} ${report.head.hash}`,
      )
    }
    if (report.failure !== null) return yield* fail(`seq ${report.failure.seq}: ${report.failure.message}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("check every link of the chain, every payload against its hash"),
  Command.withExamples([{ command: "claw audit verify", description: "names the first bad seq" }]),
)

const cloudEvent = (event: EventRecord) => ({
  specversion: "1.0",
  id: event.id,
  source: `claw:${event.workspace ?? ""}`,
  type: event.type,
  time: event.at,
  datacontenttype: "application/json",
  sequence: String(event.seq),
  data: event,
})

const exportLog = Command.make(
  "export",
  {
    file: Argument.String("file"),
    format: Flag.Literals("format", ["jsonl", "cloudevents"]).pipe(Flag.withDefault("jsonl" as const)),
  },
  Effect.fn(function* ({ file, format }) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const client = yield* session.attach
    const path = resolve(cwd, file)
    const out = yield* Effect.acquireRelease(
      Effect.sync(() => createWriteStream(path, { flags: "wx", mode: 0o600 })),
      (stream) => Effect.promise(() => new Promise<void>((done) => stream.end(() => done()))),
    )
    const opened = yield* Effect.promise(() =>
      once(out, "open").then(
        () => null,
        (error: Error) => error,
      ),
    )
    if (opened !== null) return yield* new Exit({ reason: "failed", message: `${path}: ${opened.message}` })
    let count = 0
    yield* orExit(
      client.Log({ query: {}, follow: false }).pipe(
        Stream.runForEach((events) =>
          Effect.promise(async () => {
            count += events.length
            const text = events
              .map((event) => `${JSON.stringify(format === "jsonl" ? event : cloudEvent(event))}\n`)
              .join("")
            if (!out.write(text)) await once(out, "drain")
          }),
        ),
      ),
    )
    yield* Console.error(`${count} events in ${path}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("write the whole log to a new file"),
  Command.withExamples([{ command: "claw audit export log.jsonl", description: "one event a line" }]),
)

export const audit = Command.make("audit").pipe(
  Command.withDescription("integrity and export of the log"),
  Command.withSubcommands([verify, exportLog]),
)
