/** Payloads of what was judged, answered and done: `policy.*`, `approval.*`, `tool.*`. */
import { Schema } from "effect"
import { ToolCall, Verdict } from "../action.ts"
import { UndoChoice } from "../undoConflict.ts"
import { CallId, Sha256, SuggestionId } from "../ids.ts"

/** The gate's word on action `index` of a suggestion. */
export const PolicyVerdict = Schema.Struct({
  suggestion: SuggestionId,
  index: Schema.Finite,
  call: ToolCall,
  verdict: Verdict,
})

/**
 * Somebody wants these calls done: a person by name, or a conversation. They are judged like a suggestion's actions, wait
 * in the queue where a person must answer, and run where the gate needs none. `suggestion` is what all that follows
 * correlates with.
 */
export const ToolRequested = Schema.Struct({
  suggestion: SuggestionId,
  title: Schema.String,
  calls: Schema.Array(ToolCall),
  session: Schema.NullOr(Schema.String),
})

/**
 * Something a plan read and rests on: an absolute path, or `git:HEAD`, `git:index`, `git:refs/...`. `hash` is the SHA-256 of
 * the content (of the link's target; of the entries, for a folder); null where nothing was there.
 */
export const PlanRead = Schema.Struct({ path: Schema.String, hash: Schema.NullOr(Schema.String) })
export type PlanRead = typeof PlanRead.Type

/**
 * What one action would have done when it was approved. `digest` covers all that was shown and everything the plan read:
 * it runs only while that is as it was. `core` covers what does not depend on contents (call, verdict, argv lists,
 * sandbox, permits), because an action may change what the next one of the same approval reads.
 */
export const PlanBinding = Schema.Struct({
  digest: Sha256,
  core: Sha256,
  reads: Schema.Array(PlanRead),
})
export type PlanBinding = typeof PlanBinding.Type

/** Every action was allowed, so no person was asked. `digests` and `plans` as in an approval. */
export const ApprovalWaived = Schema.Struct({
  suggestion: SuggestionId,
  digests: Schema.Array(Schema.String),
  plans: Schema.optionalKey(Schema.Array(PlanBinding)),
  reason: Schema.String,
})

export const Surface = Schema.Literals(["tui", "cli", "device"])
export type Surface = typeof Surface.Type

/** `digests` are those of the exact actions the person saw, in order; `plans` what each would do. */
export const ApprovalApproved = Schema.Struct({
  suggestion: SuggestionId,
  digests: Schema.Array(Schema.String),
  /** Absent only in logs from before approvals were bound to plans. */
  plans: Schema.optionalKey(Schema.Array(PlanBinding)),
  /** The person was told that there is no sandbox, and approved running without one. */
  unsandboxed: Schema.Boolean,
  surface: Surface,
})
export const ApprovalRejected = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  surface: Surface,
  /** For how long it had been before a person's eyes, where the surface knows. */
  lookedMs: Schema.optionalKey(Schema.Finite),
})
export const ApprovalSnoozed = Schema.Struct({
  suggestion: SuggestionId,
  until: Schema.String,
  surface: Surface,
})
/** A person changed the actions; they are judged anew before they can be approved. */
export const ApprovalEdited = Schema.Struct({
  suggestion: SuggestionId,
  actions: Schema.Array(ToolCall),
  surface: Surface,
})
/**
 * What was approved is not what would be done now, or nothing may start: nothing of it ran, and it waits for an answer
 * again. `changed` says what, one line each.
 */
export const ApprovalVoided = Schema.Struct({
  suggestion: SuggestionId,
  reason: Schema.String,
  changed: Schema.Array(Schema.String),
})
/** A person wants what failed, or was never begun, once more: it is asked for anew, as the request `as`. */
export const ApprovalRetried = Schema.Struct({ suggestion: SuggestionId, as: SuggestionId, surface: Surface })
export const ApprovalUndo = Schema.Struct({
  suggestion: SuggestionId,
  surface: Surface,
  /** What becomes of what changed since; absent: nothing is touched then. */
  choice: Schema.optionalKey(UndoChoice),
})

/** State of one path, before or after: `hash` names the blob in the log; absent paths have kind "absent". */
export const PathState = Schema.Struct({
  path: Schema.String,
  kind: Schema.Literals(["file", "dir", "link", "absent"]),
  mode: Schema.Finite,
  mtimeNs: Schema.String,
  bytes: Schema.Finite,
  /** SHA-256 of the content, or of the link's target. */
  hash: Schema.NullOr(Schema.String),
})
export type PathState = typeof PathState.Type

/**
 * What is needed to take an action back; `reason` says why not where it cannot be, and where it can, which part of it
 * cannot (network, package trees).
 */
export const UndoRecord = Schema.Struct({
  possible: Schema.Boolean,
  reason: Schema.NullOr(Schema.String),
  before: Schema.Array(PathState),
  /** Instead of `before`, where it is long: hash of the content that lists the states (see `manifest.ts`). */
  tree: Schema.optionalKey(Schema.String),
  /** What was looked at: files, and folders with all they hold. */
  roots: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Refs and HEAD before, for git operations: name -> sha or `ref: ...`. */
  refs: Schema.Record(Schema.String, Schema.String),
})
export type UndoRecord = typeof UndoRecord.Type

/** Durable before the first byte is touched: after a crash this call is never run again. */
export const ToolStarted = Schema.Struct({
  suggestion: SuggestionId,
  call: CallId,
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  /** The argv lists as run, where commands are run. */
  commands: Schema.Array(Schema.Array(Schema.String)),
  sandbox: Schema.Literals(["bubblewrap", "none", "not-needed"]),
  digest: Schema.String,
  undo: UndoRecord,
})

/** Output bounded: head and tail kept; `blob` names the whole of it in the log where it was cut. */
export const ToolOutput = Schema.Struct({
  head: Schema.String,
  tail: Schema.String,
  bytes: Schema.Finite,
  blob: Schema.NullOr(Schema.String),
})
export type ToolOutput = typeof ToolOutput.Type

export const ToolFinished = Schema.Struct({
  suggestion: SuggestionId,
  call: CallId,
  ok: Schema.Boolean,
  exit: Schema.NullOr(Schema.Finite),
  output: ToolOutput,
  durationMs: Schema.Finite,
  /** State of each touched path afterwards: undo refuses where it changed since. */
  after: Schema.Array(PathState),
  refs: Schema.Record(Schema.String, Schema.String),
})
/** It did not run, or not to its end: refused, timed out, stopped, interrupted by a crash. */
export const ToolFailed = Schema.Struct({
  suggestion: SuggestionId,
  call: CallId,
  reason: Schema.String,
  message: Schema.String,
  /** What it printed until then, and what it had changed: with `after` it can be taken back all the same. */
  output: Schema.optionalKey(ToolOutput),
  after: Schema.optionalKey(Schema.Array(PathState)),
  refs: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
})
export const ToolUndone = Schema.Struct({
  suggestion: SuggestionId,
  call: CallId,
  paths: Schema.Array(Schema.String),
  /** What had changed since and was left as it was, and what was merged with it, as the person chose. */
  kept: Schema.optionalKey(Schema.Array(Schema.String)),
  merged: Schema.optionalKey(Schema.Array(Schema.String)),
})
export const ToolUndoRefused = Schema.Struct({
  suggestion: SuggestionId,
  call: CallId,
  reason: Schema.String,
  /** What changed since, in the way of it. */
  conflicts: Schema.optionalKey(Schema.Array(Schema.String)),
})
