/**
 * A daemon that is not there: a queue, a status and a log of any length made by a function, answered in memory.
 * The bench and the tests run the real screen against it. Every call is kept, in order.
 */
import { Effect, Stream, SubscriptionRef } from "effect"
import type { ToolCall, Verdict } from "../src/domain/action.ts"
import type { CallResult, Requested } from "../src/domain/callResult.ts"
import type { EventRecord } from "../src/domain/event.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"
import type { Detail, Moment, Point, Status, Why } from "../src/rpc/shapes.ts"
import type { GrantView, OffersView } from "../src/rpc/grants.ts"
import type { SessionPart } from "../src/rpc/sessions.ts"
import type { ToolRow } from "../src/rpc/toolShapes.ts"
import type { Mark } from "./marks.ts"
import type { Minds } from "./minds.ts"
import { type TuiClient, TuiError } from "./TuiClient.ts"

export interface Script {
  readonly queue: ReadonlyArray<Suggestion>
  readonly details: Readonly<Record<string, Detail>>
  readonly chains?: Readonly<Record<string, Why>>
  readonly status: Status
  readonly head: number
  readonly event: (seq: number) => EventRecord
  /** What differs of a moment from the plain one: the queue and the status as they are now, no chain. */
  readonly moment?: (seq: number) => Partial<Moment>
  readonly marks?: ReadonlyArray<Mark>
  readonly tools?: ReadonlyArray<ToolRow>
  /** What can be allowed once for all with any of the suggestions, and what was. */
  readonly offers?: OffersView
  readonly grants?: ReadonlyArray<GrantView>
  readonly minds?: Minds
  /** What is heard of each conversation; then nothing more comes. */
  readonly talks?: Readonly<Record<string, ReadonlyArray<SessionPart>>>
  /** What the gate says of a call, and what becomes of it; without one, no call can be run. */
  readonly tool?: (call: ToolCall) => {
    readonly verdict: Verdict
    readonly requested: Requested
    readonly result: CallResult
  }
}

export type Call = readonly [name: string, ...parameters: ReadonlyArray<unknown>]

const refused = (message: string) => Effect.fail(new TuiError({ reason: "refused", message }))

