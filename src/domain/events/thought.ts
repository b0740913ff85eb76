/** Payloads of what Claw thinks: `situation.*` and `decision.*`. Silence is a decision like the others. */
import { Schema } from "effect"
import { Seq, SuggestionId } from "../ids.ts"
import { Fact } from "../probe.ts"
import { Situation } from "../situation.ts"
import { Proposal } from "../suggestion.ts"

export const SituationOpened = Situation
/** Answers read for one situation; `situation` is the seq of its `situation.opened`. */
export const SituationFacts = Schema.Struct({ situation: Seq, facts: Schema.Array(Fact) })

/** `decision.silent`: nobody is told, and why. `rule` is `none` where no rule applied. */
export const DecisionSilent = Schema.Struct({
  situation: Seq,
  rule: Schema.String,
  reason: Schema.String,
  evidence: Schema.Array(Seq),
  fingerprint: Schema.NullOr(Schema.String),
})
/** `decision.digest|notify|question|draft`: a suggestion was made. Its id is the correlation of all that follows. */
export const DecisionMade = Schema.Struct({
  situation: Seq,
  suggestion: SuggestionId,
  proposal: Proposal,
  tainted: Schema.Boolean,
  expiresAt: Schema.NullOr(Schema.String),
})
/** Attention let it be seen: at which boundary, why now. */
export const DecisionShown = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  boundary: Schema.NullOr(Schema.String),
})
/** Attention held it back: why, and until when or what. */
export const DecisionWithheld = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  until: Schema.NullOr(Schema.Finite),
})
/** What became of it, judged from later events. */
export const DecisionOutcome = Schema.Struct({
  suggestion: SuggestionId,
  outcome: Schema.Literals(["accepted", "resolved", "ignored", "dismissed", "reverted"]),
  evidence: Schema.Array(Seq),
})
/** The evidence it rested on changed, or its time ran out: it leaves the queue. */
export const DecisionExpired = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  evidence: Schema.Array(Seq),
})

/** A moment attention asked to be woken at; appended only while something waits. The decider's clock is the event's `at`. */
export const DecisionTick = Schema.Struct({ dueMs: Schema.Finite })
