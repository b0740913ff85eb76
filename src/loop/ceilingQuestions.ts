/**
 * Ends questions of ceilings that nobody waits for: the conversation that met the ceiling was stopped, or rests for another
 * reason. Invariants: a question that any call still waits for stays, and one whose conversation goes on after a restart; an
 * answer that came first stands.
 */
import { Effect, Stream, SubscriptionRef } from "effect"
import { draft, type Event } from "../domain/event.ts"
import type { QueueRow } from "../domain/queue.ts"
import type { Appender } from "./Appender.ts"
import type { Folds } from "./Folds.ts"

export const ceilingCall = (ceiling: string): string => `ceiling:${ceiling}`

export const isOpen = (row: QueueRow): boolean => row.state === "pending" || row.state === "snoozed"

const rests: ReadonlySet<Event["type"]> = new Set(["session.rested", "session.archived"])

/** Runs until interrupted. `isAwaited`: whether a call waits for the answer to this question. */
export const endCeilingQuestions = (
  { appender, folds }: { readonly appender: Appender["Service"]; readonly folds: Folds["Service"] },
  isAwaited: (question: string) => boolean,
): Effect.Effect<void> => {
  const close = Effect.fnUntraced(function* ({ id, lastSeq, tainted, workspace }: QueueRow) {
    const payload = { question: id, reason: "the conversation that asked for it has ended its work" }
    const trust = tainted ? ("untrusted" as const) : ("trusted" as const)
    const closed = draft("session.closed", payload, { actor: "claw", workspace, trust, correlationId: id })
    const events = yield* appender.appendAfter([closed], { correlationId: id, lastSeq })
    if (events !== null) yield* folds.reached(events.at(-1)!.seq)
  })
  const sweep = Effect.gen(function* () {
    const { queue, sessions } = yield* SubscriptionRef.get(folds.snapshot)
    const left = Object.values(queue.suggestions).filter((row) => {
      const asker =
        row.session !== null && Object.hasOwn(sessions, row.session) ? sessions[row.session]! : null
      return (
        isOpen(row) &&
        row.question?.call.startsWith(ceilingCall("")) === true &&
        asker !== null &&
        asker.state !== "working" &&
        !isAwaited(row.id)
      )
    })
    yield* Effect.forEach(left, close, { discard: true })
  })
  return Effect.gen(function* () {
    const { seq, sessions } = yield* SubscriptionRef.get(folds.snapshot)
    // after a restart whoever works may wait for it again
    if (Object.values(sessions).every(({ state }) => state !== "working")) yield* sweep
    yield* Stream.runForEach(folds.follow(seq), (events) =>
      events.some(({ type }) => rests.has(type)) ? sweep : Effect.void,
    )
  })
}
