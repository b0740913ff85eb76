/**
 * The log as it was: everything a client can see of one point, folded from the log and from nothing else.
 * Invariants: a moment of seq N rests on events 1 to N, but for what it says of later ones by name (the head, the
 * next decision, the rest of the causal chain); asking for one changes nothing that is shown.
 */
import { Context, Effect, Layer, Stream } from "effect"
import { type LogError, LogStore, type Query } from "../../log-store/LogStore.ts"
import { makePast, type Past } from "../../log-store/Past.ts"
import type { Event } from "../domain/event.ts"
import { viewed } from "../loop/projections.ts"
import { whyEvent } from "../loop/why.ts"
import type { Moment, Point } from "../rpc/shapes.ts"
import { eventRecord } from "./eventRecord.ts"
import { grantViews } from "./grantView.ts"
import { inOrder, statusOf } from "./statusOf.ts"
import { costOf, whySteps } from "./whySteps.ts"

const decisions = ["decision.digest", "decision.notify", "decision.question", "decision.draft"]

type Store = LogStore["Service"]

const first = (store: Store, query: Query): Effect.Effect<Event | null, LogError> =>
  store.read({ ...query, limit: 1 }).pipe(
    Stream.runHead,
    Effect.map((found) => (found._tag === "Some" ? found.value : null)),
  )

/**
 * The seq a point names, at most the head. A time is the last event before the log first came to a later one: where
 * the clock was set back, what was logged meanwhile belongs to where it stands.
 */
export const seqOf = Effect.fnUntraced(function* (store: Store, point: Point) {
  const head = yield* store.head
  if ("seq" in point) return Math.min(Math.max(Math.trunc(point.seq), 0), head.seq)
  if (head.at !== null && point.atMs >= Date.parse(head.at)) return head.seq
  const later = yield* first(store, { since: point.atMs + 1 })
  return later === null ? head.seq : later.seq - 1
})

export const momentAt = Effect.fnUntraced(function* (
  store: Store,
  past: Past<typeof viewed>,
  logDir: string,
  point: Point,
): Effect.fn.Return<Moment, LogError> {
  const head = yield* store.head
  const seq = yield* seqOf(store, point)
  const event = seq === 0 ? null : yield* store.get(seq)
  const { control, grants, queue } = yield* past.at(seq)
  const previous = yield* first(store, { types: decisions, to: seq - 1, reverse: true })
  const next = yield* first(store, { types: decisions, from: seq + 1 })
  const chain = event === null ? [] : yield* whyEvent(store, event)
  return {
    v: 1,
    seq,
    head: head.seq,
    at: event?.at ?? null,
    event: event === null ? null : eventRecord(event),
    status: statusOf(
      { seq, queue, control },
      {
        version: control.daemon?.version ?? "",
        pid: control.daemon?.pid ?? 0,
        startedAt: control.daemon?.startedAt ?? "",
        logDir,
        headHash: event?.hash ?? "",
        nowMs: event === null ? 0 : Date.parse(event.at),
        troubles: [],
      },
    ),
    queue: Object.values(queue.suggestions).sort(inOrder),
    previousDecision: previous?.seq ?? null,
    nextDecision: next?.seq ?? null,
    chain: chain.length < 2 ? [] : whySteps(chain),
    cost: costOf(chain),
    grants: grantViews(grants),
  }
})

export class Moments extends Context.Service<
  Moments,
  { readonly at: (point: Point) => Effect.Effect<Moment, LogError> }
>()("claw/daemon/Moments") {
  static readonly layer = (options: { readonly logDir: string }) =>
    Layer.effect(
      Moments,
      Effect.gen(function* () {
        const store = yield* LogStore
        const past = yield* makePast(store, viewed)
        return Moments.of({ at: (point) => momentAt(store, past, options.logDir, point) })
      }),
    )
}
