/**
 * What a person says to a suggestion: approve, edit, reject, snooze, undo. Each answer is one compare-and-set
 * append against the newest event of the suggestion, so the first answer wins and all surfaces see it. What else was
 * logged of the suggestion meanwhile makes the answer be judged afresh.
 * Invariants: an approval names the digests of all actions and of their plans as they were shown; an action that is
 * denied, was edited since, is judged otherwise by now than the log says, or would do anything else than was shown
 * cannot be approved: who answered is told the difference; nothing is approved while paused or while the log cannot be
 * written.
 */
import { Clock, Context, Data, Effect, Layer, Schema, SubscriptionRef } from "effect"
import type { LogError } from "../../log-store/LogStore.ts"
import type { ToolCall } from "../domain/action.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import type { Surface } from "../domain/events/acted.ts"
import type { Answer as Words } from "../domain/events/conversation.ts"
import { answerFault } from "../domain/question.ts"
import type { Suggestion } from "../domain/suggestion.ts"
import { PlanDifference } from "../domain/planned.ts"
import type { QueueRow } from "../domain/queue.ts"
import { findSecrets, redactSecrets } from "../domain/secrets/findSecrets.ts"
import { stop, UndoConflict, type UndoChoice } from "../domain/undoConflict.ts"
import { Appender } from "./Appender.ts"
import { requestFault } from "./callRequest.ts"
import { Folds } from "./Folds.ts"
import { type Always, Grants } from "./Grants.ts"
import { Judge } from "./Judge.ts"
import { Planner } from "./Planner.ts"
import { Undoer } from "./Undoer.ts"

export class AnswerError extends Schema.TaggedError<AnswerError>()("AnswerError", {
  reason: Schema.Literals(["no-such", "refused", "stale", "unavailable"]),
  message: Schema.String,
  rule: Schema.NullOr(Schema.String),
  /** Of what was shown to what there is now; empty where that is not the reason. */
  difference: Schema.Array(PlanDifference),
  /** What changed since, in the way of an undo. */
  conflicts: Schema.optionalKey(Schema.Array(UndoConflict)),
}) {}

/** What a person had before the eyes when they said yes. */
export interface ShownToPerson {
  readonly digests: ReadonlyArray<string>
  /** Digest of each plan. */
  readonly plans: ReadonlyArray<string>
  /** It was said that no sandbox would hold it. */
  readonly unsandboxed: boolean
  /** What they want to be asked no more: granted with the approval, or neither is. */
  readonly always?: Always
}

/** Something of the suggestion was logged that its row does not know yet. */
class Moved extends Data.TaggedError("Moved")<{ readonly seq: number }> {}

const error = (reason: AnswerError["reason"], message: string, rule: string | null = null) =>
  new AnswerError({ reason, message, rule, difference: [] })

/** For who comes second: who was first. */
const tooLate = (row: QueueRow): string => {
  const { answered, id, note, state } = row
  const what = state === "rejected" ? "rejected" : "approved"
  if (answered === null) return `${id} is ${state} already${note === null ? "" : `: ${note}`}`
  const by = answered.by.replace(/^user:/, "")
  const since = state === what ? "" : `, and is ${state}`
  return `${id} was already ${what} by ${by} at ${answered.at}${since}${note === null ? "" : `: ${note}`}`
}

/** Every request of a conversation is told it again. */
const longestReason = 2_000

/** How long an answer waits for the fold to know what is in the log already. */
const foldLimitMs = 5_000

const answerable = new Set<Suggestion["state"]>(["pending", "snoozed"])

type Answer = (row: Suggestion) => EventDraft

export class Answers extends Context.Service<
  Answers,
  {
    readonly approve: (
      id: string,
      shown: ShownToPerson,
      surface: Surface,
    ) => Effect.Effect<Suggestion, AnswerError>
    readonly edit: (
      id: string,
      actions: ReadonlyArray<ToolCall>,
      surface: Surface,
    ) => Effect.Effect<Suggestion, AnswerError>
    /** Words to a question that was asked (`ask_user`). */
    readonly answer: (id: string, words: Words, surface: Surface) => Effect.Effect<Suggestion, AnswerError>
    readonly reject: (
      id: string,
      reason: string,
      surface: Surface,
      lookedMs?: number,
    ) => Effect.Effect<Suggestion, AnswerError>
    readonly snooze: (id: string, untilMs: number, surface: Surface) => Effect.Effect<Suggestion, AnswerError>
    readonly undo: (
      id: string,
      surface: Surface,
      choice?: UndoChoice,
    ) => Effect.Effect<Suggestion, AnswerError>
  }
