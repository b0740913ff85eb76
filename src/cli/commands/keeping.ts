/**
 * claw log erase, compact, backup, restore: what is done to the log as a whole. Each is a subcommand of `claw log`,
 * which goes on reading the log where none of them is named.
 */
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import { describe } from "../../domain/describe.ts"
import { type Event, type EventRecord, isEventType } from "../../domain/event.ts"
import type { LogQuery } from "../../rpc/ClawRpcs.ts"
import type { CompactReport, ErasePreview, EraseReport } from "../../rpc/keepingShapes.ts"
import { parsePoint } from "../durations.ts"
import { orExit } from "../errors.ts"
import { fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, counted, json, paint, safe } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { secretText } from "../secretText.ts"
import { Session } from "../Session.ts"

const size = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} bytes`
  const step = bytes < 2 ** 20 ? 1 : bytes < 2 ** 30 ? 2 : 3
  return `${(bytes / 1024 ** step).toFixed(1)} ${["", "KiB", "MiB", "GiB"][step]}`
}

const saved = ({ before, after, saved }: CompactReport): string =>
  saved === 0 ? `${size(after)}, nothing to save` : `${size(before)} -> ${size(after)}, ${size(saved)} saved`

const compact = Command.make(
  "compact",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const report = yield* orExit(client.Compact())
    if (asJson) yield* json(report)
    else yield* Console.log(saved(report))
  }, Effect.scoped),
).pipe(
  Command.withDescription("write the log's file anew without the space that nothing uses any more"),
  Command.withExamples([{ command: "claw log compact", description: "says what it saved" }]),
)

const hidden = "****"

/** What is found is named by what stands around it: a terminal remembers what it showed. */
const masked = (text: string, needle: string | null): string => {
  if (needle === null) return text
  const lower = text.toLowerCase()
  const wanted = needle.toLowerCase()
  if (lower.length !== text.length) return hidden
  let out = ""
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    out += text.slice(from, at) + hidden
    from = at + wanted.length
  }
  return out + text.slice(from)
}

const previewLine = (event: EventRecord, needle: string | null, nowMs: number): string => {
  const text = isEventType(event.type) ? describe(event as Event) : JSON.stringify(event.payload)
  const where = `${String(event.seq).padStart(7)}  ${clock(event.at, nowMs)}  ${event.type.padEnd(18)}`
  return `${where} ${safe(masked(text, needle)).slice(0, 120)}`
}

const showPreview = Effect.fnUntraced(function* (preview: ErasePreview, needle: string | null) {
  const nowMs = yield* Clock.currentTimeMillis
  const colour = yield* paint
  const where = preview.archived === 0 ? "" : ` (${preview.archived} of them in archives)`
  yield* Console.error(
    colour("bold", `would erase the payloads of ${counted(preview.events, "event")}${where}:`),
  )
  for (const event of preview.first) yield* Console.error(previewLine(event, needle, nowMs))
  if (preview.events > preview.first.length)
    yield* Console.error(`        ... and ${preview.events - preview.first.length} more`)
  if (preview.kept > 0)
    yield* Console.error(`${counted(preview.kept, "record")} of the log's own that match will stay`)
  for (const note of preview.notes) yield* Console.error(colour("dim", `- ${safe(note)}`))
})

const showErased = (report: EraseReport) =>
  Console.log(
    `erased the payloads of ${counted(report.events, "event")}, said in event ${report.records.join(", ")}; the log still verifies. Its file: ${saved(report.compacted)}`,
  )

const before = Effect.fnUntraced(function* (text: Option.Option<string>) {
  if (Option.isNone(text)) return {}
  const point = parsePoint(text.value, yield* Clock.currentTimeMillis)
  if (point === null)
    return yield* usage(
      `--before ${JSON.stringify(text.value)}: give a seq, an ISO time, or an age such as 90d`,
    )
  return "seq" in point ? { to: point.seq - 1 } : { until: point.atMs - 1 }
})

