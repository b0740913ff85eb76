/**
 * The log as it was: everything a client can see of one point, folded from the log and from nothing else.
 * Invariants: a moment of seq N rests on events 1 to N, but for what it says of later ones by name (the head, the
 * next decision, the rest of the causal chain); asking for one changes nothing.
 */
import { Context, Effect, Layer, Stream } from "effect"
import { foldFrom } from "../../log-store/fold.ts"
import { type LogError, LogStore, type Query } from "../../log-store/LogStore.ts"
import { describe } from "../domain/describe.ts"
import type { Event } from "../domain/event.ts"
import { queueProjection } from "../domain/queue.ts"
import { controlProjection } from "../loop/control.ts"
import { why } from "../loop/why.ts"
import type { Moment, Point } from "../rpc/shapes.ts"
import { eventRecord } from "./eventRecord.ts"
import { Identity } from "./Identity.ts"
import { inOrder, statusOf } from "./statusOf.ts"

const decisions = ["decision.digest", "decision.notify", "decision.question", "decision.draft"]

export class Moments extends Context.Service<
  Moments,
  { readonly at: (point: Point) => Effect.Effect<Moment, LogError> }
>()("claw/daemon/Moments") {
  static readonly layer = (options: { readonly logDir: string }) =>
    Layer.effect(
      Moments,
      Effect.gen(function* () {
        const store = yield* LogStore
        const identity = yield* Identity

        const first = (query: Query): Effect.Effect<Event | null, LogError> =>
          store.read({ ...query, limit: 1 }).pipe(
            Stream.runHead,
            Effect.map((found) => (found._tag === "Some" ? found.value : null)),
          )
        const seqOf = Effect.fnUntraced(function* (point: Point, head: number) {
          if ("seq" in point) return Math.min(Math.max(Math.trunc(point.seq), 0), head)
          const later = yield* first({ since: point.atMs + 1 })
          return later === null ? head : later.seq - 1
        })

        const at = Effect.fnUntraced(function* (point: Point): Effect.fn.Return<Moment, LogError> {
          const head = yield* store.head
          const seq = yield* seqOf(point, head.seq)
          const event = seq === 0 ? null : yield* store.get(seq)
          const queue = yield* foldFrom(store, queueProjection, { upTo: seq })
          const control = yield* foldFrom(store, controlProjection, { upTo: seq })
          const started = yield* first({ types: ["daemon.started"], to: seq, reverse: true })
          const previous = yield* first({ types: decisions, to: seq - 1, reverse: true })
          const next = yield* first({ types: decisions, from: seq + 1 })
          const chain = event === null ? null : yield* why(store, String(seq))
          const known = started?.type === "daemon.started" ? started : null
          return {
            v: 1,
            seq,
            head: head.seq,
            at: event?.at ?? null,
            event: event === null ? null : eventRecord(event),
            status: statusOf(
              { seq, queue: queue.state, control: control.state },
              {
                version: known?.payload?.version ?? identity.version,
                pid: known?.payload?.pid ?? identity.pid,
                startedAt: known?.at ?? identity.startedAt,
                logDir: options.logDir,
                headHash: event?.hash ?? "",
                nowMs: event === null ? 0 : Date.parse(event.at),
                troubles: [],
              },
            ),
            queue: Object.values(queue.state.suggestions).sort(inOrder),
            previousDecision: previous?.seq ?? null,
            nextDecision: next?.seq ?? null,
            chain:
              chain === null || chain.length < 2
                ? []
                : chain.map((step) => ({
                    role: step.role,
                    event: eventRecord(step.event),
                    text: describe(step.event),
                  })),
            cost: { usd: 0, modelCalls: 0 },
          }
        })
        return Moments.of({ at })
      }),
    )
}
