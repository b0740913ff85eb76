/**
 * claw undo: takes back one suggestion, from one to another, or a stretch of the log. What will come back is shown
 * first; what changed since is shown with all sides, and never overwritten. Doing it is a person's; on a pipe it says
 * what is in the way (exit 1), or that it needs a person (exit 6).
 */
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { UndoChoice, UndoConflict } from "../../domain/undoConflict.ts"
import type { UndoRange, UndoReport, UndoStep } from "../../domain/undoPlan.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { clock, json, paint, type Paint, safe } from "../output.ts"
import { choose, confirm, needPerson } from "../person.ts"
import { rangeBound } from "../rangeBound.ts"
import { type Client, Session } from "../Session.ts"

const diffLine = (text: string, colour: Paint): string =>
  text.startsWith("+") ? colour("green", text) : text.startsWith("-") ? colour("red", text) : text

const side = (title: string, text: string | null, colour: Paint): ReadonlyArray<string> =>
  text === null
    ? []
    : [
        `    ${colour("dim", title)}`,
        ...neutraliseLines(text)
          .trimEnd()
          .split("\n")
          // the first lines only name the file
          .filter((line) => !/^(?:=+$|--- |\+\+\+ )/.test(line))
          .map((line) => `      ${diffLine(line, colour)}`),
      ]

const showConflict = (conflict: UndoConflict, colour: Paint): string =>
  [
    `  ${colour("yellow", "conflict")} ${safe(conflict.message)}`,
    ...side("what changed since (mine)", conflict.mine, colour),
    ...side("what taking back would change (base to before)", conflict.back, colour),
    ...side("both together (merge)", conflict.merged, colour),
    ...(conflict.mergeable ? [] : [`    ${colour("dim", "no clean merge: keep mine, or stop")}`]),
  ].join("\n")

const showStep = (step: UndoStep, colour: Paint, nowMs: number): string => {
  const files = step.paths.slice(0, 8).map(safe).join(", ")
  const more = step.count > 8 ? ` and ${step.count - 8} more` : ""
  return [
    `${colour("dim", String(step.seq).padStart(7))}  ${clock(step.at, nowMs)}  ${colour("bold", step.call)}  ${safe(step.title)}`,
    ...(step.refusal === null ? [] : [`  ${colour("yellow", "stays")}: ${safe(step.refusal)}`]),
    ...(step.empty ? [`  ${colour("dim", "nothing to put back")}`] : []),
    ...(files === "" ? [] : [`  comes back: ${files}${more}`]),
    ...(step.refs.length === 0 ? [] : [`  moves back: ${step.refs.slice(0, 8).map(safe).join(", ")}`]),
    ...(step.stays === null ? [] : [`  ${colour("yellow", "not taken back")}: ${safe(step.stays)}`]),
    ...(step.unsure === null ? [] : [`  ${colour("yellow", "not certain")}: ${safe(step.unsure)}`]),
    ...(step.meanwhile.length === 0
      ? []
      : [
          `  ${colour("yellow", "meanwhile you ran")} ${step.meanwhile.slice(0, 3).map(safe).join("; ")}: what that changed is not told apart`,
        ]),
    ...step.conflicts.map((conflict) => showConflict(conflict, colour)),
  ].join("\n")
}

const showPlan = Effect.fnUntraced(function* (steps: ReadonlyArray<UndoStep>) {
  const colour = yield* paint
  const nowMs = yield* Clock.currentTimeMillis
  yield* Console.log(steps.map((step) => showStep(step, colour, nowMs)).join("\n"))
})

const conflictsOf = (steps: ReadonlyArray<UndoStep>): ReadonlyArray<UndoConflict> =>
  steps.flatMap(({ conflicts }) => conflicts)

const listed = (conflicts: ReadonlyArray<UndoConflict>): string =>
  conflicts
    .map(
      ({ mergeable, message }) => `  ${safe(message)}${mergeable ? " (--conflicts merge would do it)" : ""}`,
    )
    .join("\n")

const blocked = (conflicts: ReadonlyArray<UndoConflict>) =>
  fail(
    `nothing was touched, because something changed since:\n${listed(conflicts)}\n  (at a terminal each can be decided; --conflicts keep leaves them as they are and takes back the rest)`,
  )

/** What the person says to each conflict; null: to leave everything as it is. */
const decide = Effect.fnUntraced(function* (conflicts: ReadonlyArray<UndoConflict>) {
  const paths: Record<string, "keep" | "merge"> = {}
  for (const { mergeable, path } of conflicts) {
    const question = `${safe(path)}: keep mine${mergeable ? ", merge (mine stays, its change goes)" : ""}, or stop?`
    const said = yield* choose(question, mergeable ? ["keep", "merge", "stop"] : ["keep", "stop"])
    if (said === "stop") return null
    paths[path] = said
  }
  return { stance: "stop", paths } satisfies UndoChoice
})

const targetRange = (target: Option.Option<string>): Effect.Effect<UndoRange, Exit> => {
  if (Option.isNone(target)) return Effect.succeed({})
  const [first = "", last, ...more] = target.value.split("..")
  if (last === undefined) return Effect.succeed({ suggestion: first })
  return first === "" || last === "" || more.length > 0
    ? Effect.fail(usage(`${JSON.stringify(target.value)}: give one id, or two as ID..ID`))
    : Effect.succeed({ between: { first, last } })
}

