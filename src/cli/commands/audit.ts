/** claw audit: check, export and restore the log. */
import { Console, Effect, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { open, rm } from "node:fs/promises"
import { resolve } from "node:path"
import type { EventRecord } from "../../domain/event.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { safe } from "../output.ts"
import { Session } from "../Session.ts"
import { checkpoint, consistency, key, prove } from "./auditProve.ts"
import { verify } from "./auditVerify.ts"

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

/** A new file of the user's own; whatever fails, no half of one is left behind. */
const newFile = (path: string) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => open(path, "wx", 0o600),
      catch: (error) => fail(`${path} cannot be made: ${(error as Error).message}`),
    }),
    (file, exit) =>
      Effect.promise(async () => {
        await file.close()
        if (exit._tag === "Failure") await rm(path, { force: true })
      }),
  )

const exportLog = Command.make(
  "export",
  {
    file: Argument.String("file"),
    format: Flag.Literals("format", ["jsonl", "cloudevents"]).pipe(
      Flag.withDefault("jsonl" as const),
      Flag.withDescription("jsonl can be imported again"),
    ),
  },
  Effect.fn(function* ({ file, format }) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const client = yield* session.attach
    const path = resolve(cwd, file)
    const out = yield* newFile(path)
    const write = (lines: ReadonlyArray<string>) =>
      Effect.tryPromise({
        try: () => out.appendFile(lines.map((line) => `${line}\n`).join("")),
        catch: (error) => fail(`${path} cannot be written: ${(error as Error).message}`),
      })
    const lines =
      format === "jsonl"
        ? client.Export()
        : client
            .Log({ query: {}, follow: false })
            .pipe(Stream.map((events) => events.map((event) => JSON.stringify(cloudEvent(event)))))
    yield* orExit(Stream.runForEach(lines, write))
    yield* Effect.tryPromise({
      try: () => out.sync(),
      catch: (error) => fail(`${path} cannot be written: ${(error as Error).message}`),
    })
    yield* Console.error(`the log is in ${safe(path)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("write the whole log to a new file"),
  Command.withExamples([{ command: "claw audit export log.jsonl", description: "one event a line" }]),
)

const importLog = Command.make(
  "import",
  { file: Argument.String("file").pipe(Argument.withDescription("as claw audit export wrote it")) },
  Effect.fn(function* ({ file }) {
    const { cwd, directories, entry } = yield* Invocation
    const { restoreLog } = yield* Effect.promise(() => import("../../daemon/restore.ts"))
    const head = yield* restoreLog(entry, directories, resolve(cwd, file)).pipe(
      Effect.mapError((error) => fail(error.message)),
    )
    yield* Console.log(`${head.seq} events restored, every link holds; head ${head.seq} ${head.hash}`)
  }),
).pipe(
  Command.withDescription("restore an exported log where there is none yet; the daemon must be down"),
  Command.withExamples([
    { command: "claw audit import log.jsonl", description: "on a new machine, before claw up" },
  ]),
)

export const audit = Command.make("audit").pipe(
  Command.withDescription("integrity, proofs, export and restore of the log"),
  Command.withSubcommands([verify, checkpoint, prove, consistency, key, exportLog, importLog]),
)
