/**
 * Taking back more than one suggestion: all calls of a stretch of the log, newest first, up to the first that cannot.
 * Invariants: what is done is what was shown (the calls are named; where others came or went, it is asked again); each
 * suggestion's undo is an answer of the person in the log before any of its calls is touched.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import type { Surface } from "../domain/events/acted.ts"
import { draft } from "../domain/event.ts"
import { changesNothing } from "../domain/prompt.ts"
import type { UndoChoice } from "../domain/undoConflict.ts"
import type { UndoRange, UndoReport, UndoStep } from "../domain/undoPlan.ts"
import { Appender } from "./Appender.ts"
import { callsIn, callsOf, type PastCall } from "./callHistory.ts"
import { Undoer } from "./Undoer.ts"

export class UndoRangeError extends Schema.TaggedError<UndoRangeError>()("UndoRangeError", {
  reason: Schema.Literals(["no-such", "stale", "unavailable"]),
  message: Schema.String,
}) {}

export class UndoRanges extends Context.Service<
  UndoRanges,
  {
    /** What would be taken back, in order. */
    readonly plan: (range: UndoRange) => Effect.Effect<ReadonlyArray<UndoStep>, UndoRangeError>
    /** `shown`: the calls the person saw, in order. */
    readonly undo: (
      range: UndoRange,
      shown: ReadonlyArray<string>,
      choice: UndoChoice,
      surface: Surface,
    ) => Effect.Effect<UndoReport, UndoRangeError>
  }
>()("claw/loop/UndoRanges") {
  static readonly layer = Layer.effect(
    UndoRanges,
    Effect.gen(function* () {
      const store = yield* LogStore
      const appender = yield* Appender
      const undoer = yield* Undoer

      const seqsOf = Effect.fnUntraced(function* (suggestion: string) {
        const calls = yield* callsOf(store, suggestion)
        if (calls.length > 0) return calls.map(({ start }) => start.seq)
        return yield* new UndoRangeError({
          reason: "no-such",
          message: `${suggestion} did nothing that could be taken back, or was taken back already`,
        })
      })

      /** Calls that only looked are nobody's to take back. */
      const changing = (calls: ReadonlyArray<PastCall>): ReadonlyArray<PastCall> =>
        calls.filter(
          ({ start: { payload } }) => payload.undo.possible || payload.undo.reason !== changesNothing,
        )

      const find = Effect.fnUntraced(function* (range: UndoRange) {
        const { between, from, since, suggestion, to, until, workspace } = range
        if (suggestion !== undefined) return changing(yield* callsOf(store, suggestion))
        const ends =
          between === undefined ? null : [...(yield* seqsOf(between.first)), ...(yield* seqsOf(between.last))]
        const lowest = Math.max(from ?? 0, ends === null ? 0 : Math.min(...ends))
        const highest = Math.min(to ?? Infinity, ends === null ? Infinity : Math.max(...ends))
        const calls = yield* callsIn(store, {
          from: lowest,
          ...(highest === Infinity ? {} : { to: highest }),
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
          ...(workspace === undefined ? {} : { workspace }),
        })
        return changing(calls)
      })

      const plan: UndoRanges["Service"]["plan"] = Effect.fn("UndoRanges.plan")(function* (range) {
        return yield* undoer.plan(yield* find(range))
      })

      const ask = Effect.fnUntraced(function* (
        { suggestion, workspace }: UndoStep,
        choice: UndoChoice,
        surface: Surface,
      ) {
        const asked = draft(
          "approval.undo",
          { suggestion, surface, ...(choice.stance === "stop" ? {} : { choice }) },
          { actor: `user:${surface}`, workspace, correlationId: suggestion },
        )
        yield* appender.appendNow([asked]).pipe(
          Effect.mapError(
            (error) =>
              new UndoRangeError({
                reason: "unavailable",
                message: `the log cannot be written: ${error.message}`,
              }),
          ),
        )
      })

      const undo: UndoRanges["Service"]["undo"] = Effect.fn("UndoRanges.undo")(function* (
        range,
        shown,
        choice,
        surface,
      ) {
        const calls = yield* find(range)
        const steps = yield* undoer.plan(calls)
        if (steps.length !== shown.length || steps.some(({ call }, at) => call !== shown[at])) {
          return yield* new UndoRangeError({
            reason: "stale",
            message: "something was done or taken back there since it was shown: look at it again",
          })
        }
        const asked = new Set<string>()
        const report = {
          undone: [] as Array<string>,
          paths: [] as Array<string>,
          kept: [] as Array<string>,
          merged: [] as Array<string>,
          passed: [] as Array<{ call: string; reason: string }>,
        }
        for (const [at, step] of steps.entries()) {
          const past = calls[at]!
          if (!past.start.payload.undo.possible) {
            report.passed.push({ call: step.call, reason: step.refusal ?? "it cannot be taken back" })
            continue
          }
          if (!asked.has(step.suggestion)) yield* ask(step, choice, surface)
          asked.add(step.suggestion)
          const outcome = yield* undoer.undoCall(past, choice)
          if ("reason" in outcome) {
            const stopped = { suggestion: step.suggestion, ...outcome, conflicts: [...outcome.conflicts] }
            return { ...report, stopped } satisfies UndoReport
          }
          report.undone.push(step.call)
          report.paths.push(...outcome.paths)
          report.kept.push(...outcome.kept)
          report.merged.push(...outcome.merged)
        }
        return { ...report, stopped: null } satisfies UndoReport
        // whoever asked may go away half-way; the work goes to its end
      }, Effect.uninterruptible)

      return UndoRanges.of({ plan, undo })
    }),
  )
}
