/**
 * What commands need of the daemon beyond conversations: how it is, what waits, the log, rules, settings, the kill switch.
 * The daemon gives the layer, from what its other calls stand on.
 * Invariant: whoever calls what changes something has checked that a person asked for it.
 */
import { Context, type Effect, type Schema } from "effect"
import type { Trust, Verdict } from "../../domain/action.ts"
import type { CallResult } from "../../domain/callResult.ts"
import type { Surface } from "../../domain/events/acted.ts"
import type { Todo } from "../../domain/events/conversation.ts"
import type { Usage } from "../../domain/modelRequest.ts"
import type { Suggestion } from "../../domain/suggestion.ts"
import type { CommandError } from "./Command.ts"

export interface StatusSummary {
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly workspaces: ReadonlyArray<string>
  readonly sources: ReadonlyArray<{
    readonly component: string
    readonly workspace: string | null
    readonly state: string
    readonly detail: string
  }>
  readonly queue: { readonly visible: number; readonly waiting: number; readonly urgent: number }
  readonly paused: boolean
  readonly pausedUntil: string | null
  readonly degraded: ReadonlyArray<string>
  readonly sandbox?: string
  readonly spentToday: number
  readonly log: { readonly seq: number }
}

export interface SessionSummary {
  readonly session: string
  readonly kind: string
  readonly title: string
  readonly model: string
  readonly workspace: string | null
  readonly state: string
  readonly lastAt: string
  readonly words: number
  readonly spent: { readonly usd: number; readonly calls: number; readonly unpriced: number }
}

export interface ContextSummary {
  readonly model: string
  readonly window: number | null
  readonly tokens: number
  readonly parts: ReadonlyArray<{ readonly name: string; readonly tokens: number }>
  readonly sections: ReadonlyArray<{
    readonly kind: string
    readonly source: string
    readonly bytes: number
    readonly trust: Trust
    readonly cut: string | null
  }>
  readonly deferred: ReadonlyArray<string>
  readonly compactedAt: number | null
}

type Answer<A> = Effect.Effect<A, CommandError>

export class Ground extends Context.Service<
  Ground,
  {
    readonly status: Effect.Effect<StatusSummary>
    readonly checks: Effect.Effect<
      ReadonlyArray<{
        readonly name: string
        readonly ok: boolean
        readonly note?: boolean
        readonly detail: string
        readonly cure: string | null
      }>
    >
    readonly queue: (all: boolean) => Effect.Effect<ReadonlyArray<Suggestion>>
    readonly todos: Effect.Effect<
      ReadonlyArray<{ readonly session: string | null; readonly todos: ReadonlyArray<Todo> }>
    >
    readonly why: (id: string) => Answer<{
      readonly steps: ReadonlyArray<{ readonly seq: number; readonly role: string; readonly text: string }>
      readonly taint: ReadonlyArray<{ readonly seq: number; readonly text: string }>
      readonly cost: { readonly usd: number; readonly modelCalls: number }
    }>
    /** Newest first. */
    readonly log: (query: {
      readonly limit: number
      readonly type: string | null
      readonly workspace: string | null
    }) => Answer<
      ReadonlyArray<{
        readonly seq: number
        readonly at: string
        readonly type: string
        readonly actor: string
        readonly text: string
      }>
    >
    /** The decider over the whole past again. */
    readonly replay: Answer<{
      readonly events: number
      readonly decisions: number
      readonly same: boolean
      readonly difference: { readonly seq: number } | null
    }>
    readonly judge: (
      command: string,
      call: { readonly dir: string; readonly actor: string },
    ) => Effect.Effect<Verdict>
    readonly rules: (workspace: string) => Effect.Effect<
      ReadonlyArray<{
        readonly rule: string
        readonly verdict: string
        readonly tier: string
        readonly reason: string
      }>
    >
    readonly grants: Effect.Effect<
      ReadonlyArray<{ readonly id: string; readonly title: string; readonly until: string | null }>
    >
    readonly revoke: (grant: string, surface: Surface) => Answer<ReadonlyArray<string>>
    readonly settings: (workspace: string) => Effect.Effect<{
      readonly settings: Schema.Json
      readonly files: ReadonlyArray<{
        readonly file: string
        readonly state: string
        readonly message: string
      }>
    }>
    /** `key` is `section.key` of the user's own file. */
    readonly change: (key: string, value: string | number | boolean) => Answer<void>
    readonly pause: (untilMs: number | null) => Effect.Effect<void>
    readonly resume: (surface: Surface) => Answer<void>
    /** Takes back what a suggestion did. */
    readonly undo: (id: string, surface: Surface) => Answer<Suggestion>
    /** Asks for one call as the person, and waits for its end. */
    readonly call: (
      tool: string,
      input: Readonly<Record<string, unknown>>,
      call: { readonly dir: string; readonly workspace: string; readonly actor: string },
    ) => Effect.Effect<CallResult>
    readonly sessions: (options: {
      readonly all: boolean
      readonly workspace: string | null
    }) => Effect.Effect<ReadonlyArray<SessionSummary>>
    /** By id, by the beginning of one, or `latest`. */
    readonly session: (word: string, workspace: string | null) => Answer<SessionSummary>
    readonly context: (session: string) => Answer<ContextSummary>
    /** What models answered in it, also what was rewound since. */
    readonly answers: (
      session: string,
    ) => Answer<
      ReadonlyArray<{ readonly served: string; readonly usage: Usage; readonly usd: number | null }>
    >
    readonly exported: (session: string, format: "markdown" | "json") => Answer<string>
    readonly search: (
      text: string,
      workspace: string | null,
    ) => Answer<
      ReadonlyArray<{
        readonly session: string
        readonly title: string
        readonly at: string
        readonly text: string
      }>
    >
    /** Whether this model can think before it answers, as far as is known. */
    readonly thinks: (model: string) => Effect.Effect<boolean>
    readonly models: Effect.Effect<{
      readonly models: ReadonlyArray<string>
      readonly failed: ReadonlyArray<string>
    }>
  }
>()("claw/agent/commands/Ground") {}
