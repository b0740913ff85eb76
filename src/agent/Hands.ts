/**
 * Tool calls as a conversation asks for them. The driver gives the layer: request, gate, queue and run are its own.
 * Invariants: a request's id is derived from the model's answer, so after a crash the same call is the same request and
 * never runs twice; a question waits as long as it takes, over restarts too.
 */
import { Context, type Effect } from "effect"
import type { Tool } from "../act/Tool.ts"
import type { ToolCall, Trust, VerdictKind } from "../domain/action.ts"
import type { CallError, CallResult } from "../domain/callResult.ts"
import type { Surface } from "../domain/events/acted.ts"

export interface HandRequest {
  /** `s_` and 16 hex digits. */
  readonly id: string
  readonly session: string
  readonly workspace: string
  readonly cwd: string
  readonly actor: string
  readonly trust: Trust
  /** Id of the `model.answered` it comes from; null: no answer asked for it. */
  readonly causationId: string | null
  readonly call: ToolCall
}

export class Hands extends Context.Service<
  Hands,
  {
    /** Puts the request into the log, unless it is there, and waits for the call's end. */
    readonly call: (request: HandRequest) => Effect.Effect<CallResult, CallError>
    /** Whether the log has a request of this id. */
    readonly known: (id: string) => Effect.Effect<boolean, CallError>
    /**
     * What would become of it, without asking for it: the gate's word, and why it could not be done as things are now
     * (`fault`; null: nothing is known against it). Logs nothing.
     */
    readonly consider: (
      request: Omit<HandRequest, "id" | "causationId">,
    ) => Effect.Effect<{ readonly verdict: VerdictKind; readonly fault: string | null }>
    /** The end of a request that is in the log, waited for; null: it never came there. */
    readonly ended: (id: string) => Effect.Effect<CallResult | null, CallError>
    /** Takes back what waits for an answer and stops what runs of this conversation. */
    readonly stop: (session: string, reason: string) => Effect.Effect<void>
    /** Takes back what these requests changed, in this order; `kept`: what could not be, and why. */
    readonly undo: (
      ids: ReadonlyArray<string>,
      surface: Surface,
    ) => Effect.Effect<{ readonly undone: ReadonlyArray<string>; readonly kept: ReadonlyArray<string> }>
    /** What may be shown to a model in this conversation. */
    readonly offered: (caller: {
      readonly workspace: string
      readonly actor: string
      readonly trust: Trust
      readonly session: string | null
    }) => Effect.Effect<ReadonlyArray<Tool>>
  }
>()("claw/agent/Hands") {}
