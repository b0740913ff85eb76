/** The call that folds everything anew: how far it is, and what came of each projection. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

const RebuiltProjection = Schema.Struct({
  projection: Schema.String,
  version: Schema.Finite,
  /** Spent in this fold alone, without reading. */
  ms: Schema.Finite,
  /** Of its state as JSON. */
  bytes: Schema.Finite,
  /** The state that was there is the one that was folded anew. */
  same: Schema.Boolean,
  /** Where they first differ. */
  difference: Schema.NullOr(Schema.String),
})

export const RebuildReport = Schema.Struct({
  v: Schema.Literal(1),
  events: Schema.Finite,
  same: Schema.Boolean,
  projections: Schema.Array(RebuiltProjection),
})
export type RebuildReport = typeof RebuildReport.Type

const RebuildMessage = Schema.Union([
  Schema.TaggedStruct("progress", { done: Schema.Finite, total: Schema.Finite }),
  Schema.TaggedStruct("summary", { summary: RebuildReport }),
])
type RebuildMessage = typeof RebuildMessage.Type

/** The log cannot be read. */
export class RebuildError extends Schema.TaggedError<RebuildError>()("RebuildError", {
  message: Schema.String,
}) {}

export class RebuildRpcs extends RpcGroup.make(
  Rpc.make("Rebuild", { success: RebuildMessage, error: RebuildError, stream: true }),
) {}
