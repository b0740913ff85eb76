/**
 * claw audit export and import. An export ends with a cursor, from which the next one goes on; `-` writes to stdout, and
 * with --follow never ends.
 */
import { Console, Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { open, rm } from "node:fs/promises"
import { resolve } from "node:path"
import { type Cursor, decodeCursor, encodeCursor } from "../../domain/cursor.ts"
import { harmlessJson, harmlessJsonText } from "../../domain/neutralise.ts"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { safe } from "../output.ts"
import { Session } from "../Session.ts"

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

interface Out {
  readonly write: (lines: ReadonlyArray<string>) => Effect.Effect<void, ReturnType<typeof fail>>
  readonly end: Effect.Effect<void, ReturnType<typeof fail>>
}

const toFile = Effect.fnUntraced(function* (path: string) {
  const out = yield* newFile(path)
  const attempt = (body: () => Promise<void>) =>
    Effect.tryPromise({
      try: body,
      catch: (error) => fail(`${path} cannot be written: ${(error as Error).message}`),
    })
  return {
    write: (lines) => attempt(() => out.appendFile(lines.map((line) => `${line}\n`).join(""))),
    end: attempt(() => out.sync()),
  } satisfies Out
})

/** A line is its own text on a pipe; a terminal is shown nothing raw. */
const toStdout = Effect.map(Invocation, ({ stdoutIsTerminal }): Out => ({
  write: (lines) =>
    lines.length === 0
      ? Effect.void
      : Console.log((stdoutIsTerminal ? lines.map(harmlessJsonText) : lines).join("\n")),
  end: Effect.void,
}))

interface Line {
  readonly seq?: number
  readonly events?: number
  readonly hash?: string
}

/** Where these lines end: the last event, or what the header says. */
const endOf = (lines: ReadonlyArray<string>): Cursor | null => {
  const line = lines.at(-1)
  if (line === undefined) return null
  const { seq, events, hash } = JSON.parse(line) as Line
  const at = seq ?? events
  return at === undefined || hash === undefined ? null : { seq: at, hash }
}

export const exportLog = Command.make(
  "export",
  {
    file: Argument.String("file").pipe(Argument.withDescription("a new file; - is stdout")),
    format: Flag.Literals("format", ["jsonl", "cloudevents"]).pipe(
      Flag.withDefault("jsonl" as const),
      Flag.withDescription("jsonl can be imported again"),
    ),
    after: Flag.String("after").pipe(
      Flag.withMetavar("CURSOR"),
      Flag.withDescription("go on where an export before this one ended"),
      Flag.optional,
    ),
    to: Flag.Int("to").pipe(
      Flag.withMetavar("SEQ"),
      Flag.withDescription("the last event of it"),
      Flag.optional,
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDefault(false),
      Flag.withDescription("with -: what comes to be, without end"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ after, file, follow, format, json, to }) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const onStdout = file === "-"
    if (follow && !onStdout) return yield* usage("--follow writes to stdout: give - as the file")
    if (follow && Option.isSome(to)) return yield* usage("--follow has no end: leave --to out")
    const client = yield* session.attach
    const path = resolve(cwd, file)
    const out: Out = onStdout ? yield* toStdout : yield* toFile(path)
    const cursor = Option.getOrNull(after)
    let end = cursor === null ? null : decodeCursor(cursor)
    let events = 0
    const lines = client.Export({ format, after: cursor, to: Option.getOrNull(to), follow })
    const tell = Effect.suspend(() => {
      const { seq, hash } = end ?? { seq: 0, hash: "0".repeat(64) }
      const report = { v: 1, file: onStdout ? null : path, format, events, seq, hash }
      const text = encodeCursor({ seq, hash })
      if (json) return (onStdout ? Console.error : Console.log)(harmlessJson({ ...report, cursor: text }))
      const where = onStdout ? "" : `the log is in ${safe(path)}\n`
      return Console.error(`${where}cursor: ${text}`)
    })
    const written = orExit(
      Stream.runForEach(lines, (some) =>
        Effect.andThen(
          out.write(some),
          Effect.sync(() => {
            end = endOf(some) ?? end
            events += some.filter(
              (line) => !line.startsWith('{"blob"') && !line.startsWith('{"export"'),
            ).length
          }),
        ),
      ),
    )
    yield* follow ? Effect.onInterrupt(written, () => tell) : written
    yield* out.end
    yield* tell
  }, Effect.scoped),
).pipe(
  Command.withDescription("write the log, or what came since an export, to a new file"),
  Command.withExamples([
    { command: "claw audit export log.jsonl", description: "one event a line" },
    {
      command: "claw audit export - --format cloudevents --after AQAAA... --follow",
      description: "hand on what comes, without a gap",
    },
  ]),
)

export const importLog = Command.make(
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
  Command.withDescription(
    "restore an exported log where there is none yet, or go on where it ends; the daemon must be down",
  ),
  Command.withExamples([
    { command: "claw audit import log.jsonl", description: "on a new machine, before claw up" },
  ]),
)
