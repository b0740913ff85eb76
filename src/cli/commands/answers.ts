/**
 * claw approve, edit, reject, snooze, undo. Approving is a person's: both ends must be a terminal (exit 6), what
 * will happen is printed first, and anything of medium risk or without a sandbox is asked again; so is what changed
 * between the look and the yes.
 */
import { Clock, Console, Effect, Option, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ToolCall } from "../../domain/action.ts"
import { outputText } from "../../domain/callResult.ts"
import { ToolFinished } from "../../domain/events/acted.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { PlanDifference } from "../../domain/planned.ts"
import { resultText } from "../../domain/resultText.ts"
import type { Suggestion } from "../../domain/suggestion.ts"
import type { Detail } from "../../rpc/shapes.ts"
import { shownIn } from "../../rpc/shown.ts"
import type { Always } from "../../rpc/grants.ts"
import { alwaysFlags, alwaysWanted, showAlways } from "../always.ts"
import { editorCommand } from "../editor.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, usage } from "../Exit.ts"
import { duration, idArgument, optionalDuration } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, paint, type Paint, safe } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { type Client, Session } from "../Session.ts"
import { diffLine, showDetail } from "./queue.ts"

/** What somebody asked for was not on a screen before its id was named here, unlike what Claw itself suggests. */
const needsSecondLook = (detail: Detail): boolean =>
  detail.suggestion.rule === "requested" ||
  detail.suggestion.risk !== "low" ||
  detail.plans.some((plan) => plan.sandbox === "none")

/** How often what changed while one was asked is shown and asked again, before it is left. */
const looks = 5

/** What was not as it had been shown, as lines. */
const showDifference = (difference: ReadonlyArray<PlanDifference>, colour: Paint): string =>
  [
    colour("yellow", "it changed since it was shown, and nothing was done:"),
    ...difference.flatMap(({ changed, preview }) => [
      ...changed.map((text) => `  ${safe(text)}`),
      ...(preview === null
        ? []
        : neutraliseLines(preview)
            .split("\n")
            .map((text) => `    ${diffLine(text, colour)}`)),
    ]),
  ].join("\n")

/** Approves what was shown; the difference where that is not what would be done any more. */
const say = Effect.fnUntraced(function* (client: Client, detail: Detail, always: Always | null) {
  const token = yield* (yield* Session).token
  const { id } = detail.suggestion
  return yield* client
    .Approve({ id, ...shownIn(detail), token, surface: "cli", ...(always === null ? {} : { always }) })
    .pipe(
      Effect.as(null),
      Effect.catchIf(
        (error) => error._tag === "Stale" && error.difference !== undefined,
        (error) => Effect.succeed(error._tag === "Stale" ? (error.difference ?? null) : null),
      ),
      orExit,
    )
})

export const approveShown = Effect.fnUntraced(function* (
  client: Client,
  first: Detail,
  always: Always | null = null,
) {
  const { id } = first.suggestion
  const colour = yield* paint
  let detail = first
  for (let look = 0; ; look++) {
    yield* Console.log(showDetail(detail, colour))
    // what is denied is the gate's to refuse, with its rule: no plan of it is of interest
    const denied = detail.plans.some(({ verdict }) => verdict.verdict === "deny")
    const problem = detail.plans.find((plan) => plan.problem !== null)
    if (problem !== undefined && !denied) return yield* fail(`it cannot be done: ${problem.problem}`)
    if (always !== null) yield* showAlways(client, id, always)
    const question = always === null ? "Do this?" : "Do this, and ask no more about that?"
    const asks = !denied && (look > 0 || always !== null || needsSecondLook(detail))
    if (asks && !(yield* confirm(question))) {
      yield* Console.error("left as it was")
      return
    }
    const difference = yield* say(client, detail, always)
    if (difference === null) break
    yield* Console.error(showDifference(difference, colour))
    if (look === looks) return yield* fail(`${id} changes all the time; nothing was done`)
    detail = yield* orExit(client.Show({ id }))
  }
  const row = yield* orExit(client.Await({ id }))
  yield* printOutput(client, row)
  yield* ending(row)
})

