/** A decision as it is shown to the user, and the states it passes through in the queue. */
import { Schema } from "effect"
import { ToolCall } from "./action.ts"
import { Seq, SuggestionId, Timestamp } from "./ids.ts"
import { Question } from "./question.ts"

export const Mode = Schema.Literals(["notify", "question", "draft", "digest"])
export type Mode = typeof Mode.Type
export const Risk = Schema.Literals(["low", "medium", "high"])
export type Risk = typeof Risk.Type

/** One line of why, resting on the event `seq` (null: on a probed fact of the same situation). */
export const Reason = Schema.Struct({ text: Schema.String, seq: Schema.NullOr(Seq) })
export type Reason = typeof Reason.Type

/**
 * What a rule proposes. Pure data: no id, no clock. `expiresWhen` names the evidence whose change
 * makes it moot, e.g. `file:package-lock.json` or `git:HEAD`; the decider drops it when that changes.
 */
export const Proposal = Schema.Struct({
  rule: Schema.String,
  mode: Mode,
  title: Schema.String,
  why: Schema.Array(Reason),
  evidence: Schema.Array(Seq),
  actions: Schema.Array(ToolCall),
  risk: Risk,
  urgent: Schema.Boolean,
  /** Rule + subject + normalised evidence; equal fingerprints are "the same" suggestion. */
  fingerprint: Schema.String,
  expiresWhen: Schema.Array(Schema.String),
  /** Milliseconds it stays worth showing; null: until the evidence changes. */
  ttlMs: Schema.NullOr(Schema.Finite),
  /** Where a rule offers more than one fix (a correction): the others, best first, at most two. */
  alternatives: Schema.Array(Schema.Array(ToolCall)),
})
export type Proposal = typeof Proposal.Type

const SuggestionState = Schema.Literals([
  "pending",
  "approved",
  "rejected",
  "snoozed",
  "expired",
  "done",
  "failed",
  "undone",
])
type SuggestionState = typeof SuggestionState.Type

export const JudgedCall = Schema.Struct({
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  cwd: Schema.optionalKey(Schema.String),
  verdict: Schema.Literals(["allow", "audit", "ask", "deny"]),
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  reason: Schema.String,
  digest: Schema.String,
})
export type JudgedCall = typeof JudgedCall.Type

/** A row of the queue: the fold of every event of one correlation (see `queue.ts`). */
export const Suggestion = Schema.Struct({
  id: SuggestionId,
  workspace: Schema.NullOr(Schema.String),
  state: SuggestionState,
  mode: Mode,
  title: Schema.String,
  rule: Schema.String,
  fingerprint: Schema.String,
  risk: Risk,
  urgent: Schema.Boolean,
  tainted: Schema.Boolean,
  why: Schema.Array(Reason),
  evidence: Schema.Array(Seq),
  /** The calls as proposed, or as a person edited them; `actions` are the same once the gate has judged each. */
  proposed: Schema.Array(ToolCall),
  actions: Schema.Array(JudgedCall),
  alternatives: Schema.Array(Schema.Array(ToolCall)),
  expiresWhen: Schema.Array(Schema.String),
  createdAt: Timestamp,
  visibleAt: Schema.NullOr(Timestamp),
  expiresAt: Schema.NullOr(Timestamp),
  snoozedUntil: Schema.NullOr(Timestamp),
  /** Why it is not visible yet, or why it ended as it did; one line. */
  note: Schema.NullOr(Schema.String),
  /** seq of the `decision.*` event that made it. */
  decidedSeq: Seq,
  /** seq of the newest event of its correlation: what compare-and-set compares with. */
  lastSeq: Seq,
  undoable: Schema.Boolean,
  /** It is a question to the user: it is answered, not approved. */
  question: Schema.optionalKey(Question),
})
export type Suggestion = typeof Suggestion.Type
