/**
 * What whoever asked for calls gets back: that the gate has spoken, and at the end a result for each call, from the log
 * alone. Pure.
 * Invariant: every call has exactly one outcome; what was denied, rejected or withdrawn never ran, and is not to be
 * tried again as it was.
 */
import { Schema } from "effect"
import { VerdictKind } from "./action.ts"
import { ToolOutput } from "./events/acted.ts"
import { CallId, SuggestionId } from "./ids.ts"

/** What is told of a call that Claw's own end cut off. */
export const cutOffText = "Claw stopped before this ended; it is not run again"

/** Where a request stands once the gate has spoken: on its way, waiting for a person, or ended by the gate. */
export const Requested = Schema.Struct({
  v: Schema.Literal(1),
  suggestion: SuggestionId,
  state: Schema.Literals(["running", "asking", "refused"]),
})
export type Requested = typeof Requested.Type

/**
 * `done`: ran to a good end. `failed`: ran to a bad one, or could not be run. `denied`: by a rule. `rejected`: by a
 * person. `withdrawn`: by who had asked, or it left the queue unanswered. `skipped`: a call of the same request before
 * it did not end well, or its end was erased.
 */
const CallOutcome = Schema.Literals(["done", "failed", "denied", "rejected", "withdrawn", "skipped"])
type CallOutcome = typeof CallOutcome.Type

export const CallVerdict = Schema.Struct({
  verdict: VerdictKind,
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  reason: Schema.String,
  /** What would have made it allowed, in one line; null where nothing could. */
  missing: Schema.NullOr(Schema.String),
})
export type CallVerdict = typeof CallVerdict.Type

export const CallResult = Schema.Struct({
  v: Schema.Literal(1),
  /** Null where the request never came as far as the log. */
  suggestion: Schema.NullOr(SuggestionId),
  call: Schema.NullOr(CallId),
  /** The call as it was run: a person may have edited it. */
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  edited: Schema.Boolean,
  outcome: CallOutcome,
  ok: Schema.Boolean,
  exit: Schema.NullOr(Schema.Finite),
  /** What it printed, as far as it is kept; else why there is nothing. */
  text: Schema.String,
  output: Schema.NullOr(ToolOutput),
  durationMs: Schema.NullOr(Schema.Finite),
  /** Why it did not end well: the tool's own word (`input`, `refused`, `timeout`, `stopped` ...), or null. */
  problem: Schema.NullOr(Schema.Struct({ reason: Schema.String, message: Schema.String })),
  verdict: Schema.NullOr(CallVerdict),
  undoable: Schema.Boolean,
})
export type CallResult = typeof CallResult.Type

/** Before anything was asked: the request itself is wrong, or cannot be taken now. */
export class CallError extends Schema.TaggedError<CallError>()("CallError", {
  /** input: it is wrong, and says how; no-such: an id nobody knows; person: not from a person's own client; unavailable: not now. */
  reason: Schema.Literals(["input", "no-such", "person", "unavailable"]),
  message: Schema.String,
}) {}

/** Head and tail of what was printed, with what was left out between them. */
export const outputText = ({ head, tail, bytes }: ToolOutput): string =>
  tail === "" ? head : `${head}\n... (${bytes} bytes in all)\n${tail}`
