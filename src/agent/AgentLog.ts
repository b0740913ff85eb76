/**
 * The log as conversations need it. The driver gives the layer, because it alone appends.
 * Invariants: what was answered is durable and folded; `appendAfter` is compare-and-set on the session's last event, so two
 * clients of one conversation never both take the same step.
 */
import { Context, type Effect, type Stream } from "effect"
import type { AgentsState } from "../domain/agents.ts"
import type { BoardsState } from "../domain/board.ts"
import type { Spent } from "../domain/costs.ts"
import type { Event, EventDraft } from "../domain/event.ts"
import type { SessionsState } from "../domain/sessions.ts"

export class AgentLog extends Context.Service<
  AgentLog,
  {
    readonly append: (drafts: ReadonlyArray<EventDraft>) => Effect.Effect<ReadonlyArray<Event>>
    /** Null: something else of this session came first, and nothing was appended. */
    readonly appendAfter: (
      session: string,
      lastSeq: number,
      drafts: ReadonlyArray<EventDraft>,
    ) => Effect.Effect<ReadonlyArray<Event> | null>
    /** The events that correlate with this id, oldest first; those behind `after`, up to `to`. */
    readonly read: (
      id: string,
      range?: { readonly after?: number; readonly to?: number },
    ) => Effect.Effect<ReadonlyArray<Event>>
    /** The same for a long conversation, a page at a time: what is taken from a page is all that stays of it. */
    readonly readPages: (
      id: string,
      after: number,
      take: (page: ReadonlyArray<Event>) => Effect.Effect<void>,
    ) => Effect.Effect<void>
    /** Those behind `after` and before `before`, newest first, read as they are taken. */
    readonly newest: (
      id: string,
      range: { readonly after: number; readonly before: number | null },
    ) => Stream.Stream<Event>
    /** Chunks of all events behind `from`, those to come too, without end; each once it is folded. */
    readonly follow: (from: number) => Stream.Stream<ReadonlyArray<Event>>
    /** Any events, by seq: what a citation or a summary's line rests on. */
    readonly events: (seqs: ReadonlyArray<number>) => Effect.Effect<ReadonlyArray<Event>>
    /** The newest events of a workspace, newest first. */
    readonly recent: (query: {
      readonly workspace: string
      readonly types: ReadonlyArray<string>
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Event>>
    /** The newest events of these types that hold a text, newest first. */
    readonly holding: (query: {
      readonly text: string
      readonly types: ReadonlyArray<string>
      readonly workspace: string | null
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Event>>
    readonly blob: (hash: string) => Effect.Effect<Uint8Array | null>
    readonly sessions: Effect.Effect<SessionsState>
    readonly agents: Effect.Effect<AgentsState>
    readonly boards: Effect.Effect<BoardsState>
    /** Requests and questions of a session that wait for a person. */
    readonly asking: (session: string) => Effect.Effect<ReadonlyArray<string>>
    /** What a session cost so far, with its children. */
    readonly spent: (session: string) => Effect.Effect<Spent>
    /** The kill switch is thrown: nothing is thought or done; `resumed` waits for its end. */
    readonly paused: Effect.Effect<boolean>
    readonly resumed: Effect.Effect<void>
    /** Last event folded. */
    readonly head: Effect.Effect<number>
  }
>()("claw/agent/AgentLog") {}
