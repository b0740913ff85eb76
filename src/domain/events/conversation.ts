/**
 * Payloads of what passes between Claw and its user in a conversation: `session.*`. `session` is null outside of one;
 * `call` is the tool call that said it.
 */
import { Schema } from "effect"
import { CallId, Timestamp } from "../ids.ts"
import { Surface } from "./acted.ts"

const Session = Schema.NullOr(Schema.String)

/** `q_` and 16 hex digits, derived from the call that asks. */
export const QuestionId = Schema.String

/** A file of the workspace, by its relative path, as it was when it was named. */
export const Attachment = Schema.Struct({ path: Schema.String, bytes: Schema.Finite })
export type Attachment = typeof Attachment.Type

/** `proactive`: said without having been asked. */
export const SessionMessage = Schema.Struct({
  session: Session,
  call: CallId,
  message: Schema.String,
  status: Schema.Literals(["normal", "proactive"]),
  attachments: Schema.Array(Attachment),
})

/** A question to the user. It waits in the queue, and nobody but the user ever answers it. */
export const SessionAsked = Schema.Struct({
  question: QuestionId,
  session: Session,
  call: CallId,
  text: Schema.String,
  /** Empty: answered in the user's own words. */
  options: Schema.Array(Schema.String),
  multiple: Schema.Boolean,
  expiresAt: Schema.NullOr(Timestamp),
})
/** Options as they were asked, and the user's own words; at least one of the two. */
export const Answer = Schema.Struct({
  chosen: Schema.Array(Schema.String),
  text: Schema.NullOr(Schema.String),
})
export type Answer = typeof Answer.Type
export const SessionAnswered = Schema.Struct({ question: QuestionId, answer: Answer, surface: Surface })
/** It went without an answer: its time was over. */
export const SessionClosed = Schema.Struct({ question: QuestionId, reason: Schema.String })

export const Todo = Schema.Struct({
  content: Schema.String,
  activeForm: Schema.String,
  status: Schema.Literals(["pending", "in_progress", "completed"]),
})
export type Todo = typeof Todo.Type
/** The whole list, in the place of the one before. */
export const SessionTodos = Schema.Struct({ session: Session, call: CallId, todos: Schema.Array(Todo) })
