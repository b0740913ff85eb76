/**
 * Calls that ran, out of the log: their start with its undo record, what is known of their end, and whether they were
 * taken back already.
 * Invariant: what an erasure took is not guessed: a call without its start is not there, one without its end is unknown.
 */
import { Effect, Stream } from "effect"
import type { LogStore, Query } from "../../log-store/LogStore.ts"
import type { Event, EventOf } from "../domain/event.ts"
import type { PathState } from "../domain/events/acted.ts"

export interface PastCall {
  readonly start: EventOf<"tool.started">
  /** Null: it did not end, or it cannot be told how. */
  readonly end: EventOf<"tool.finished"> | EventOf<"task.ended"> | Interrupted | null
  /** It goes on in the background: what it changed is known when that ended, and nothing of it before. */
  readonly running: boolean
}

/** It was cut off with the daemon; what was changed when that came back counts as its own. */
export type Interrupted = EventOf<"tool.failed"> & {
  readonly payload: {
    readonly after: ReadonlyArray<PathState>
    readonly refs: Readonly<Record<string, string>>
  }
}
const isInterrupted = (event: EventOf<"tool.failed">): event is Interrupted =>
  event.payload.after !== undefined && event.payload.refs !== undefined

const types = ["tool.started", "tool.finished", "tool.failed", "tool.undone", "task.started", "task.ended"]

const pastCalls = (events: ReadonlyArray<Event>): ReadonlyArray<PastCall> => {
  const started: Array<EventOf<"tool.started">> = []
  const finished = new Map<string, EventOf<"tool.finished">>()
  const interrupted = new Map<string, Interrupted>()
  const background = new Map<string, EventOf<"task.ended"> | null>()
  const undone = new Set<string>()
  for (const event of events) {
    if ((event.payload as unknown) === null) continue
    if (event.type === "tool.started") started.push(event)
    if (event.type === "tool.finished") finished.set(event.payload.call, event)
    if (event.type === "tool.failed" && isInterrupted(event)) interrupted.set(event.payload.call, event)
    if (event.type === "tool.undone") undone.add(event.payload.call)
    if (event.type === "task.started") background.set(event.payload.call, null)
    if (event.type === "task.ended") background.set(event.payload.call, event)
  }
  return started
    .filter((event) => !undone.has(event.payload.call))
    .map((start) => {
      const { call } = start.payload
      return {
        start,
        running: background.get(call) === null,
        end: background.get(call) ?? finished.get(call) ?? interrupted.get(call) ?? null,
      }
    })
    .toSorted((a, b) => b.start.seq - a.start.seq)
}

type Store = LogStore["Service"]

/** Of one suggestion, newest first. */
export const callsOf = (store: Store, suggestion: string) =>
  store
    .read({ correlationId: suggestion, types })
    .pipe(Stream.runCollect, Effect.orDie, Effect.map(pastCalls))

/** All that started in a stretch of the log, newest first; what came of them may lie behind it. */
export const callsIn = Effect.fnUntraced(function* (store: Store, query: Query) {
  const started = yield* store
    .read({ ...query, types: ["tool.started"] })
    .pipe(Stream.runCollect, Effect.orDie)
  const wanted = new Set(started.map(({ seq }) => seq))
  const suggestions = new Set(started.flatMap(({ correlationId }) => correlationId ?? []))
  const calls = yield* Effect.forEach(suggestions, (suggestion) => callsOf(store, suggestion))
  return calls
    .flat()
    .filter(({ start }) => wanted.has(start.seq))
    .toSorted((a, b) => b.start.seq - a.start.seq)
})
