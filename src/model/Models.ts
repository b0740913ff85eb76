/**
 * The one way to a model: name resolved, ceiling checked, call recorded, sent, retried by kind, priced, answer recorded.
 * Invariants: nothing is sent before `model.requested` is durable, and each call ends in one event; no call without a
 * cause in the log; what pauses is asked, not killed.
 */
import { Context, type Effect, type Stream } from "effect"
import type { Trust } from "../domain/action.ts"
import type { EventOf } from "../domain/event.ts"
import type { Effort, ModelPurpose, ModelRequest, ToolCallPart } from "../domain/modelRequest.ts"
import type { ModelError } from "./ModelError.ts"
import type { ModelInfo } from "./Provider.ts"

export interface ModelCall {
  readonly purpose: ModelPurpose
  /**
   * Conversation it is paid for by. Its events correlate with it where the answer is part of what is said (`chat`,
   * `agent`, `draft`), else with the call's own id.
   */
  readonly session: string | null
  readonly situation: number | null
  /** Null also in a conversation that a rule brought about: that rule is counted. */
  readonly rule: string | null
  readonly workspace: string | null
  /** Untrusted where anything in the request could have been written by an outsider. */
  readonly trust: Trust
  /** Event that brought it about. With the purpose and the attempt it makes the call's id. */
  readonly cause: { readonly seq: number; readonly id: string }
  readonly request: ModelRequest
  /** The earlier call of the same conversation whose request this one begins like; saves writing it again. */
  readonly base: string | null
  /** The work goes on without an answer: a ceiling or a failure is its end at once; nobody is asked, nothing is tried again. */
  readonly dispensable?: true
  /** Those whose words it sends, one a message (`embed`). */
  readonly memories?: ReadonlyArray<string>
}

/** While an answer comes in. Only the last is durable. */
export type ModelDelta =
  | { readonly _tag: "text"; readonly text: string }
  | { readonly _tag: "reasoning"; readonly text: string }
  | { readonly _tag: "tool"; readonly part: ToolCallPart }
  /** It is tried again, or with another model: what came so far does not count. */
  | { readonly _tag: "again"; readonly reason: string; readonly afterMs: number; readonly model: string }
  /** It waits for a ceiling to be raised: `question` stands in the queue. */
  | { readonly _tag: "paused"; readonly question: string }
  | { readonly _tag: "answered"; readonly event: EventOf<"model.answered"> }

export class Models extends Context.Service<
  Models,
  {
    /** Ends with `answered`, or fails once retries and fallbacks are used up. */
    readonly stream: (call: ModelCall) => Stream.Stream<ModelDelta, ModelError>
    /** The event of the answer alone. */
    readonly answer: (call: ModelCall) => Effect.Effect<EventOf<"model.answered">, ModelError>
    /** `provider/id` of an alias (`default`, `small`, `strong`, the user's own), a bare id or a full name. */
    readonly resolve: (name: string, workspace: string | null) => Effect.Effect<string, ModelError>
    readonly info: (name: string) => Effect.Effect<ModelInfo, ModelError>
    /** Of all providers that can be reached and have a credential; those that failed with their error. */
    readonly list: Effect.Effect<{
      readonly models: ReadonlyArray<ModelInfo>
      readonly failed: ReadonlyArray<ModelError>
    }>
    /** Tokens of a request: counted by the server where it can be, else estimated from what earlier answers were counted at. */
    readonly count: (request: ModelRequest) => Effect.Effect<number>
    /** Whether a model is set and has what it needs: without one, nothing that thinks is offered. */
    readonly available: (workspace: string | null) => Effect.Effect<boolean>
    /** How hard conversations think where nobody says otherwise. A model that does not think is asked without it. */
    readonly effort: (workspace: string | null) => Effect.Effect<Effort>
  }
>()("claw/model/Models") {}
