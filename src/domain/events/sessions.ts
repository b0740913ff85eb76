/**
 * Payloads of conversations with a model: `session.*`. All correlate with the session's id. A transcript, a prompt and the
 * next step of a conversation are folds of these and of `model.answered`, and of nothing else.
 * Invariants: whatever a prompt is made of is in one of these (sections and tool lists as blobs, by hash), so the same
 * prefix of the log gives the same prompt byte for byte; nothing is taken back: rewinding and compacting are events too.
 */
import { Schema } from "effect"
import { Trust } from "../action.ts"
import { Seq, Sha256, SuggestionId } from "../ids.ts"
import { Effort, ModelName } from "../modelRequest.ts"
import { Surface } from "./acted.ts"
import { Attachment } from "./conversation.ts"
import { ModelCallId } from "./model.ts"

/** `c_` and 16 hex digits. */
export const SessionId = Schema.String

/** Null: no limit but the settings' ceilings. */
export const SessionLimits = Schema.Struct({
  /** Answers of the model for one word of the user. */
  steps: Schema.NullOr(Schema.Natural),
  /** Tokens of input and output for one word of the user. */
  tokens: Schema.NullOr(Schema.Natural),
  /** Of the whole session with its children. */
  usd: Schema.NullOr(Schema.Finite),
  /** Wall time of work for one word of the user; waiting for a person does not count. */
  ms: Schema.NullOr(Schema.Natural),
})
export type SessionLimits = typeof SessionLimits.Type
/** Those that are named; the others stay as they are. */
export const SomeLimits = Schema.Struct({
  steps: Schema.optionalKey(SessionLimits.fields.steps),
  tokens: Schema.optionalKey(SessionLimits.fields.tokens),
  usd: Schema.optionalKey(SessionLimits.fields.usd),
  ms: Schema.optionalKey(SessionLimits.fields.ms),
})

/**
 * `chat`: a person talks. `ask`: one question. `print`: headless (`-p`). `draft`: the loop has work prepared. `agent`: a
 * child of another session.
 */
export const SessionKind = Schema.Literals(["chat", "ask", "print", "draft", "agent"])
export type SessionKind = typeof SessionKind.Type

export const SessionOpened = Schema.Struct({
  session: SessionId,
  kind: SessionKind,
  title: Schema.String,
  model: ModelName,
  effort: Effort,
  /** Names it may use; null: all that its gate offers. */
  tools: Schema.NullOr(Schema.Array(Schema.String)),
  limits: SessionLimits,
  /** What the answer must be, as JSON schema; null: text. */
  format: Schema.NullOr(Schema.Record(Schema.String, Schema.Json)),
  /** The session and call that wanted this child, and what kind of agent it is. */
  parent: Schema.NullOr(
    Schema.Struct({ session: SessionId, call: Schema.String, agent: Schema.String, depth: Schema.Natural }),
  ),
  /** It begins with what this one said up to `seq`. */
  fork: Schema.NullOr(Schema.Struct({ session: SessionId, seq: Seq })),
  /** Seq of the situation it works on; null where a person opened it. */
  situation: Schema.NullOr(Seq),
  /** Folder its calls run in where they name none: a worktree for a child that writes. */
  cwd: Schema.String,
})

/** One section of what stands before the conversation. */
export const PromptSection = Schema.Struct({
  /** `identity`, `environment`, `rules`, `memory`, `repository`, `skill` ... */
  kind: Schema.String,
  /** Where it comes from: a path, or `claw`. */
  source: Schema.String,
  trust: Trust,
  /** Blob of the text. */
  hash: Sha256,
  bytes: Schema.Natural,
  /** What was left out of it, in one line; null: nothing. */
  cut: Schema.NullOr(Schema.String),
  /** Put back verbatim after a compaction. */
  pinned: Schema.Boolean,
})
export type PromptSection = typeof PromptSection.Type

/** From here on these sections and tools stand before the conversation. Appended only where they changed. */
export const SessionPrepared = Schema.Struct({
  session: SessionId,
  sections: Schema.Array(PromptSection),
  /** Blob of the JSON list of `ModelTool`s the model is shown, in order. */
  tools: Sha256,
  /** Names of those that are there but only found by `ToolSearch`. */
  deferred: Schema.Array(Schema.String),
})