const erase = Command.make(
  "erase",
  {
    matching: Flag.String("matching").pipe(
      Flag.withMetavar("TEXT"),
      Flag.withDescription(
        "somewhere in the payload, in any case; - asks for it, so that no history keeps it",
      ),
      Flag.optional,
    ),
    seq: Flag.Int("seq").pipe(Flag.withMetavar("N"), Flag.withDescription("this event"), Flag.atLeast(0)),
    type: Flag.String("type").pipe(
      Flag.withMetavar("GLOB"),
      Flag.withDescription("is of such a type, e.g. 'git.*'"),
      Flag.atLeast(0),
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("concerns this folder"),
      Flag.optional,
    ),
    before: Flag.String("before").pipe(
      Flag.withMetavar("SEQ|TIME|AGE"),
      Flag.withDescription("is older"),
      Flag.optional,
    ),
    path: Flag.String("path").pipe(
      Flag.withMetavar("GLOB"),
      Flag.withDescription("names such a file or folder, as in .gitignore"),
      Flag.atLeast(0),
    ),
    reason: Flag.String("reason").pipe(
      Flag.withMetavar("TEXT"),
      Flag.withDescription("is kept in the log; say nothing in it that shall be forgotten"),
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDefault(false),
      Flag.withDescription("only show what would be erased"),
    ),
    yes: Flag.Boolean("yes").pipe(Flag.withDefault(false), Flag.withDescription("do not ask")),
    json: jsonFlag,
  },
  Effect.fn(function* (flags) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const matching = Option.getOrNull(flags.matching)
    const needle = matching === null ? null : yield* secretText(matching, "text to erase")
    if (needle === "") return yield* usage("--matching: the text is empty")
    const query: LogQuery = {
      ...(needle === null ? {} : { grep: needle }),
      ...(flags.type.length === 0 ? {} : { types: flags.type }),
      ...(flags.path.length === 0 ? {} : { paths: flags.path }),
      ...(Option.isNone(flags.workspace) ? {} : { workspace: resolve(cwd, flags.workspace.value) }),
      ...(yield* before(flags.before)),
    }
    const seqs = flags.seq.length === 0 ? null : flags.seq
    if (seqs === null && Object.keys(query).length === 0)
      return yield* usage("say what to erase: --matching, --seq, --type, --workspace, --path or --before")

    const client = yield* session.attach
    const preview = yield* orExit(client.FindErasable({ query, seqs }))
    if (flags.dryRun && flags.json) return yield* json(preview)
    if (preview.events === 0) {
      if (flags.json) yield* json(preview)
      else yield* Console.log("nothing there matches, nothing was erased")
      return
    }
    if (!flags.json) yield* showPreview(preview, needle)
    if (flags.dryRun) return
    if (!flags.yes) {
      yield* needPerson("erasing without --yes")
      if (!(yield* confirm(`Erase ${counted(preview.events, "payload")} for good?`))) {
        yield* Console.error("left as it was")
        return
      }
    }
    const { digest, upTo } = preview
    const { reason } = flags
    const token = yield* session.token
    const report = yield* orExit(client.Erase({ query, seqs, reason, upTo, digest, token, surface: "cli" }))
    if (flags.json) yield* json(report)
    else yield* showErased(report)
    if (matching !== null && matching !== "-" && !flags.json)
      yield* Console.error("your shell's history may hold the text now; next time: --matching -")
  }, Effect.scoped),
).pipe(
  Command.withDescription("erase payloads for good; their hashes stay, so that the log still verifies"),
  Command.withExamples([
    {
      command: "claw log erase --matching - --reason 'a password slipped through'",
      description: "asks for the text, shows what holds it, asks again",
    },
    {
      command: "claw log erase --type 'terminal.*' --before 90d --reason 'old commands' --dry-run",
      description: "all conditions hold together",
    },
  ]),
)

const place = Argument.String("dir|file").pipe(
  Argument.withDescription("a folder, or one packed file where the name ends with .zst"),
)

/** Through the daemon where one runs, while it goes on writing. */
const backupAnywhere = Effect.fnUntraced(function* (path: string) {
  const session = yield* Session
  if (yield* session.isRunning) {
    const client = yield* session.attach
    const token = yield* session.token
    return yield* orExit(client.Backup({ path, token, surface: "cli" }))
  }
  const { directories, entry } = yield* Invocation
  const { offlineBackup } = yield* Effect.promise(() => import("../../daemon/backup.ts"))
  return yield* offlineBackup(entry, directories, path).pipe(Effect.mapError((error) => fail(error.message)))
})

const backup = Command.make(
  "backup",
  { place, json: jsonFlag },
  Effect.fn(function* ({ place, json: asJson }) {
    const { cwd } = yield* Invocation
    const report = yield* backupAnywhere(resolve(cwd, place))
    if (asJson) yield* json(report)
    else
      yield* Console.log(
        `${report.events} events in ${safe(report.path)}, ${size(report.bytes)}, every link holds; head ${report.seq} ${report.hash}`,
      )
  }, Effect.scoped),
).pipe(
  Command.withDescription("a verified copy of the log, also while the daemon writes it"),
  Command.withExamples([
    { command: "claw log backup /mnt/usb/claw-2026-11-22.zst", description: "one packed file" },
    { command: "claw log backup ~/claw-backup", description: "a folder" },
  ]),
)

const restore = Command.make(
  "restore",
  {
    place,
    force: Flag.Boolean("force").pipe(
      Flag.withDefault(false),
      Flag.withDescription("move a log that is there aside"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ place, force, json: asJson }) {
    const { cwd, directories, entry } = yield* Invocation
    const { restoreBackup } = yield* Effect.promise(() => import("../../daemon/restore.ts"))
    const { aside, head } = yield* restoreBackup(entry, directories, resolve(cwd, place), force).pipe(
      Effect.mapError((error) => fail(error.message)),
    )
    if (asJson) return yield* json({ v: 1, seq: head.seq, hash: head.hash, aside })
    yield* Console.log(`${head.seq} events restored, every link holds; head ${head.seq} ${head.hash}`)
    if (aside !== null) yield* Console.error(`the log that was there is in ${safe(aside)}`)
  }),
).pipe(
  Command.withDescription("put a backup in the log's place; the daemon must be down"),
  Command.withExamples([
    {
      command: "claw log restore /mnt/usb/claw-2026-11-22.zst",
      description: "on a new machine, before claw up",
    },
    {
      command: "claw log restore ~/claw-backup --force",
      description: "the log that is there is moved aside",
    },
  ]),
)

export const keepingCommands = [erase, compact, backup, restore] as const
