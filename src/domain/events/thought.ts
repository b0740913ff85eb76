/** Payloads of what Claw thinks: `situation.*` and `decision.*`. Silence is a decision like the others. */
import { Schema } from "effect"
import { ToolCall } from "../action.ts"
import { Seq, Sha256, SuggestionId } from "../ids.ts"
import { Fact } from "../probe.ts"
import { Situation } from "../situation.ts"
import { Surface } from "./acted.ts"
import { Proposal, Reason } from "../suggestion.ts"

/** The rule that a model's word is decided under: what budgets, statistics and `claw why` know it by. */
export const deliberationRule = "deliberation"

export const SituationOpened = Situation
/** Answers read for one situation; `situation` is the seq of its `situation.opened`. */
export const SituationFacts = Schema.Struct({ situation: Seq, facts: Schema.Array(Fact) })

/** A file that a thought may rest on, as it was then: what may be read there unasked, without secrets. */
export const SituationRead = Schema.Struct({
  situation: Seq,
  path: Schema.String,
  /** Blob of the text, each line with its number. */
  hash: Sha256,
  bytes: Schema.Natural,
  cut: Schema.Boolean,
})
/** What a model is given to think about a situation, in order: events of the log, and nothing else. */
export const SituationPrepared = Schema.Struct({
  situation: Seq,
  pieces: Schema.Array(Seq),
  /** Pieces for which there was no room. */
  left: Schema.Natural,
})

/** The model's first word on a situation. */
export const Triage = Schema.Struct({
  decision: Schema.Literals(["silent", "digest", "notify", "question", "draft"]),
  /** As the model gave it; what it is worth is counted from how its suggestions were taken. */
  confidence: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  reason: Schema.String,
  title: Schema.String,
  evidence: Schema.Array(Seq),
})
export type Triage = typeof Triage.Type

/**
 * Why there is no thought. `unavailable`: no model can be reached for want of a setting or a credential. `paused`: a
 * ceiling stands, and was not raised. `failed`: the call did. `invalid`: the answer has not the wanted form. `uncited`: it
 * claims what its evidence does not say. `gone`: what it was about is not in the log any more.
 */
export const Unthought = Schema.Struct({
  reason: Schema.Literals(["unavailable", "paused", "failed", "invalid", "uncited", "gone"]),
  message: Schema.String,
})
export type Unthought = typeof Unthought.Type

/** One model's turn on one situation ended: with a word, or with the reason why there is none. */
export const SituationThought = Schema.Struct({
  situation: Seq,
  skipped: Schema.NullOr(Unthought),
  triage: Schema.NullOr(Triage),
  /** Claims that were taken out, because what they cite does not hold them; one line each. */
  dropped: Schema.Array(Schema.String),
  /** The call that answered. */
  call: Schema.NullOr(Schema.String),
})
/** Work that was prepared on a situation, in a conversation of its own. Nothing of it has run. */
export const SituationDrafted = Schema.Struct({
  situation: Seq,
  session: Schema.NullOr(Schema.String),
  skipped: Schema.NullOr(Unthought),
  title: Schema.String,
  why: Schema.Array(Reason),
  /** What the approval would run, in order; none: an explanation. */
  actions: Schema.Array(ToolCall),
  dropped: Schema.Array(Schema.String),
})

/** What a decision of deliberation was weighed by: the model's own word, and what such words were worth so far. */
export const Weighed = Schema.Struct({
  /** Seq of the `situation.thought`. */
  thought: Seq,
  /** As the model gave it. */
  confidence: Schema.Finite,
  calibrated: Schema.Finite,
  /** Suggestions of like confidence that were shown before, and those of them that were kept. */
  shown: Schema.Natural,
  kept: Schema.Natural,
})
export type Weighed = typeof Weighed.Type

/** `decision.silent`: nobody is told, and why. `rule` is `none` where no rule applied. */
export const DecisionSilent = Schema.Struct({
  situation: Seq,
  rule: Schema.String,
  reason: Schema.String,
  evidence: Schema.Array(Seq),
  fingerprint: Schema.NullOr(Schema.String),
  weighed: Schema.optionalKey(Weighed),
})
/** `decision.digest|notify|question|draft`: a suggestion was made. Its id is the correlation of all that follows. */
export const DecisionMade = Schema.Struct({
  situation: Seq,
  suggestion: SuggestionId,
  proposal: Proposal,
  tainted: Schema.Boolean,
  expiresAt: Schema.NullOr(Schema.String),
  /** Only of deliberation. */
  weighed: Schema.optionalKey(Weighed),
})
/** Attention let it be seen: at which boundary, why now. */
export const DecisionShown = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  boundary: Schema.NullOr(Schema.String),
  /** Whether the desktop shall be told, and why not. */
  popUp: Schema.optionalKey(Schema.NullOr(Schema.String)),
  /** How likely it seemed that it would be kept. */
  keep: Schema.optionalKey(Schema.Finite),
})
/** Attention held it back: why, and until when or what. */
export const DecisionWithheld = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  until: Schema.NullOr(Schema.Finite),
})
/**
 * How a suggestion was taken. `edited`: accepted after a change. `resolved`: the user's own hand came to the same end
 * within ten minutes of seeing it, or by the next commit. `ignored`: it went unanswered. `blind-dismissed`: refused
 * before it can have been read. `reverted`: accepted, and taken back.
 */
export const HowTaken = Schema.Literals([
  "accepted",
  "edited",
  "resolved",
  "ignored",
  "dismissed",
  "blind-dismissed",
  "reverted",
])
export type HowTaken = typeof HowTaken.Type

/** What became of it, judged from later events. */
export const DecisionOutcome = Schema.Struct({
  suggestion: SuggestionId,
  outcome: HowTaken,
  evidence: Schema.Array(Seq),
})
/** The evidence it rested on changed, or its time ran out: it leaves the queue. */
export const DecisionExpired = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  evidence: Schema.Array(Seq),
})

/** Somebody asked for what was kept back. */
export const AttentionAsked = Schema.Struct({ surface: Surface })

/** A moment attention asked to be woken at; appended only while something waits. The decider's clock is the event's `at`. */
export const DecisionTick = Schema.Struct({ dueMs: Schema.Finite })
