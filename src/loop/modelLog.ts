/**
 * The models' way into the log, and the queue's into their ceilings.
 * Invariants: what was appended is folded before it is answered, so the next check of a ceiling counts it; a ceiling has one
 * open question, over restarts too, as long as somebody waits for it; an answer that a crash left lying is taken up by
 * whoever meets that ceiling next.
 */
import { Clock, Effect, Layer, Option, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Conversation, type QuestionEnd } from "../act/Conversation.ts"
import { budgetKey } from "../domain/costs.ts"
import { draft, type EventOf } from "../domain/event.ts"
import type { QueueRow } from "../domain/queue.ts"
import { nameOf, raisedLimit } from "../model/ceilings.ts"
import { ModelLog, type RecordedCall } from "../model/ModelLog.ts"
import { Appender } from "./Appender.ts"
import { ceilingCall, endCeilingQuestions, isOpen } from "./ceilingQuestions.ts"
import { questionId } from "./conversation.ts"
import { Folds } from "./Folds.ts"
import { isRequested, recordedRequest, type Requested, requestedOf } from "./recordedRequests.ts"

type Paused = EventOf<"model.paused">["payload"]

const stop = "stop"

const dollars = (usd: number): string =>
  `$${usd >= 1 ? usd.toFixed(2).replace(/\.00$/, "") : usd.toPrecision(2)}`

const raiseOption = (paused: Paused): string =>
  `raise to $${raisedLimit(paused, paused.worstUsd)} for ${nameOf(paused)}`

const questionText = (paused: Paused): string => {
  const { limitUsd, spentUsd, worstUsd } = paused
  const worst = worstUsd === null ? "" : ` A call that could cost up to ${dollars(worstUsd)} waits.`
  const spent = spentUsd > 0 ? `, of which ${dollars(spentUsd)} is spent or under way` : ""
  return `The spending limit for ${nameOf(paused)} is ${dollars(limitUsd)}${spent}.${worst} Go on?`
}

/** What the chosen words allow; null: nothing. */
const allowed = (chosen: ReadonlyArray<string>): number | null => {
  const usd = Number(/^raise to \$([\d.]+) for /.exec(chosen[0] ?? "")?.[1] ?? Number.NaN)
  return Number.isFinite(usd) ? usd : null
}

/** Ceilings that count a day end with it. */
const msLeft = ({ scope }: Paused, now: number): number | null =>
  scope === "call" || scope === "session" ? null : 86_400_000 - (now % 86_400_000)

const isEnd = (event: {
  readonly type: string
  readonly payload: unknown
}): event is EventOf<"model.answered"> | EventOf<"model.failed"> =>
  (event.type === "model.answered" || event.type === "model.failed") && event.payload !== null