export const scriptedClient = Effect.fnUntraced(function* (script: Script) {
  const calls: Array<Call> = []
  const queue = yield* SubscriptionRef.make(script.queue)
  const status = yield* SubscriptionRef.make(script.status)
  const head = yield* SubscriptionRef.make(script.head)
  const details = new Map(Object.entries(script.details))

  const noted = <A>(call: Call, effect: Effect.Effect<A, TuiError>): Effect.Effect<A, TuiError> =>
    Effect.suspend(() => {
      calls.push(call)
      return effect
    })
  const events = (from: number, to: number): ReadonlyArray<EventRecord> =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => script.event(from + index))

  /** The newest event that is not later. */
  const seqAt = (atMs: number, newest: number): number => {
    let low = 0
    let high = newest
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (Date.parse(script.event(middle).at) <= atMs) low = middle
      else high = middle - 1
    }
    return low
  }
  const momentAt = Effect.fnUntraced(function* (point: Point) {
    const newest = yield* SubscriptionRef.get(head)
    const wanted = "seq" in point ? point.seq : seqAt(point.atMs, newest)
    const seq = Math.max(0, Math.min(newest, wanted))
    const event = seq === 0 ? null : script.event(seq)
    const moment: Moment = {
      v: 1,
      seq,
      head: newest,
      at: event?.at ?? null,
      event,
      status: yield* SubscriptionRef.get(status),
      queue: yield* SubscriptionRef.get(queue),
      previousDecision: null,
      nextDecision: null,
      chain: [],
      cost: { usd: 0, modelCalls: 0 },
      ...script.moment?.(seq),
    }
    return moment
  })

  const change = Effect.fnUntraced(function* (id: string, to: Partial<Suggestion>) {
    const rows = yield* SubscriptionRef.get(queue)
    const row = rows.find((one) => one.id === id)
    if (row === undefined) return yield* refused(`no such suggestion: ${id}`)
    const next = { ...row, ...to, lastSeq: row.lastSeq + 1 }
    const detail = details.get(id)
    if (detail !== undefined) details.set(id, { ...detail, suggestion: next })
    yield* SubscriptionRef.set(
      queue,
      rows.map((one) => (one.id === id ? next : one)),
    )
    return next
  })
  const setStatus = (to: Partial<Status>) =>
    SubscriptionRef.updateAndGet(status, (now) => ({ ...now, ...to }))

  let grants = script.grants ?? []
  let minds: Minds = script.minds ?? { conversations: [], agents: [], inbox: [] }
  const results = new Map<string, CallResult>()
  const toolOf = (call: ToolCall) =>
    script.tool === undefined ? refused("no tools here") : Effect.succeed(script.tool(call))

  const client: TuiClient = {
    head: SubscriptionRef.get(head),
    status: SubscriptionRef.changes(status),
    queue: SubscriptionRef.changes(queue).pipe(
      Stream.map((rows) => rows.filter((row) => row.state === "pending")),
    ),
    tail: (from) =>
      SubscriptionRef.changes(head).pipe(
        Stream.mapAccum(
          () => from,
          (next, to) => [Math.max(next, to + 1), to >= next ? [events(next, to)] : []] as const,
        ),
      ),
    all: SubscriptionRef.get(queue),
    range: (from, to) =>
      noted(
        ["range", from, to],
        Effect.sync(() => events(from, to)),
      ),
    matches: (query) =>
      noted(
        ["matches", query],
        Effect.sync(() => {
          const found: Array<EventRecord> = []
          const wanted = query.text.toLowerCase()
          const by = query.newest ? -1 : 1
          for (
            let seq = query.newest ? query.to : query.from;
            seq >= query.from && seq <= query.to && found.length < query.limit;
            seq += by
          ) {
            const event = script.event(seq)
            if (JSON.stringify(event.payload).toLowerCase().includes(wanted)) found.push(event)
          }
          return found
        }),
      ),
    show: (id) =>
      noted(
        ["show", id],
        Effect.suspend(() => {
          const detail = details.get(id)
          return detail === undefined ? refused(`no such suggestion: ${id}`) : Effect.succeed(detail)
        }),
      ),
    why: (id) =>
      noted(
        ["why", id],
        Effect.suspend(() => {
          const chain = script.chains?.[id]
          return chain === undefined ? refused(`no such event: ${id}`) : Effect.succeed(chain)
        }),
      ),
    moment: (point) => noted(["moment", point], momentAt(point)),
    marks: (to, limit) =>
      noted(
        ["marks", to, limit],
        Effect.sync(() =>
          (script.marks ?? [])
            .filter((mark) => mark.seq <= to)
            .toSorted((a, b) => b.seq - a.seq)
            .slice(0, limit),
        ),
      ),
    approve: (id, shown, always) =>
      noted(
        always === undefined ? ["approve", id, shown] : ["approve", id, shown, always],
        change(id, { state: "approved" }),
      ),
    offers: (id) =>
      noted(["offers", id], Effect.succeed(script.offers ?? { offers: [], note: "no grants here" })),
    grants: noted(
      ["grants"],
      Effect.sync(() => grants),
    ),
    revoke: (grant) =>
      noted(
        ["revoke", grant],
        Effect.sync(() => {
          const gone = grants.filter((row) => row.grant === grant)
          grants = grants.filter((row) => row.grant !== grant)
          return gone
        }),
      ),
    ended: (id) => noted(["ended", id], change(id, { state: "done", undoable: true })),
    edit: (id, actions) => noted(["edit", id, actions], change(id, { proposed: actions })),
    answer: (id, words) => noted(["answer", id, words], change(id, { state: "done" })),
    reject: (id, reason) => noted(["reject", id, reason], change(id, { state: "rejected", note: reason })),
    snooze: (id, untilMs) => noted(["snooze", id, untilMs], change(id, { state: "snoozed" })),
    undo: (id) => noted(["undo", id], change(id, { state: "undone", undoable: false })),
    retry: (id) => noted(["retry", id], Effect.succeed({ v: 1, suggestion: `${id}_again`, state: "asking" })),
    tools: noted(["tools"], Effect.succeed(script.tools ?? [])),
    judge: (call) =>
      noted(
        ["judge", call],
        Effect.map(toolOf(call), ({ verdict }) => verdict),
      ),
    runTool: (call) =>
      noted(
        ["runTool", call],
        Effect.map(toolOf(call), ({ requested, result }) => {
          results.set(requested.suggestion, result)
          return requested
        }),
      ),
    results: (id) =>
      noted(
        ["results", id],
        Effect.suspend(() => {
          const result = results.get(id)
          return result === undefined ? refused(`no such request: ${id}`) : Effect.succeed([result])
        }),
      ),
    minds: (ended) =>
      noted(
        ["minds", ended],
        Effect.sync(() => minds),
      ),
    follow: (session) =>
      Stream.unwrap(
        noted(
          ["follow", session],
          Effect.sync(() => Stream.concat(Stream.fromIterable(script.talks?.[session] ?? []), Stream.never)),
        ),
      ),
    stopMind: (session, agent) => noted(["stopMind", session, agent], Effect.succeed(true)),
    answerMemory: (id, accept) => noted(["answerMemory", id, accept], Effect.succeed(1)),
    sayTo: (session, agent, text) => noted(["sayTo", session, agent, text], Effect.succeed(1)),
    pause: (untilMs) => noted(["pause", untilMs], setStatus({ paused: true })),
    resume: noted(["resume"], setStatus({ paused: false })),
    presence: (present) => noted(["presence", present], Effect.succeed(true)),
  }
  return {
    client,
    calls,
    setQueue: (rows: ReadonlyArray<Suggestion>) => SubscriptionRef.set(queue, rows),
    setDetail: (detail: Detail) => Effect.sync(() => details.set(detail.suggestion.id, detail)),
    setStatus,
    setMinds: (to: Minds) =>
      Effect.sync(() => {
        minds = to
      }),
    /** More events at the end of the log. */
    append: (count: number) => SubscriptionRef.update(head, (now) => now + count),
  }
})