const one = Effect.fnUntraced(function* (
  client: Client,
  id: string,
  choice: UndoChoice,
  token: Effect.Effect<string, Exit>,
) {
  const row = yield* client.Undo({ id, choice, token: yield* token, surface: "cli" }).pipe(
    Effect.catchTag("UndoBlocked", ({ conflicts }) => Effect.fail(blocked(conflicts))),
    orExit,
    Effect.mapError((error) =>
      error.reason === "refused" ? new Exit({ reason: "failed", message: error.message }) : error,
    ),
  )
  yield* Console.log(`${row.id} is ${row.state}${row.note === null ? "" : `: ${safe(row.note)}`}`)
})

const told = Effect.fnUntraced(function* (report: UndoReport) {
  const count = (paths: ReadonlyArray<string>): string =>
    `${paths.length} ${paths.length === 1 ? "path" : "paths"}`
  yield* Console.log(`taken back: ${report.undone.length} calls, ${count(report.paths)}`)
  if (report.kept.length > 0) yield* Console.log(`kept as they are: ${report.kept.map(safe).join(", ")}`)
  if (report.merged.length > 0) yield* Console.log(`merged: ${report.merged.map(safe).join(", ")}`)
  for (const { call, reason } of report.passed) yield* Console.log(`${call} stays: ${safe(reason)}`)
  if (report.stopped === null) return
  const { call, conflicts, reason } = report.stopped
  return yield* fail(
    `stopped at ${call}, what is older was not touched: ${safe(reason)}${conflicts.length === 0 ? "" : `\n${listed(conflicts)}`}`,
  )
})

const stances = ["keep", "merge", "stop"] as const

export const undo = Command.make(
  "undo",
  {
    target: Argument.String("id").pipe(
      Argument.withDescription("a suggestion, or ID..ID: from one to another"),
      Argument.optional,
    ),
    since: Flag.String("since").pipe(
      Flag.withMetavar("SEQ|TIME"),
      Flag.withDescription("all that was started from there on, newest first"),
      Flag.optional,
    ),
    until: Flag.String("until").pipe(
      Flag.withMetavar("SEQ|TIME"),
      Flag.withDescription("and only up to there"),
      Flag.optional,
    ),
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("only what was done there"),
      Flag.optional,
    ),
    conflicts: Flag.Literals("conflicts", stances).pipe(
      Flag.withDescription("what becomes of files that changed since; asked at a terminal if absent"),
      Flag.optional,
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDefault(false),
      Flag.withDescription("only show what would come back, and what is in the way"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* (flags) {
    const { cwd, interactive } = yield* Invocation
    const nowMs = yield* Clock.currentTimeMillis
    const stretch = {
      ...(yield* rangeBound("since", flags.since, nowMs)),
      ...(yield* rangeBound("until", flags.until, nowMs)),
    }
    const bounded = Option.isSome(flags.since) || Option.isSome(flags.until)
    if (bounded === Option.isSome(flags.target)) {
      return yield* usage("give an id (or ID..ID), or --since and --until")
    }
    const range: UndoRange = {
      ...stretch,
      ...(yield* targetRange(flags.target)),
      ...(Option.isNone(flags.workspace) ? {} : { workspace: resolve(cwd, flags.workspace.value) }),
    }
    const session = yield* Session
    if (!interactive && !flags.dryRun && !(yield* session.isRunning)) return yield* needPerson("undoing")
    const client = yield* session.attach
    const steps = yield* orExit(client.PlanUndo({ range }))
    if (flags.dryRun) {
      if (flags.json)
        return yield* Effect.forEach(steps, (step) => json({ v: 1, ...step }), { discard: true })
      return yield* steps.length === 0 ? Console.log("nothing to take back") : showPlan(steps)
    }
    const conflicts = conflictsOf(steps)
    const stance = Option.getOrUndefined(flags.conflicts)
    if (!interactive && conflicts.length > 0 && (stance ?? "stop") === "stop")
      return yield* blocked(conflicts)
    yield* needPerson("undoing")
    if (range.suggestion !== undefined && steps.length === 0) {
      return yield* one(client, range.suggestion, { stance: "stop" }, session.token)
    }
    if (steps.length === 0) return yield* Console.log("nothing to take back")
    yield* showPlan(steps)
    const choice = stance === undefined ? yield* decide(conflicts) : { stance }
    if (choice === null) return yield* fail("left as it was")
    const unsure = steps.some(({ meanwhile, unsure }) => meanwhile.length > 0 || unsure !== null)
    if ((range.suggestion === undefined || unsure) && !(yield* confirm("Take this back?"))) {
      yield* Console.error("left as it was")
      return
    }
    if (range.suggestion !== undefined) return yield* one(client, range.suggestion, choice, session.token)
    const calls = steps.map(({ call }) => call)
    const token = yield* session.token
    yield* told(yield* orExit(client.UndoRange({ range, calls, choice, token, surface: "cli" })))
  }, Effect.scoped),
).pipe(
  Command.withDescription("take back what was done: bytes, modes, times, branches, staging area"),
  Command.withExamples([
    { command: "claw undo s_1f0c2b7d9e8a6543", description: "one suggestion" },
    { command: "claw undo --since 1h --dry-run", description: "what the last hour's undo would bring back" },
    { command: "claw undo s_1f0c2b7d9e8a6543..s_2b7d9e8a65431f0c", description: "from one to another" },
  ]),
)