export const modelLog: Layer.Layer<ModelLog, never, Appender | Folds | LogStore | Conversation> =
  Layer.effect(
    ModelLog,
    Effect.gen(function* () {
      const appender = yield* Appender
      const folds = yield* Folds
      const store = yield* LogStore
      const conversation = yield* Conversation

      /** By question, the calls that wait for its answer. */
      const waiting = new Map<string, number>()
      const waits = <A>(question: string, wait: Effect.Effect<A>): Effect.Effect<A> => {
        const count = (more: number) =>
          Effect.sync(() => void waiting.set(question, (waiting.get(question) ?? 0) + more))
        return Effect.acquireUseRelease(
          count(1),
          () => wait,
          () => count(-1),
        )
      }
      yield* Effect.forkScoped(
        endCeilingQuestions({ appender, folds }, (question) => (waiting.get(question) ?? 0) > 0),
      )

      const snapshot = SubscriptionRef.get(folds.snapshot)
      const costs = Effect.map(snapshot, (now) => now.costs)

      const append: ModelLog["Service"]["append"] = Effect.fnUntraced(function* (drafts, durable) {
        const events = yield* appender.append(drafts)
        if (durable !== undefined) yield* durable(events)
        if (events.length > 0) yield* folds.reached(events.at(-1)!.seq)
        return events
      })

      const endOf = (requested: Requested) =>
        store
          .read({
            from: requested.seq + 1,
            causationId: requested.id,
            types: ["model.answered", "model.failed"],
            limit: 1,
          })
          .pipe(Stream.filter(isEnd), Stream.runHead, Effect.map(Option.getOrNull), Effect.orDie)

      const withEnd = (requested: Requested): Effect.Effect<RecordedCall> =>
        Effect.map(endOf(requested), (ended) => ({ requested, ended }))

      const readCalls = (cause: { readonly seq: number; readonly id: string }) =>
        store
          .read({ from: cause.seq + 1, causationId: cause.id, types: ["model.requested"] })
          .pipe(Stream.filter(isRequested), Stream.mapEffect(withEnd), Stream.runCollect, Effect.orDie)
      // nothing came of what is the newest there is
      const callsOf: ModelLog["Service"]["callsOf"] = (cause) =>
        Effect.flatMap(store.head, ({ seq }) => (seq <= cause.seq ? Effect.succeed([]) : readCalls(cause)))

      const requestOf = Effect.fn("ModelLog.requestOf")((call: string) =>
        Effect.orDie(recordedRequest(store, call)),
      )

      /** Its questions so far: the number of the next, unless one is open, and how the last of them ended. */
      const questionsOf = Effect.fnUntraced(function* (name: string) {
        const rows = (yield* snapshot).queue.suggestions
        let last: QueueRow | null = null
        for (let n = 0; ; n++) {
          const call = `${name}#${n}`
          const row = Object.hasOwn(rows, questionId(call)) ? rows[questionId(call)]! : null
          if (row === null || isOpen(row)) return { call, open: row !== null, last }
          last = row
        }
      })

      const askToRaise: ModelLog["Service"]["askToRaise"] = Effect.fn("ModelLog.askToRaise")(
        function* (paused) {
          const { payload, session, trust, workspace } = { ...paused, session: paused.payload.session }
          const { key, scope } = payload
          const now = yield* Clock.currentTimeMillis
          const day = new Date(now).toISOString().slice(0, 10)
          const at = scope === "call" ? `call:${key}` : budgetKey(scope, key, day)
          const { call, last, open } = yield* questionsOf(ceilingCall(at))

          const raise = Effect.fnUntraced(function* (question: string, limitUsd: number) {
            const { actor, correlationId } = paused
            yield* append([
              draft(
                "model.raised",
                { scope, key, limitUsd, question },
                { actor, workspace, trust, correlationId },
              ),
            ])
            return limitUsd
          })

          const left = allowed(last?.question?.answer?.chosen ?? [])
          const had = scope === "call" ? 0 : ((yield* costs).raised[at] ?? 0)
          if (last !== null && left !== null && left > had && left > payload.limitUsd) {
            return { question: last.id, raised: raise(last.id, left) }
          }

          const question = questionId(call)
          const asking = {
            text: questionText(payload),
            options: [raiseOption(payload), stop],
            multiple: false,
            expiresAfterMs: msLeft(payload, now),
          }
          const { expiresAfterMs, multiple, options, text } = asking
          const expiresAt = expiresAfterMs === null ? null : new Date(now + expiresAfterMs).toISOString()
          const asked = draft(
            "session.asked",
            { question, session, call, text, options, multiple, expiresAt },
            { actor: "claw", workspace, trust, correlationId: question },
          )
          yield* append([{ ...paused, payload: { ...payload, question } }, ...(open ? [] : [asked])])
          const answer = (end: QuestionEnd): Effect.Effect<number | "over" | null> => {
            if (end._tag === "closed") return Effect.succeed("over")
            const limit = end._tag === "answered" ? allowed(end.answer.chosen) : null
            return limit === null ? Effect.succeed(null) : raise(question, limit)
          }
          const answered = conversation.ask(asking, { call, session, trust, workspace })
          return { question, raised: Effect.flatMap(waits(question, answered), answer) }
        },
      )

      return ModelLog.of({
        append,
        requestOf,
        callsOf,
        call: (call) =>
          Effect.flatMap(Effect.orDie(requestedOf(store, call)), (requested) =>
            requested === null ? Effect.succeed(null) : withEnd(requested),
          ),
        costs,
        askToRaise,
      })
    }),
  )
