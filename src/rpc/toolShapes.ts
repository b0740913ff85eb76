/**
 * Asking for tool calls by name over the socket: what there is, a request, its results.
 * Invariant: a request carries the token of the 0700 runtime directory, because it names who asks.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ToolCall } from "../domain/action.ts"
import { CallError, CallResult, Requested } from "../domain/callResult.ts"
import { Surface } from "../domain/events/acted.ts"

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

/** A tool as it is shown to whoever may use it. */
export const ToolRow = Schema.Struct({
  v: Schema.Literal(1),
  name: Schema.String,
  description: Schema.String,
  hints: Schema.Struct({
    readOnly: Schema.Boolean,
    destructive: Schema.Boolean,
    idempotent: Schema.Boolean,
    openWorld: Schema.Boolean,
  }),
  inputSchema: JsonObject,
  examples: Schema.Array(JsonObject),
  limits: Schema.Array(Schema.String),
  /** Members of the inputs that only read, where others change something. */
  readOnlyForms: Schema.Array(JsonObject),
  /** Why it cannot be used as things are, and what would change that; null: it works. */
  off: Schema.NullOr(Schema.String),
  /** What of a run can be taken back; null: it changes nothing. */
  undo: Schema.NullOr(Schema.String),
})
export type ToolRow = typeof ToolRow.Type

export class ToolRpcs extends RpcGroup.make(
  /** Every tool a person may run, by name; one that is off says why. */
  Rpc.make("Tools", { success: Schema.Array(ToolRow) }),
  /** Calls in `dir`, and in the watched workspace around it if there is one. Answers once the gate has spoken. */
  Rpc.make("RequestCalls", {
    payload: {
      token: Schema.String,
      surface: Surface,
      dir: Schema.String,
      calls: Schema.Array(ToolCall),
    },
    success: Requested,
    error: CallError,
  }),
  /** Resolves when all calls of the request have ended; a question may wait for days. */
  Rpc.make("CallResults", {
    payload: { id: Schema.String },
    success: Schema.Array(CallResult),
    error: CallError,
  }),
) {}