const decodeFinished = Schema.decodeUnknownOption(ToolFinished)

/** What the actions printed: it is what a person approved them for. */
const printOutput = Effect.fnUntraced(function* (client: Client, row: Suggestion) {
  const { decidedSeq, id, proposed } = row
  const query = { correlationId: id, from: decidedSeq, types: ["tool.finished"] }
  const finished = yield* orExit(client.Log({ query, follow: false }).pipe(Stream.runCollect))
  for (const { payload } of finished.flat()) {
    const ended = decodeFinished(payload)
    if (Option.isNone(ended)) continue
    const { call, ok, output } = ended.value
    const action = proposed[Number(call.split("#").at(-1))]
    const printed = action === undefined ? outputText(output) : resultText({ ...action, ok, output })
    const text = (printed ?? "").trimEnd()
    if (text !== "") yield* Console.log(neutraliseLines(text))
  }
})

const ending = Effect.fnUntraced(function* (row: Suggestion) {
  if (row.state === "pending")
    return yield* new Exit({
      reason: "temporary",
      message: `nothing was done${row.note === null ? "" : `: ${safe(row.note)}`}; claw approve ${row.id} shows it anew`,
    })
  if (row.state === "failed")
    return yield* fail(`${row.id} failed${row.note === null ? "" : `: ${safe(row.note)}`}`)
  yield* Console.log(
    `${row.state}${row.note === null ? "" : `: ${safe(row.note)}`}${row.undoable ? ` (claw undo ${row.id} takes it back)` : ""}`,
  )
})

export const approve = Command.make(
  "approve",
  { id: idArgument, ...alwaysFlags },
  Effect.fn(function* ({ id, ...flags }) {
    const always = yield* alwaysWanted(flags)
    yield* needPerson("approving")
    const session = yield* Session
    const client = yield* session.attach
    yield* approveShown(client, yield* orExit(client.Show({ id })), always)
  }, Effect.scoped),
).pipe(
  Command.withDescription("do what a suggestion proposes"),
  Command.withExamples([
    { command: "claw approve s_1f0c2b7d9e8a6543", description: "at a terminal only" },
    {
      command: "claw approve s_1f0c2b7d9e8a6543 --always prefix --for 1h",
      description: "and ask no more about its like for an hour",
    },
  ]),
)

const Actions = Schema.fromJsonString(Schema.Array(ToolCall))
const decodeActions = Schema.decodeUnknownEffect(Actions, { onExcessProperty: "error" })

