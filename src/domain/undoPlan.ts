/** What taking calls back would do, and what it did: what clients show before and after. */
import { Schema } from "effect"
import { UndoConflict } from "./undoConflict.ts"

/** One call, as it would be taken back; the newest comes first. */
export const UndoStep = Schema.Struct({
  suggestion: Schema.String,
  call: Schema.String,
  /** Of the event that says it started. */
  seq: Schema.Finite,
  at: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  tool: Schema.String,
  /** In a line: what it was. */
  title: Schema.String,
  /** Why nothing of it can be taken back; null where something can. */
  refusal: Schema.NullOr(Schema.String),
  /** It changed nothing that is kept track of. */
  empty: Schema.Boolean,
  /** What of it stays although the rest comes back. */
  stays: Schema.NullOr(Schema.String),
  /** Why it is not certain that all of it is the call's own work; null where it is. */
  unsure: Schema.NullOr(Schema.String),
  /** Relative to the workspace, at most 50, and how many there are. */
  paths: Schema.Array(Schema.String),
  count: Schema.Finite,
  /** Branches, tags, HEAD, staging area and stash that move back. */
  refs: Schema.Array(Schema.String),
  conflicts: Schema.Array(UndoConflict),
  /** Commands of the user's own that ran in the workspace meanwhile: what they changed is not told apart. */
  meanwhile: Schema.Array(Schema.String),
})
export type UndoStep = typeof UndoStep.Type

/** Which calls: of one suggestion, or all that started in a stretch of the log. Bounds are inclusive. */
export const UndoRange = Schema.Struct({
  suggestion: Schema.optionalKey(Schema.String),
  from: Schema.optionalKey(Schema.Finite),
  to: Schema.optionalKey(Schema.Finite),
  /** Milliseconds since the epoch. */
  since: Schema.optionalKey(Schema.Finite),
  until: Schema.optionalKey(Schema.Finite),
  /** From one suggestion to another, both included, in whichever order. */
  between: Schema.optionalKey(Schema.Struct({ first: Schema.String, last: Schema.String })),
  /** Only there; everywhere, if absent. */
  workspace: Schema.optionalKey(Schema.String),
})
export type UndoRange = typeof UndoRange.Type

export const UndoReport = Schema.Struct({
  /** Calls that were taken back, in the order it was done. */
  undone: Schema.Array(Schema.String),
  paths: Schema.Array(Schema.String),
  kept: Schema.Array(Schema.String),
  merged: Schema.Array(Schema.String),
  /** Calls of which nothing can be taken back, passed over. */
  passed: Schema.Array(Schema.Struct({ call: Schema.String, reason: Schema.String })),
  /** Where it stopped; older calls were not touched. */
  stopped: Schema.NullOr(
    Schema.Struct({
      suggestion: Schema.String,
      call: Schema.String,
      reason: Schema.String,
      conflicts: Schema.Array(UndoConflict),
    }),
  ),
})
export type UndoReport = typeof UndoReport.Type
