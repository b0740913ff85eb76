/**
 * Asks for what failed once more, because a person wants it: the calls that did not end well, as a new request with a
 * new id, judged as things are now.
 * Invariants: nothing that was started is started again, what is asked for anew is another call; what failed is asked for
 * once more only once, its request is what comes next.
 */
import { Context, Effect, Layer, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { type CallError, type Requested } from "../domain/callResult.ts"
import { draft } from "../domain/event.ts"
import type { Surface } from "../domain/events/acted.ts"
import { AnswerError } from "./Answers.ts"
import { Appender } from "./Appender.ts"
import { Calls } from "./Calls.ts"
import { Folds } from "./Folds.ts"

const refuse = (reason: AnswerError["reason"], message: string): AnswerError =>
  new AnswerError({ reason, message, rule: null, difference: [] })

const fromCalls = (error: CallError): AnswerError =>
  refuse(error.reason === "unavailable" ? "unavailable" : "refused", error.message)

export class Retrier extends Context.Service<
  Retrier,
  {
    /** The new request of what failed. */
    readonly retry: (id: string, surface: Surface) => Effect.Effect<Requested, AnswerError>
  }
>()("claw/loop/Retrier") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Retrier,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const calls = yield* Calls
        const under = new Set<string>()

        const newest = (id: string, type: "tool.failed" | "tool.finished" | "approval.retried") =>
          store.read({ correlationId: id, types: [type], reverse: true, limit: 1 }).pipe(
            Stream.runCollect,
            Effect.orDie,
            Effect.map((events) => events[0] ?? null),
          )

        const again = Effect.fnUntraced(function* (id: string, surface: Surface) {
          const row = (yield* SubscriptionRef.get(folds.snapshot)).queue.suggestions[id]
          if (row === undefined) return yield* refuse("no-such", `no such suggestion: ${id}`)
          if (row.state !== "failed") {
            const how = row.state === "pending" ? `: claw approve ${id} does it` : ""
            return yield* refuse("stale", `${id} is ${row.state}, and did not fail${how}`)
          }
          const before = yield* newest(id, "approval.retried")
          if (before !== null) {
            const as = before.type === "approval.retried" ? ` as ${before.payload?.as ?? "another"}` : ""
            return yield* refuse("stale", `${id} was asked for once more already${as}`)
          }
          const left = row.proposed.slice(row.finished)
          if (left.length === 0) return yield* refuse("stale", `nothing of ${id} is left to be done`)
          const cause = (yield* newest(id, "tool.failed")) ?? (yield* newest(id, "tool.finished"))
          const asked = yield* calls
            .request({
              workspace: row.workspace ?? options.home,
              // a person wants it once more; it stays the call of whoever wanted it first, and is judged as theirs
              actor: row.requestedBy ?? "claw",
              trust: row.tainted ? "untrusted" : "trusted",
              session: row.session,
              calls: left,
              title: row.title,
              ...(cause === null ? {} : { causationId: cause.id }),
            })
            .pipe(Effect.mapError(fromCalls))
          const events = yield* appender.append([
            draft(
              "approval.retried",
              { suggestion: id, as: asked.suggestion, surface },
              { actor: `user:${surface}`, workspace: row.workspace, correlationId: id },
            ),
          ])
          yield* folds.reached(events.at(-1)!.seq)
          return asked
        })

        // whoever asks may go away half-way; the two events belong together
        const retry = Effect.fn("Retrier.retry")(function* (id: string, surface: Surface) {
          if (under.has(id)) return yield* refuse("stale", `${id} is being asked for once more already`)
          under.add(id)
          return yield* Effect.ensuring(
            again(id, surface),
            Effect.sync(() => under.delete(id)),
          )
        }, Effect.uninterruptible)

        return Retrier.of({ retry })
      }),
    )
}
