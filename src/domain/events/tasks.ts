/**
 * Payloads of commands that run beside everything else: `task.*`. What a program prints is untrusted, so every event
 * that carries some of it is.
 */
import { Schema } from "effect"
import { CallId, SuggestionId } from "../ids.ts"
import { PathState, ToolOutput } from "./acted.ts"

/** `t_` and 12 hex digits, derived from the call that started it: one call starts one at most. */
export const TaskId = Schema.String

/** Durable before its program is started. */
export const TaskStarted = Schema.Struct({
  task: TaskId,
  call: CallId,
  suggestion: SuggestionId,
  session: Schema.NullOr(Schema.String),
  tool: Schema.String,
  title: Schema.String,
  commands: Schema.Array(Schema.Array(Schema.String)),
  sandbox: Schema.Literals(["bubblewrap", "none"]),
  /** It is stopped after this. */
  lifetimeMs: Schema.Finite,
  /** Its lines become `task.lines`. */
  watched: Schema.Boolean,
  /** Its call waited for it for a while: its conversation is told of its end. */
  yielded: Schema.optionalKey(Schema.Literal(true)),
})

/** Lines a watched command printed, in order; `dropped` more were wanted, and are not kept. */
export const TaskLines = Schema.Struct({
  task: TaskId,
  lines: Schema.Array(Schema.String),
  dropped: Schema.Finite,
})

export const TaskEnd = Schema.Literals([
  "exited",
  "stopped",
  "lifetime",
  "output",
  "paused",
  "daemon-stopped",
  "failed",
])
export type TaskEnd = typeof TaskEnd.Type

/** The receipt: it is gone, with all it had started. `after` and `refs` as in `tool.finished`. */
export const TaskEnded = Schema.Struct({
  task: TaskId,
  call: CallId,
  suggestion: SuggestionId,
  reason: TaskEnd,
  exit: Schema.NullOr(Schema.Finite),
  message: Schema.String,
  output: ToolOutput,
  durationMs: Schema.Finite,
  after: Schema.Array(PathState),
  refs: Schema.Record(Schema.String, Schema.String),
})