>()("claw/loop/Answers") {
  static readonly layer = Layer.effect(
    Answers,
    Effect.gen(function* () {
      const folds = yield* Folds
      const appender = yield* Appender
      const undoer = yield* Undoer
      const judge = yield* Judge
      const planner = yield* Planner
      const grants = yield* Grants
      const undoing = new Set<string>()

      const find = Effect.fnUntraced(function* (id: string) {
        const { queue } = yield* SubscriptionRef.get(folds.snapshot)
        const row = queue.suggestions[id]
        return row === undefined ? yield* error("no-such", `no such suggestion: ${id}`) : row
      })
      const pending = Effect.fnUntraced(function* (id: string) {
        const row = yield* find(id)
        return answerable.has(row.state) ? row : yield* error("stale", tooLate(row))
      })

      /** A yes is no answer to a question in words. */
      const unlessQuestion = (row: QueueRow) =>
        row.question === undefined
          ? Effect.succeed(row)
          : Effect.fail(error("refused", `${row.id} is a question: answer it (claw answer ${row.id} ...)`))

      const toAnswer = (failure: LogError): AnswerError | Moved =>
        failure.reason._tag === "Conflict"
          ? new Moved({ seq: failure.reason.found })
          : error("unavailable", `the log cannot be written: ${failure.message}`)
      /** A word about it (it was shown, held back) is no answer: who answers is judged by what is there now. */
      const afresh = <A>(answer: Effect.Effect<A, AnswerError | Moved>): Effect.Effect<A, AnswerError> =>
        answer.pipe(
          Effect.tapErrorTag("Moved", ({ seq }) =>
            Effect.ignore(Effect.timeoutOption(folds.reached(seq), foldLimitMs)),
          ),
          Effect.retry({ while: ({ _tag }) => _tag === "Moved", times: 10 }),
          Effect.catchTag("Moved", () =>
            Effect.fail(error("stale", "it changes all the time: look at it again")),
          ),
        )

      const put = Effect.fnUntraced(function* (
        row: Suggestion,
        make: Answer,
        also: ReadonlyArray<EventDraft> = [],
      ) {
        const events = yield* appender
          .appendNow([...also, make(row)], { correlationId: row.id, lastSeq: row.lastSeq })
          .pipe(Effect.mapError(toAnswer))
        yield* folds.reached(events.at(-1)?.seq ?? 0)
        return yield* find(row.id)
      })

      const header = (row: Suggestion, surface: Surface) => ({
        actor: `user:${surface}`,
        workspace: row.workspace,
        correlationId: row.id,
      })

      const refuseDenied = Effect.fnUntraced(function* (row: Suggestion) {
        const denied = row.actions.find((action) => action.verdict === "deny")
        if (denied === undefined) return
        return yield* error(
          "refused",
          `denied by ${denied.rule} (${denied.file}:${denied.line}): ${denied.reason}`,
          denied.rule,
        )
      })

      /** The plans as they are now, which must be those that were shown. */
      const bound = Effect.fnUntraced(function* (row: QueueRow, { plans, unsandboxed }: ShownToPerson) {
        const now = yield* Effect.forEach(row.proposed, (_, index) =>
          planner.action(row, index, { unsandboxed: true }),
        )
        if (plans.length !== now.length)
          return yield* error("stale", "its plans were not shown: look at it again")
        const difference = now.flatMap((one, index) =>
          one.bound?.binding.digest === plans[index]
            ? []
            : [planner.difference(index, { digest: plans[index]!, reads: null }, one)],
        )
        if (difference.length > 0) {
          const what = difference.flatMap(({ changed }) => changed).join("; ")
          return yield* new AnswerError({
            reason: "stale",
            message: `it changed since it was shown: ${what}`,
            rule: null,
            difference,
          })
        }
        if (!unsandboxed && now.some((one) => one.bound?.shown.sandbox === "none")) {
          return yield* error("stale", "it would run without a sandbox, which was not said: look at it again")
        }
        return now.flatMap((one) => (one.bound === null ? [] : [one.bound.binding]))
      })

      const approve = Effect.fn("Answers.approve")(function* (
        id: string,
        shown: ShownToPerson,
        surface: Surface,
      ) {
        const { digests, unsandboxed } = shown
        const row = yield* unlessQuestion(yield* pending(id))
        const { control } = yield* SubscriptionRef.get(folds.snapshot)
        if (control.paused) return yield* error("refused", "Claw is paused: resume it first (claw resume)")
        if (row.actions.length !== row.proposed.length) {
          return yield* error("stale", "its actions are still being judged: try again in a moment")
        }
        // rules, files and links may have changed since it was judged
        if (!(yield* Effect.mapError(judge.recheck(id), toAnswer))) {
          yield* refuseDenied(yield* pending(id))
          return yield* error("stale", "it is judged otherwise by now: look at it again")
        }
        yield* refuseDenied(row)
        const wanted = row.actions.map((action) => action.digest)
        if (wanted.length !== digests.length || wanted.some((digest, index) => digest !== digests[index])) {
          return yield* error("stale", "its actions are not the ones that were shown: look at it again")
        }
        const plans = yield* bound(row, shown)
        const granted =
          shown.always === undefined
            ? []
            : yield* Effect.mapError(grants.drafts(row, shown.always, surface, plans), (fault) =>
                error(fault.reason === "person" ? "refused" : fault.reason, fault.message),
              )
        return yield* put(
          row,
          () =>
            draft(
              "approval.approved",
              { suggestion: id, digests: [...digests], plans, unsandboxed, surface },
              header(row, surface),
            ),
          granted,
        )
      })

      const edit = Effect.fn("Answers.edit")(function* (
        id: string,
        actions: ReadonlyArray<ToolCall>,
        surface: Surface,
      ) {
        const row = yield* unlessQuestion(yield* pending(id))
        const fault = actions.length === 0 ? null : requestFault(actions)
        if (fault !== null) return yield* error("refused", `the edit is not taken: ${fault.message}`)
        if (findSecrets(JSON.stringify(actions)).length > 0) {
          return yield* error(
            "refused",
            "the edited action holds a secret, and the log keeps every action: name an environment variable instead",
          )
        }
        return yield* put(row, () =>
          draft("approval.edited", { suggestion: id, actions: [...actions], surface }, header(row, surface)),
        )
      })
      const answer = Effect.fn("Answers.answer")(function* (id: string, words: Words, surface: Surface) {
        const row = yield* pending(id)
        if (row.question === undefined) {
          return yield* error("refused", `${id} asks for an approval and not for words (claw approve ${id})`)
        }
        if (row.expiresAt !== null && Date.parse(row.expiresAt) <= (yield* Clock.currentTimeMillis)) {
          return yield* error("stale", `${id} was of use until ${row.expiresAt}`)
        }
        const clean = { chosen: words.chosen, text: words.text === null ? null : redactSecrets(words.text) }
        const fault = answerFault(row.question, clean)
        if (fault !== null) return yield* error("refused", `${id}: ${fault}`)
        return yield* put(row, () =>
          draft("session.answered", { question: id, answer: clean, surface }, header(row, surface)),
        )
      })
      const reject = Effect.fn("Answers.reject")(function* (
        id: string,
        reason: string,
        surface: Surface,
        lookedMs?: number,
      ) {
        const row = yield* pending(id)
        if (reason.length > longestReason)
          return yield* error("refused", `a reason has at most ${longestReason} characters`)
        return yield* put(row, () =>
          draft(
            "approval.rejected",
            {
              suggestion: id,
              reason: redactSecrets(reason),
              surface,
              ...(lookedMs === undefined ? {} : { lookedMs }),
            },
            header(row, surface),
          ),
        )
      })
      const snooze = Effect.fn("Answers.snooze")(function* (id: string, untilMs: number, surface: Surface) {
        const row = yield* pending(id)
        const until = new Date(untilMs).toISOString()
        return yield* put(row, () =>
          draft("approval.snoozed", { suggestion: id, until, surface }, header(row, surface)),
        )
      })
      const askUndo = Effect.fnUntraced(function* (id: string, surface: Surface, choice: UndoChoice) {
        const row = yield* find(id)
        if (row.state !== "done" && row.state !== "failed") {
          return yield* error("stale", `${id} is ${row.state}: there is nothing of it to undo`)
        }
        return yield* put(row, () =>
          draft(
            "approval.undo",
            { suggestion: id, surface, ...(choice.stance === "stop" ? {} : { choice }) },
            header(row, surface),
          ),
        )
      })
      const undoOnce = Effect.fnUntraced(function* (id: string, surface: Surface, choice: UndoChoice) {
        const asked = yield* afresh(askUndo(id, surface, choice))
        const stopped = yield* undoer.undo(asked, choice)
        const after = yield* find(id)
        if (stopped === null) return after
        const { conflicts, reason } = stopped
        return yield* new AnswerError({
          reason: "refused",
          message: reason,
          rule: null,
          difference: [],
          ...(conflicts.length === 0 ? {} : { conflicts }),
        })
      })
      // its row stays `done` until all is taken back: a second one meanwhile would undo the first one's work
      const undo = Effect.fn("Answers.undo")(function* (
        id: string,
        surface: Surface,
        choice: UndoChoice = stop,
      ) {
        if (undoing.has(id)) return yield* error("stale", `${id} is being taken back already`)
        undoing.add(id)
        return yield* Effect.ensuring(
          undoOnce(id, surface, choice),
          Effect.sync(() => undoing.delete(id)),
        )
        // whoever asked may go away half-way; the work goes to its end
      }, Effect.uninterruptible)

      return Answers.of({
        approve: (...answer) => afresh(approve(...answer)),
        edit: (...answer) => afresh(edit(...answer)),
        answer: (...words) => afresh(answer(...words)),
        reject: (...answer) => afresh(reject(...answer)),
        snooze: (...answer) => afresh(snooze(...answer)),
        undo,
      })
    }),
  )
}
