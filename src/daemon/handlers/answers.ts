/**
 * Calls that answer a question, and the kill switch. Invariant: nothing is answered without the token of this
 * daemon's runtime directory, which a sandboxed command cannot read; pausing needs none, because stopping is safe.
 */
import { Effect, Fiber, Option, Stream, SubscriptionRef } from "effect"
import { draft } from "../../domain/event.ts"
import type { Suggestion } from "../../domain/suggestion.ts"
import { type AnswerError, Answers } from "../../loop/Answers.ts"
import { Appender } from "../../loop/Appender.ts"
import { Folds } from "../../loop/Folds.ts"
import { latest } from "../../loop/latest.ts"
import { Retrier } from "../../loop/Retrier.ts"
import { StopWork } from "../../loop/StopWork.ts"
import { AnswerRpcs, NoSuch, Refused, Stale, Unavailable } from "../../rpc/ClawRpcs.ts"
import { Reporter } from "../Reporter.ts"
import { Token } from "../Token.ts"

export const asRpc = (id: string) => (error: AnswerError) => {
  switch (error.reason) {
    case "no-such":
      return new NoSuch({ what: "suggestion", id })
    case "refused":
      return new Refused({ message: error.message, rule: error.rule })
    case "stale":
      return error.difference.length === 0
        ? new Stale({ message: error.message })
        : new Stale({ message: error.message, difference: error.difference })
    case "unavailable":
      return new Unavailable({ message: error.message })
  }
}

const judgeLimitMs = 10_000

const ended = new Set<Suggestion["state"]>(["done", "failed", "undone", "rejected", "expired"])

export const answerHandlers = AnswerRpcs.toLayer(
  Effect.gen(function* () {
    const answers = yield* Answers
    const retrier = yield* Retrier
    const appender = yield* Appender
    const stopWork = yield* StopWork
    const folds = yield* Folds
    const reporter = yield* Reporter
    const { person } = yield* Token

    const answered = <A>(
      ask: { readonly id: string; readonly token: string },
      effect: Effect.Effect<A, AnswerError>,
    ) => Effect.andThen(person(ask), Effect.mapError(effect, asRpc(ask.id)))

    const current = Effect.fnUntraced(function* (id: string) {
      const row = (yield* SubscriptionRef.get(folds.snapshot)).queue.suggestions[id]
      return row === undefined ? yield* new NoSuch({ what: "suggestion", id }) : row
    })

    const rowWhen = (id: string, holds: (row: Suggestion) => boolean) =>
      latest(folds.snapshot).pipe(
        Stream.mapEffect(() => current(id)),
        Stream.filter(holds),
        Stream.runHead,
        Effect.flatMap((row) => (Option.isSome(row) ? Effect.succeed(row.value) : Effect.never)),
      )
    const hasEnded = (row: Suggestion) => ended.has(row.state)
    // who edited wants to approve next, and cannot before the gate has spoken
    const judgedAgain = Effect.fnUntraced(function* (edited: Suggestion) {
      const judged = (row: Suggestion) => hasEnded(row) || row.actions.length === row.proposed.length
      const row = yield* rowWhen(edited.id, judged).pipe(Effect.timeoutOption(judgeLimitMs))
      return Option.getOrElse(row, () => edited)
    })

    const say = Effect.fnUntraced(function* (event: ReturnType<typeof draft>) {
      const events = yield* appender.append([event])
      yield* folds.reached(events.at(-1)!.seq)
    })

    return AnswerRpcs.of({
      Approve: (ask) => answered(ask, answers.approve(ask.id, ask, ask.surface)),
      Edit: (ask) =>
        answered(ask, answers.edit(ask.id, ask.actions, ask.surface)).pipe(Effect.flatMap(judgedAgain)),
      Reject: (ask) => answered(ask, answers.reject(ask.id, ask.reason, ask.surface, ask.lookedMs)),
      Answer: (ask) => answered(ask, answers.answer(ask.id, ask.answer, ask.surface)),
      Snooze: (ask) => answered(ask, answers.snooze(ask.id, ask.untilMs, ask.surface)),
      Retry: (ask) => answered(ask, retrier.retry(ask.id, ask.surface)),
      // an approval that is void by the time it would run leaves a question again
      Await: ({ id }) => rowWhen(id, (row) => row.state !== "approved"),
      // first stop what runs, then say so: a full disk must not hold the kill switch
      Pause: Effect.fnUntraced(function* ({ untilMs }) {
        const until = untilMs === null ? null : new Date(untilMs).toISOString()
        yield* stopWork.stop("paused")
        const saying = yield* Effect.forkDetach(
          say(draft("daemon.paused", { until, reason: "asked" }, { actor: "user" })),
        )
        yield* Effect.timeoutOption(Fiber.join(saying), "2 seconds")
        return { ...(yield* reporter.status), paused: true, pausedUntil: until }
      }),
      Resume: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const resumed = draft("daemon.resumed", { reason: "asked" }, { actor: `user:${ask.surface}` })
        const events = yield* appender
          .appendNow([resumed])
          .pipe(Effect.mapError((error) => new Unavailable({ message: error.message })))
        yield* folds.reached(events.at(-1)!.seq)
        yield* stopWork.release
        return yield* reporter.status
      }),
    })
  }),
)
