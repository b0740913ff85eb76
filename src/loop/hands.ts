/**
 * Tool calls of conversations, through the same request, gate, queue and run as everybody's.
 * Invariants: once a request is on its way into the log it gets there, also where whoever asked is gone by then; a stop
 * takes back what waits before it ends what runs, so that nothing begins behind it.
 */
import { Effect, Layer, SubscriptionRef } from "effect"
import { Hands } from "../agent/Hands.ts"
import type { ToolCall } from "../domain/action.ts"
import type { CallResult } from "../domain/callResult.ts"
import { draft } from "../domain/event.ts"
import { stop as undoStop } from "../domain/undoConflict.ts"
import { Appender } from "./Appender.ts"
import { Calls } from "./Calls.ts"
import { titleOf } from "./callRequest.ts"
import { Executor } from "./Executor.ts"
import { Folds } from "./Folds.ts"
import { UndoRanges } from "./UndoRanges.ts"

const open = (state: string): boolean => state === "pending" || state === "snoozed"

/** A person may have made several calls of one: the first that did not end well, else the last. */
const oneOf = (results: ReadonlyArray<CallResult>): CallResult | null =>
  results.find(({ ok }) => !ok) ?? results.at(-1) ?? null

export const hands: Layer.Layer<Hands, never, Appender | Calls | Executor | Folds | UndoRanges> =
  Layer.effect(
    Hands,
    Effect.gen(function* () {
      const calls = yield* Calls
      const executor = yield* Executor
      const folds = yield* Folds
      const ranges = yield* UndoRanges
      const appender = yield* Appender

      const rowsOf = (session: string) =>
        Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) =>
          Object.values(queue.suggestions).filter((row) => row.session === session),
        )

      /** In the queue, what a child wants is told from what a person's own conversation wants. */
      const titleFor = Effect.fnUntraced(function* (session: string, call: ToolCall) {
        const { agents } = yield* SubscriptionRef.get(folds.snapshot)
        const row = Object.hasOwn(agents, session) ? agents[session]! : null
        return row === null ? null : `agent "${row.title}": ${titleOf([call], undefined)}`
      })

      const ended: Hands["Service"]["ended"] = Effect.fnUntraced(function* (id) {
        if (!(yield* calls.known(id))) return null
        return oneOf(yield* calls.results(id))
      })

      const call: Hands["Service"]["call"] = Effect.fn("Hands.call")(function* (request) {
        const { call: one, causationId, id, session, ...rest } = request
        const title = yield* titleFor(session, one)
        const asked = calls.request({
          ...rest,
          id,
          session,
          calls: [one],
          ...(title === null ? {} : { title }),
          ...(causationId === null ? {} : { causationId }),
        })
        yield* Effect.uninterruptible(asked)
        const result = yield* ended(id)
        if (result !== null) return result
        return {
          v: 1 as const,
          suggestion: id,
          call: null,
          tool: one.tool,
          input: one.input,
          edited: true,
          outcome: "rejected" as const,
          ok: false,
          exit: null,
          text: "the user took this call out of the request",
          output: null,
          durationMs: null,
          problem: { reason: "rejected", message: "the user took this call out of the request" },
          verdict: null,
          undoable: false,
        }
      })

      const stop: Hands["Service"]["stop"] = Effect.fn("Hands.stop")(function* (session, reason) {
        const rows = yield* rowsOf(session)
        yield* Effect.forEach(
          rows.filter(({ requestedBy, state }) => requestedBy !== null && open(state)),
          ({ id }) => Effect.ignore(calls.withdraw(id, reason)),
          { discard: true },
        )
        yield* Effect.forEach(
          (yield* rowsOf(session)).filter(({ state }) => state === "approved"),
          ({ id }) => executor.stop(id),
          { discard: true, concurrency: "unbounded" },
        )
        const asked = (yield* rowsOf(session)).filter(
          ({ question, state }) =>
            question !== undefined &&
            open(state) &&
            rows.some(({ id }) => question.call.startsWith(`${id}#`)),
        )
        yield* Effect.forEach(
          asked,
          ({ id, lastSeq, tainted, workspace }) => {
            const header = {
              actor: "claw",
              workspace,
              trust: tainted ? ("untrusted" as const) : ("trusted" as const),
              correlationId: id,
            }
            const closed = draft("session.closed", { question: id, reason }, header)
            return appender.appendAfter([closed], { correlationId: id, lastSeq })
          },
          { discard: true },
        )
        // what had not begun when it was ended asks again
        yield* Effect.forEach(
          (yield* rowsOf(session)).filter(({ requestedBy, state }) => requestedBy !== null && open(state)),
          ({ id }) => Effect.ignore(calls.withdraw(id, reason)),
          { discard: true },
        )
      })

      const undo: Hands["Service"]["undo"] = Effect.fn("Hands.undo")(function* (ids, surface) {
        const undone: Array<string> = []
        const kept: Array<string> = []
        for (const id of ids) {
          const steps = yield* Effect.orElseSucceed(ranges.plan({ suggestion: id }), () => [])
          if (steps.length === 0) continue
          const shown = steps.map(({ call: one }) => one)
          const named = (one: string): string => {
            const title = steps.find((step) => step.call === one)?.title
            return title === undefined ? one : `${title} (${one})`
          }
          const report = yield* Effect.result(ranges.undo({ suggestion: id }, shown, undoStop, surface))
          if (report._tag === "Failure") {
            kept.push(`${id}: ${report.failure.message}`)
            continue
          }
          undone.push(...report.success.undone.map(named))
          kept.push(...report.success.passed.map(({ call: one, reason }) => `${named(one)}: ${reason}`))
          if (report.success.stopped !== null) {
            kept.push(`${named(report.success.stopped.call)}: ${report.success.stopped.reason}`)
            // what is older rests on it
            break
          }
        }
        return { undone, kept }
      })

      return Hands.of({
        call,
        consider: calls.consider,
        known: calls.known,
        ended,
        stop,
        undo,
        offered: calls.offered,
      })
    }),
  )
