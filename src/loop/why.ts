/**
 * The causal chain of a suggestion, call or event, read from the log: evidence, situation, facts, decision,
 * verdicts, attention, answer, action, outcome. Each step is an event with its seq; nothing is remembered elsewhere.
 */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import type { Event } from "../domain/event.ts"

export type Role =
  | "evidence"
  | "situation"
  | "facts"
  | "thought"
  | "decision"
  | "verdict"
  | "attention"
  | "approval"
  | "action"
  | "outcome"
  | "event"

export interface WhyStep {
  readonly role: Role
  readonly event: Event
}

const roleOf = (event: Event): Role => {
  if (event.type === "situation.opened") return "situation"
  if (event.type === "situation.facts" || event.type === "situation.read") return "facts"
  if (event.type.startsWith("situation.") || event.type.startsWith("model.")) return "thought"
  if (event.type === "session.opened" || event.type === "session.rested") return "thought"
  if (event.type === "policy.verdict") return "verdict"
  if (event.type === "decision.shown" || event.type === "decision.withheld") return "attention"
  if (event.type === "decision.outcome" || event.type === "decision.expired") return "outcome"
  if (event.type.startsWith("decision.") || event.type === "tool.requested") return "decision"
  if (event.type.startsWith("approval.")) return "approval"
  if (event.type === "policy.granted" || event.type === "policy.revoked") return "approval"
  if (event.type.startsWith("tool.")) return "action"
  return "evidence"
}

const evidenceOf = (event: Event): ReadonlyArray<number> => {
  if ((event.payload as unknown) === null) return []
  switch (event.type) {
    case "situation.opened":
    case "decision.silent":
    case "decision.outcome":
    case "decision.expired":
      return event.payload.evidence
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft":
      return [event.payload.situation, ...event.payload.proposal.evidence]
    default:
      return []
  }
}

type Store = typeof LogStore.Service
/** The event by which outside text came into a conversation. */
type TaintedBy = (session: string) => number | null

const clean: TaintedBy = () => null

const ofSituation: ReadonlyArray<Event["type"]> = [
  "situation.facts",
  "situation.read",
  "situation.prepared",
  "situation.thought",
  "situation.drafted",
  "decision.silent",
]

const ends: ReadonlyArray<Event["type"]> = ["model.answered", "model.failed"]

/** Calls of models that a first look, or the conversation of a draft, was made of, with their ends: what it cost. */
const thoughtOf = Effect.fnUntraced(function* (
  store: Store,
  event: Event,
): Effect.fn.Return<ReadonlyArray<Event>, LogError> {
  if ((event.payload as unknown) === null) return []
  if (event.type === "situation.prepared") {
    const calls = yield* store
      .read({ causationId: event.id, types: ["model.requested"] })
      .pipe(Stream.runCollect)
    const ended = yield* Effect.forEach(calls, ({ id }) =>
      store.read({ causationId: id, types: ends }).pipe(Stream.runCollect),
    )
    return [...calls, ...ended.flat()]
  }
  if (event.type !== "situation.drafted" || event.payload.session === null) return []
  return yield* store
    .read({
      correlationId: event.payload.session,
      types: ["session.opened", "session.rested", "model.requested", ...ends],
    })
    .pipe(Stream.runCollect)
})

/** Everything of one correlation, and what it rests on, oldest first. */
const chain = Effect.fnUntraced(function* (
  store: Store,
  start: ReadonlyArray<Event>,
  taintedBy: TaintedBy = clean,
) {
  const known = new Map<number, Event>()
  const add = Effect.fnUntraced(function* (event: Event): Effect.fn.Return<void, LogError> {
    if (known.has(event.seq)) return
    known.set(event.seq, event)
    for (const seq of evidenceOf(event)) {
      const found = yield* store.get(seq)
      if (found !== null) yield* add(found)
    }
    if (
      event.type === "tool.requested" &&
      event.trust === "untrusted" &&
      (event.payload as unknown) !== null
    ) {
      const { session } = event.payload
      const seq = session === null ? null : taintedBy(session)
      const found = seq === null || seq >= event.seq ? null : yield* store.get(seq)
      if (found !== null) yield* add(found)
    }
    if (event.causationId !== null) {
      const cause = yield* store.getById(event.causationId)
      if (cause !== null) yield* add(cause)
    }
  })
  for (const event of start) yield* add(event)
  for (const event of Array.from(known.values())) {
    if (event.type !== "situation.opened") continue
    const caused = yield* store.read({ causationId: event.id, types: ofSituation }).pipe(Stream.runCollect)
    for (const found of caused) yield* add(found)
  }
  for (const event of Array.from(known.values())) {
    for (const found of yield* thoughtOf(store, event)) yield* add(found)
  }
  return [...known.values()].sort((a, b) => a.seq - b.seq)
})

const withRoles = (events: ReadonlyArray<Event>): ReadonlyArray<WhyStep> =>
  events.map((event) => ({ role: roleOf(event), event }))

/** Situation, facts, decision: so far what an observation led to is followed, and each suggestion to its end. */
const generations = 3

const followed = Effect.fnUntraced(function* (
  store: Store,
  event: Event,
): Effect.fn.Return<ReadonlyArray<Event>, LogError> {
  const all: Array<Event> = []
  let last: ReadonlyArray<Event> = [event]
  for (let generation = 0; generation < generations && last.length > 0; generation += 1) {
    const next = yield* Effect.forEach(last, ({ id }) =>
      store.read({ causationId: id }).pipe(Stream.runCollect),
    )
    last = next.flat()
    all.push(...last)
  }
  const suggestions = new Set(all.flatMap(({ correlationId }) => correlationId ?? []))
  const ends = yield* Effect.forEach(suggestions, (correlationId) =>
    store.read({ correlationId }).pipe(Stream.runCollect),
  )
  return [...all, ...ends.flat()]
})

/** The chain this event belongs to; alone where nothing led to it and nothing came of it. */
export const whyEvent = Effect.fn("whyEvent")(function* (
  store: Store,
  event: Event,
): Effect.fn.Return<ReadonlyArray<WhyStep>, LogError> {
  if (event.correlationId !== null) {
    const all = yield* store.read({ correlationId: event.correlationId }).pipe(Stream.runCollect)
    return withRoles(yield* chain(store, all))
  }
  const after = yield* followed(store, event)
  return (yield* chain(store, [event, ...after])).map((found) => ({
    role: found.seq === event.seq && roleOf(found) === "evidence" ? ("event" as const) : roleOf(found),
    event: found,
  }))
})

/** `id`: a suggestion, a call (`suggestion#index`), an event id or a seq. Null where nothing has it. */
export const why = Effect.fn("why")(function* (
  store: Store,
  id: string,
  taintedBy: TaintedBy = clean,
): Effect.fn.Return<ReadonlyArray<WhyStep> | null, LogError> {
  const suggestion = id.split("#")[0] ?? id
  const correlated = yield* store.read({ correlationId: suggestion }).pipe(Stream.runCollect)
  if (correlated.length > 0) return withRoles(yield* chain(store, correlated, taintedBy))
  const event = /^\d+$/.test(id) ? yield* store.get(Number(id)) : yield* store.getById(id)
  return event === null ? null : yield* whyEvent(store, event)
})
