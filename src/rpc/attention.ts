/**
 * What attention keeps back, between daemon and clients: the digest, and how each rule stands. Schemas only.
 * Invariant: asking for the digest is logged, because what is asked for may be seen from then on.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Surface } from "../domain/events/acted.ts"
import { Suggestion } from "../domain/suggestion.ts"
import { NeedsPerson, Unavailable } from "./errors.ts"

/** How a rule's suggestions were taken, as far back as is remembered. */
export const RuleStanding = Schema.Struct({
  rule: Schema.String,
  /** `holds back`: it was refused more than once, until `until`. `silent`: under its bar. */
  state: Schema.Literals(["speaks", "holds back", "silent", "off"]),
  until: Schema.NullOr(Schema.String),
  shown: Schema.Natural,
  kept: Schema.Natural,
  /** Of the shown; null before anything was. */
  precision: Schema.NullOr(Schema.Finite),
  /** How likely the next of it is kept, whatever the circumstances. */
  keep: Schema.Finite,
  /** In all, since the log began. */
  made: Schema.Natural,
})
export type RuleStanding = typeof RuleStanding.Type

/** Silences of one rule for one reason. */
export const SilenceCount = Schema.Struct({
  rule: Schema.String,
  reason: Schema.String,
  count: Schema.Natural,
  /** The newest of them. */
  seq: Schema.Finite,
})
export type SilenceCount = typeof SilenceCount.Type

export const Digest = Schema.Struct({
  v: Schema.Literal(1),
  /** Kept back so far, in the queue's order; `note` says why. */
  waiting: Schema.Array(Suggestion),
  /** Already to see. */
  visible: Schema.Natural,
  /** The last day's, the most frequent first. */
  silences: Schema.Array(SilenceCount),
  rules: Schema.Array(RuleStanding),
  /** Mean distance of forecasts from what came true; null before anything was shown. */
  calibrationError: Schema.NullOr(Schema.Finite),
})
export type Digest = typeof Digest.Type

export class AttentionRpcs extends RpcGroup.make(
  /** With `peek` nothing changes: what is kept back stays so. */
  Rpc.make("Digest", {
    payload: {
      token: Schema.String,
      surface: Surface,
      workspace: Schema.NullOr(Schema.String),
      peek: Schema.Boolean,
    },
    success: Digest,
    error: Schema.Union([NeedsPerson, Unavailable]),
  }),
  Rpc.make("Standings", { success: Schema.Array(RuleStanding) }),
) {}
