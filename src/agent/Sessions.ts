/**
 * Conversations as others use them: clients, the loop, parents of sub-agents. One fiber works on each conversation that has
 * something to do, also after a restart; all it knows is in the log.
 * Invariants: what a method answered is durable; live deltas are a view and are lost with no harm; whoever waits for the end
 * of a piece of work waits for its `session.rested`.
 */
import { Context, type Effect, Schema, type Stream } from "effect"
import type { EventOf } from "../domain/event.ts"
import type { Surface } from "../domain/events/acted.ts"
import type { SessionKind, SessionLimits } from "../domain/events/sessions.ts"
import type { Effort } from "../domain/modelRequest.ts"
import type { ModelDelta } from "../model/Models.ts"
import type { Transcript } from "./session/transcript.ts"

export class SessionError extends Schema.TaggedError<SessionError>()("SessionError", {
  /** input: it is wrong, and says how; no-such: nobody knows it; busy: not while it works; unavailable: no model, or not now. */
  reason: Schema.Literals(["input", "no-such", "busy", "unavailable"]),
  message: Schema.String,
}) {}

export interface OpenSession {
  readonly kind: SessionKind
  readonly workspace: string
  /** `user:cli`, `user:tui`, `claw` or a parent's actor: what rules call `actor` of its calls. */
  readonly actor: string
  readonly title?: string
  /** Alias or name; absent: the settings' default. */
  readonly model?: string
  readonly effort?: Effort
  readonly tools?: ReadonlyArray<string>
  readonly limits?: Partial<SessionLimits>
  readonly format?: Readonly<Record<string, Schema.Json>>
  readonly parent?: {
    readonly session: string
    readonly call: string
    readonly agent: string
    readonly depth: number
  }
  readonly situation?: number
  readonly cwd?: string
  /** Id of what brought it about, and an id of its own where it must be the same after a crash. */
  readonly id?: string
  readonly causationId?: string
}

/** A file, an image or piped text that goes with a word. */
export interface SaidFile {
  readonly path: string
  readonly mediaType: string
  readonly content: Uint8Array
}

export type SessionDelta =
  | { readonly _tag: "model"; readonly call: string | null; readonly delta: ModelDelta }
  /** Something became durable: read on from the log. */
  | { readonly _tag: "moved"; readonly seq: number }

export class Sessions extends Context.Service<
  Sessions,
  {
    readonly open: (
      options: OpenSession,
    ) => Effect.Effect<{ readonly session: string; readonly seq: number }, SessionError>
    /** While it works, the word waits for the next step and is heard there. */
    readonly say: (word: {
      readonly session: string
      readonly text: string
      readonly files: ReadonlyArray<SaidFile>
      readonly surface: Surface | null
      readonly actor: string
    }) => Effect.Effect<number, SessionError>
    readonly stop: (session: string, surface: Surface | null) => Effect.Effect<void, SessionError>
    /** The first end of work behind `after`. */
    readonly rested: (
      session: string,
      after: number,
    ) => Effect.Effect<EventOf<"session.rested">, SessionError>
    readonly deltas: (session: string) => Stream.Stream<SessionDelta>
    readonly transcript: (session: string, at?: number) => Effect.Effect<Transcript, SessionError>
    readonly change: (
      session: string,
      changes: {
        readonly model?: string
        readonly effort?: Effort
        readonly title?: string
        readonly tools?: ReadonlyArray<string> | null
      },
    ) => Effect.Effect<void, SessionError>
    /** A new conversation that begins with what this one said up to `at`. */
    readonly fork: (session: string, at: number | null) => Effect.Effect<string, SessionError>
    /** `to`: seq of a `session.said` it goes back to before. */
    readonly rewind: (
      session: string,
      to: number,
      what: "conversation" | "files" | "both",
      surface: Surface,
    ) => Effect.Effect<
      { readonly undone: ReadonlyArray<string>; readonly kept: ReadonlyArray<string> },
      SessionError
    >
    readonly compact: (session: string) => Effect.Effect<void, SessionError>
    readonly archive: (session: string, restored: boolean) => Effect.Effect<void, SessionError>
    /** Takes up the work of every conversation that has some, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/agent/Sessions") {}
