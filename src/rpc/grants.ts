/**
 * Standing answers between daemon and clients: what can be granted with a suggestion, what is granted, revoking it, and
 * how a verdict comes about. Schemas only. Invariant: granting goes with an approval (`Approve`) and revoking needs the
 * token; nothing here can allow anything by itself.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ActionEffect, ToolCall, Trust, Verdict } from "../domain/action.ts"
import { Surface } from "../domain/events/acted.ts"
import { Grant, GrantScopeName } from "../domain/grant.ts"
import { GrantError } from "../domain/grantError.ts"

/**
 * What a person wants to be asked no more; `untilMs` null: until it is revoked. `alsoTainted`: in the conversation that
 * asks alone, though it rests on outside text, and for a day at most.
 */
export const Always = Schema.Struct({
  scope: GrantScopeName,
  untilMs: Schema.NullOr(Schema.Finite),
  alsoTainted: Schema.optionalKey(Schema.Boolean),
})
export type Always = typeof Always.Type

export const GrantView = Schema.Struct({
  v: Schema.Literal(1),
  ...Grant.fields,
  seq: Schema.Finite,
  at: Schema.String,
  actor: Schema.String,
  workspace: Schema.String,
  state: Schema.Literals(["in force", "revoked", "lapsed"]),
  revoked: Schema.NullOr(Schema.Struct({ at: Schema.String, reason: Schema.String })),
})
export type GrantView = typeof GrantView.Type

export const OfferView = Schema.Struct({
  scope: GrantScopeName,
  /** What exactly it would allow, or why it cannot be had. */
  title: Schema.String,
  possible: Schema.Boolean,
  /** It counts for this very conversation, though that rests on outside text, and nowhere else. */
  alsoTainted: Schema.optionalKey(Schema.Boolean),
})
export type OfferView = typeof OfferView.Type
export const OffersView = Schema.Struct({
  /** Narrowest first, those of this conversation before all; empty where no grant helps. */
  offers: Schema.Array(OfferView),
  note: Schema.NullOr(Schema.String),
})
export type OffersView = typeof OffersView.Type

const tried = {
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  tier: Schema.String,
  verdict: Schema.String,
  matched: Schema.Boolean,
  failed: Schema.Array(Schema.Struct({ key: Schema.String, wants: Schema.String })),
}

/** How a verdict comes about. */
export const ExplainView = Schema.Struct({
  v: Schema.Literal(1),
  verdict: Verdict,
  plain: Schema.Boolean,
  uncertain: Schema.NullOr(Schema.String),
  commands: Schema.Array(
    Schema.Struct({ argv: Schema.Array(Schema.String), column: Schema.NullOr(Schema.Finite) }),
  ),
  effects: Schema.Array(
    Schema.Struct({
      effect: Schema.NullOr(ActionEffect),
      summary: Schema.String,
      classes: Schema.Array(Schema.String),
      note: Schema.NullOr(Schema.String),
      tried: Schema.Array(Schema.Struct(tried)),
    }),
  ),
  whole: Schema.Array(Schema.Struct({ rule: Schema.String, verdict: Schema.String, reason: Schema.String })),
  grants: Schema.Array(
    Schema.Struct({
      grant: Schema.String,
      title: Schema.String,
      until: Schema.NullOr(Schema.String),
      fault: Schema.NullOr(Schema.String),
    }),
  ),
  nearMisses: Schema.Array(Schema.Struct({ ...tried, effect: Schema.String })),
  wouldAllow: Schema.Array(Schema.String),
})
export type ExplainView = typeof ExplainView.Type

export class GrantRpcs extends RpcGroup.make(
  Rpc.make("Grants", { success: Schema.Array(GrantView) }),
  Rpc.make("GrantOffers", { payload: { id: Schema.String }, success: OffersView, error: GrantError }),
  /** `grant` null: all that are in force. Answers those that were. */
  Rpc.make("RevokeGrant", {
    payload: {
      token: Schema.String,
      surface: Surface,
      grant: Schema.NullOr(Schema.String),
      reason: Schema.String,
    },
    success: Schema.Array(GrantView),
    error: GrantError,
  }),
  Rpc.make("ExplainCall", {
    payload: { call: ToolCall, cwd: Schema.String, actor: Schema.String, trust: Trust },
    success: ExplainView,
  }),
  /** Reads all rule files again; answers what is wrong with them. */
  Rpc.make("ReloadRules", { success: Schema.Array(Schema.String) }),
) {}