/** Opens the actions as JSON in the user's editor, in a file only they can read. */
const editText = Effect.fnUntraced(function* (text: string) {
  const { env } = yield* Invocation
  const [program, ...args] = editorCommand(env)
  const dir = mkdtempSync(join(tmpdir(), "claw-edit-"))
  try {
    const file = join(dir, "actions.json")
    writeFileSync(file, text, { mode: 0o600 })
    const done = spawnSync(program, [...args, file], { stdio: "inherit" })
    if (done.status !== 0)
      return yield* fail(
        `${program} ended with ${done.status ?? done.signal ?? "an error"}; nothing was changed`,
      )
    return readFileSync(file, "utf8")
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

export const edit = Command.make(
  "edit",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    yield* needPerson("editing")
    const session = yield* Session
    const client = yield* session.attach
    const detail = yield* orExit(client.Show({ id }))
    const before = JSON.stringify(detail.suggestion.proposed, null, 2)
    const after = yield* editText(`${before}\n`)
    if (after.trim() === before) {
      yield* Console.error("not changed")
      return
    }
    const actions = yield* decodeActions(after).pipe(
      Effect.mapError((error) => usage(`these are no actions, nothing was changed: ${error.message}`)),
    )
    yield* orExit(client.Edit({ id, actions, token: yield* session.token, surface: "cli" }))
    yield* approveShown(client, yield* orExit(client.Show({ id })))
  }, Effect.scoped),
).pipe(
  Command.withDescription("change a suggestion's actions in $EDITOR, then approve them"),
  Command.withExamples([{ command: "claw edit s_1f0c2b7d9e8a6543", description: "opens $EDITOR" }]),
)

export const reject = Command.make(
  "reject",
  {
    id: idArgument,
    reason: Flag.String("reason").pipe(
      Flag.withDescription("why; it is remembered with the rule"),
      Flag.withDefault(""),
    ),
  },
  Effect.fn(function* ({ id, reason }) {
    const session = yield* Session
    const client = yield* session.attach
    const row = yield* orExit(client.Reject({ id, reason, token: yield* session.token, surface: "cli" }))
    yield* Console.log(`${row.id} is ${row.state}: it will not come again until its evidence changes`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("say no; the same suggestion stays away until its evidence changes"),
  Command.withExamples([
    { command: 'claw reject s_1f0c2b7d9e8a6543 --reason "on purpose"', description: "with the reason" },
  ]),
)

export const snooze = Command.make(
  "snooze",
  {
    id: idArgument,
    for: Flag.String("for").pipe(
      Flag.withMetavar("1h"),
      Flag.withDescription("how long it stays away"),
      Flag.withDefault("1h"),
    ),
  },
  Effect.fn(function* ({ id, for: text }) {
    const ms = yield* duration(text)
    const session = yield* Session
    const client = yield* session.attach
    const now = yield* Clock.currentTimeMillis
    const row = yield* orExit(
      client.Snooze({ id, untilMs: now + ms, token: yield* session.token, surface: "cli" }),
    )
    yield* Console.log(`${row.id} comes back at ${clock(row.snoozedUntil ?? "", now)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("put a suggestion off"),
  Command.withExamples([{ command: "claw snooze s_1f0c2b7d9e8a6543 --for 10m", description: "ten minutes" }]),
)

export const retry = Command.make(
  "retry",
  { id: idArgument },
  Effect.fn(function* ({ id }) {
    yield* needPerson("trying again")
    const session = yield* Session
    const client = yield* session.attach
    const asked = yield* orExit(client.Retry({ id, token: yield* session.token, surface: "cli" }))
    yield* Console.error(`asked for once more as ${asked.suggestion}`)
    if (asked.state === "asking")
      return yield* approveShown(client, yield* orExit(client.Show({ id: asked.suggestion })))
    const row = yield* orExit(client.Await({ id: asked.suggestion }))
    yield* printOutput(client, row)
    yield* ending(row)
  }, Effect.scoped),
).pipe(
  Command.withDescription("ask for what failed, or was never begun, once more"),
  Command.withExamples([
    { command: "claw retry s_1f0c2b7d9e8a6543", description: "shows it as it would be now, and asks" },
  ]),
)

const pauseFor = Flag.String("for").pipe(
  Flag.withMetavar("1h"),
  Flag.withDescription("until when; left out: until claw resume"),
  Flag.optional,
)

export const pause = Command.make(
  "pause",
  { for: pauseFor },
  Effect.fn(function* ({ for: text }) {
    const ms = yield* optionalDuration(text)
    const session = yield* Session
    const client = yield* session.attach
    const now = yield* Clock.currentTimeMillis
    const untilMs = ms === null ? null : now + ms
    yield* orExit(client.Pause({ untilMs }))
    yield* Console.log(
      `paused${untilMs === null ? "; claw resume ends it" : ` until ${clock(new Date(untilMs).toISOString(), now)}`}: nothing runs, observing goes on`,
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("the kill switch: stop what runs, start nothing"),
  Command.withExamples([{ command: "claw pause --for 1h", description: "an hour of peace" }]),
)

export const resume = Command.make(
  "resume",
  {},
  Effect.fn(function* () {
    const session = yield* Session
    const client = yield* session.attach
    yield* orExit(client.Resume({ token: yield* session.token, surface: "cli" }))
    yield* Console.log("active again")
  }, Effect.scoped),
).pipe(
  Command.withDescription("end a pause"),
  Command.withExamples([{ command: "claw resume", description: "act on approvals again" }]),
)
