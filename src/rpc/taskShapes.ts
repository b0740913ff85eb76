/**
 * Background commands between daemon and clients: what runs, what it printed, ending one. Schemas only.
 * Invariant: stopping is a person's and carries the token, because the log names who did it.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Surface } from "../domain/events/acted.ts"
import { TaskEnd } from "../domain/events/tasks.ts"
import { NeedsPerson, NoSuch } from "./errors.ts"

export const TaskView = Schema.Struct({
  v: Schema.Literal(1),
  task: Schema.String,
  title: Schema.String,
  tool: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  /** What was approved, or allowed, when it was started. */
  suggestion: Schema.String,
  startedAt: Schema.String,
  /** Printed so far, or in all. */
  bytes: Schema.Finite,
  /** Null while it runs. */
  ended: Schema.NullOr(
    Schema.Struct({
      reason: TaskEnd,
      exit: Schema.NullOr(Schema.Finite),
      message: Schema.String,
      durationMs: Schema.Finite,
    }),
  ),
})
export type TaskView = typeof TaskView.Type

/** A piece of what it printed, and how it stood then. */
export const TaskPart = Schema.Struct({
  text: Schema.String,
  /** Bytes before `text` that are no longer held. */
  missed: Schema.Finite,
  view: TaskView,
})
export type TaskPart = typeof TaskPart.Type

export class TaskRpcs extends RpcGroup.make(
  /** Those that run, newest first; with `ended` also those that ended last, behind them. */
  Rpc.make("Tasks", { payload: { ended: Schema.Boolean }, success: Schema.Array(TaskView) }),
  /** From the oldest output that is held to the newest; with `follow` until it ends. The last piece may be empty. */
  Rpc.make("TaskOutput", {
    payload: { task: Schema.String, follow: Schema.Boolean },
    success: TaskPart,
    error: NoSuch,
    stream: true,
  }),
  /** Answers when it is gone with all it started. One that ended before stays as it is. */
  Rpc.make("StopTask", {
    payload: { token: Schema.String, surface: Surface, task: Schema.String },
    success: TaskView,
    error: Schema.Union([NoSuch, NeedsPerson]),
  }),
) {}
