/**
 * Questions and words between tools and the user: asked as events, answered in the queue, waited for by its fold.
 * Invariants: one question a call, over retries too (its id is derived from the call); what expires is closed by
 * compare-and-set, so that an answer that came first stands; whoever waits costs nothing.
 */
import { createHash } from "node:crypto"
import { Clock, Effect, Layer, Option, Stream, SubscriptionRef } from "effect"
import { type Asker, type Asking, Conversation, type QuestionEnd } from "../act/Conversation.ts"
import { draft, type Event } from "../domain/event.ts"
import type { QueueRow, QueueState } from "../domain/queue.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { latest } from "./latest.ts"

/** One for each call, whatever is asked in it. */
export const questionId = (call: string): string =>
  `q_${createHash("sha256").update(call).digest("hex").slice(0, 16)}`

const isOpen = (row: QueueRow): boolean => row.state === "pending" || row.state === "snoozed"

const endOf = (row: QueueRow): QuestionEnd => {
  const answer = row.question?.answer ?? null
  if (answer !== null) return { _tag: "answered", answer }
  return row.state === "rejected"
    ? { _tag: "declined", reason: row.note ?? "" }
    : { _tag: "closed", reason: row.note ?? "the question is closed" }
}

export const conversation: Layer.Layer<Conversation, never, Appender | Folds> = Layer.effect(
  Conversation,
  Effect.gen(function* () {
    const appender = yield* Appender
    const folds = yield* Folds
    const rows = Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) => queue.suggestions)

    /** The same words in the same conversation, still waiting: after a restart it is asked again, and is the same. */
    const openAlready = Effect.fnUntraced(function* (asking: Asking, context: Asker) {
      const all = Object.values(yield* rows)
      return all.find(
        (row) =>
          isOpen(row) &&
          row.question !== undefined &&
          row.session !== null &&
          row.session === context.session &&
          row.question.text === asking.text &&
          row.question.multiple === asking.multiple &&
          JSON.stringify(row.question.options) === JSON.stringify(asking.options),
      )?.id
    })

    const put = Effect.fnUntraced(function* (asking: Asking, context: Asker) {
      const id = questionId(context.call)
      if ((yield* rows)[id] !== undefined) return id
      const { expiresAfterMs, multiple, options, text } = asking
      const now = yield* Clock.currentTimeMillis
      const expiresAt = expiresAfterMs === null ? null : new Date(now + expiresAfterMs).toISOString()
      const payload = {
        question: id,
        session: context.session,
        call: context.call,
        text,
        options,
        multiple,
        expiresAt,
      }
      const { trust, workspace } = context
      const events = yield* appender.append([
        draft("session.asked", payload, { actor: "claw", workspace, trust, correlationId: id }),
      ])
      yield* folds.reached(events.at(-1)!.seq)
      return id
    })

    const ended = (id: string) =>
      latest(folds.snapshot).pipe(
        Stream.map(({ queue }) => queue.suggestions[id]),
        Stream.filter((row) => row === undefined || !isOpen(row)),
        Stream.runHead,
        Effect.flatMap((found) =>
          Option.isNone(found)
            ? Effect.never
            : Effect.succeed<QuestionEnd>(
                found.value === undefined
                  ? { _tag: "closed", reason: "the question is gone" }
                  : endOf(found.value),
              ),
        ),
      )

    const stillOpen = (id: string) =>
      Effect.map(rows, ({ [id]: row }) => (row !== undefined && isOpen(row) ? row : null))

    const close = Effect.fnUntraced(function* (row: QueueRow, context: Asker) {
      const { trust, workspace } = context
      const payload = { question: row.id, reason: "nobody answered in time, and nothing was decided" }
      const closed = draft("session.closed", payload, {
        actor: "claw",
        workspace,
        trust,
        correlationId: row.id,
      })
      const events = yield* appender.appendNow([closed], { correlationId: row.id, lastSeq: row.lastSeq })
      yield* folds.reached(events.at(-1)!.seq)
    })

    const expiry = Effect.fnUntraced(function* (id: string, asking: Asking, context: Asker) {
      const expiresAt = (yield* rows)[id]?.expiresAt ?? null
      if (asking.expiresAfterMs === null || expiresAt === null) return yield* Effect.never
      yield* Effect.sleep(Math.max(0, Date.parse(expiresAt) - (yield* Clock.currentTimeMillis)))
      for (;;) {
        const row = yield* stillOpen(id)
        if (row === null) return yield* Effect.never
        // a word about it (it was snoozed) may come between: what it is by then is closed
        yield* Effect.catch(close(row, context), () => Effect.sleep("100 millis"))
      }
    })

    const ask: Conversation["Service"]["ask"] = Effect.fn("Conversation.ask")(function* (asking, context) {
      const redacted = {
        ...asking,
        text: redactSecrets(asking.text),
        options: asking.options.map(redactSecrets),
      }
      const id = (yield* openAlready(redacted, context)) ?? (yield* put(redacted, context))
      return yield* Effect.raceFirst(ended(id), expiry(id, redacted, context))
    })

    const sessionOf = (event: Event, all: QueueState["suggestions"]): string | null =>
      event.type === "session.answered" ? (all[event.payload.question]?.session ?? null) : event.correlationId

    const heard: Conversation["Service"]["heard"] = Effect.fnUntraced(function* ({ session, workspace }) {
      const { seq } = yield* SubscriptionRef.get(folds.snapshot)
      const word = yield* folds.follow(seq).pipe(
        Stream.map((events) =>
          events.filter(
            (event) =>
              event.type.startsWith("session.") &&
              event.actor.startsWith("user:") &&
              event.workspace === workspace,
          ),
        ),
        Stream.mapEffect((events) =>
          Effect.map(rows, (all) =>
            events.some((event) => session === null || sessionOf(event, all) === session),
          ),
        ),
        Stream.filter((found) => found),
        Stream.runHead,
      )
      return yield* Option.isSome(word) ? Effect.void : Effect.never
    })

    return Conversation.of({ ask, heard })
  }),
)