/** The user's word. `attached` texts are untrusted and in a `session.attached` of their own before it. */
export const SessionSaid = Schema.Struct({
  session: SessionId,
  text: Schema.String,
  /** Null: the program's (a child's task, the loop's). */
  surface: Schema.NullOr(Surface),
})
/** Files, images and piped text that come with the next word; each a blob. */
export const SessionAttached = Schema.Struct({
  session: SessionId,
  files: Schema.Array(
    Schema.Struct({ ...Attachment.fields, mediaType: Schema.String, hash: Sha256, cut: Schema.Boolean }),
  ),
})

/** What the model is told of a call's end; `suggestion` null: it never became a request (unknown tool, broken input). */
export const SessionResult = Schema.Struct({
  /** The model's own id of the call. */
  id: Schema.String,
  tool: Schema.String,
  suggestion: Schema.NullOr(SuggestionId),
  ok: Schema.Boolean,
  /** Bounded; what was left out is said in it. */
  text: Schema.String,
  /** How long it ran, without what it waited for a person; null: it did not run. */
  ms: Schema.NullOr(Schema.Finite),
})
export type SessionResult = typeof SessionResult.Type
/** Ends of calls of one answer. The next step follows once every call of it has its result. */
export const SessionResults = Schema.Struct({
  session: SessionId,
  call: ModelCallId,
  results: Schema.Array(SessionResult),
})

/** Words of the program inside the conversation: a warning of a loop, a note that a child ended, a budget that was raised. */
export const SessionNoted = Schema.Struct({ session: SessionId, kind: Schema.String, text: Schema.String })

/**
 * The work on one word ended. `completed`: the model had no more to do. `stopped`: by a person. `asked`: it waits for the
 * user's answer in words.
 */
export const RestReason = Schema.Literals([
  "completed",
  "stopped",
  "steps",
  "tokens",
  "time",
  "money",
  "loop",
  "failed",
  "refused",
])
export type RestReason = typeof RestReason.Type
export const SessionRested = Schema.Struct({
  session: SessionId,
  reason: RestReason,
  /** In one line, with what to do where it did not complete. */
  message: Schema.String,
})

/** A person wants the work on the present word to end. */
export const SessionStopped = Schema.Struct({ session: SessionId, surface: Schema.NullOr(Surface) })
/** Another model, title, allow-list, form of answers or other limits from here on. Only what is named changes. */
export const SessionChanged = Schema.Struct({
  session: SessionId,
  model: Schema.optionalKey(ModelName),
  effort: Schema.optionalKey(Effort),
  title: Schema.optionalKey(Schema.String),
  tools: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  limits: Schema.optionalKey(SomeLimits),
  format: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Json))),
})

/** One line of a summary and the events it stands for. */
export const SummaryLine = Schema.Struct({
  section: Schema.Literals(["goal", "decisions", "dead-ends", "open-work", "files", "facts"]),
  text: Schema.String,
  seqs: Schema.Array(Seq),
})
export type SummaryLine = typeof SummaryLine.Type
/** From here on the prompt has these lines instead of what was said up to `upTo`. The events stay what they are. */
export const SessionCompacted = Schema.Struct({
  session: SessionId,
  upTo: Seq,
  lines: Schema.Array(SummaryLine),
  reason: Schema.Literals(["window", "asked"]),
  /** The call that wrote it; null: made without a model. */
  call: Schema.NullOr(ModelCallId),
})
/** The conversation goes on as it was after `to`; `files`: what its calls changed since was taken back too. */
export const SessionRewound = Schema.Struct({ session: SessionId, to: Seq, files: Schema.Boolean })
/** It is out of the lists, and nothing goes on in it; `restored` takes that back. */
export const SessionArchived = Schema.Struct({ session: SessionId, restored: Schema.Boolean })
/** A skill is in force until the work on the present word rests: only what it declares may be called. */
export const SessionSkilled = Schema.Struct({
  session: SessionId,
  skill: Schema.String,
  /** Its SKILL.md, as people know the path. */
  source: Schema.String,
  /** Of that file, as it was taken up. */
  digest: Sha256,
  /** As declared: a tool's name, or one with the beginning of a command, `bash(git log)`. Null: it declares none. */
  tools: Schema.NullOr(Schema.Array(Schema.String)),
})
