/**
 * Conversations between daemon and clients: opening one, saying something, hearing what comes, going back. Schemas only.
 * Invariants: whatever changes a conversation carries a proof of who is there, because the log names who did it; items are
 * durable and have the seq of their event, everything else in a stream is a view that is lost with no harm.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Trust } from "../domain/action.ts"
import { Surface } from "../domain/events/acted.ts"
import {
  PromptSection,
  RestReason,
  SessionKind,
  SessionResult,
  SomeLimits,
  SummaryLine,
} from "../domain/events/sessions.ts"
import { AnswerPart, Effort, FinishReason, ToolCallPart, Usage } from "../domain/modelRequest.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Unavailable } from "./errors.ts"

/** Of a conversation's items, in one answer. */
export const mostItems = 500

/** `token`: a fresh proof. */
const Person = { token: Schema.String, surface: Surface }
const SessionFailure = Schema.Union([NoSuch, Refused, NeedsPerson, Unavailable, BadInput])

/** What a conversation cost so far, with its children; `unpriced`: calls of which nobody knows it. */
export const SessionSpent = Schema.Struct({
  usd: Schema.Finite,
  calls: Schema.Finite,
  unpriced: Schema.Finite,
})
export type SessionSpent = typeof SessionSpent.Type

export const SessionView = Schema.Struct({
  v: Schema.Literal(1),
  session: Schema.String,
  kind: SessionKind,
  title: Schema.String,
  model: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  cwd: Schema.String,
  /** `user:cli`, `claw`, an agent's name: who opened it. */
  actor: Schema.String,
  /** The session that wanted this one, and as what kind of agent. */
  parent: Schema.NullOr(Schema.Struct({ session: Schema.String, agent: Schema.String })),
  state: Schema.Literals(["working", "resting", "archived"]),
  /** How its last piece of work ended; null: none did yet. */
  rested: Schema.NullOr(RestReason),
  openedAt: Schema.String,
  lastAt: Schema.String,
  lastSeq: Schema.Finite,
  /** Words of the user. */
  words: Schema.Finite,
  spent: SessionSpent,
})
export type SessionView = typeof SessionView.Type

const At = { seq: Schema.Finite, at: Schema.String }
const FileView = Schema.Struct({
  path: Schema.String,
  bytes: Schema.Finite,
  mediaType: Schema.String,
  cut: Schema.Boolean,
})

/** What was said and done, in the order of the log. */
export const SessionItem = Schema.Union([
  Schema.TaggedStruct("said", {
    ...At,
    text: Schema.String,
    actor: Schema.String,
    files: Schema.Array(FileView),
  }),
  Schema.TaggedStruct("answered", {
    ...At,
    call: Schema.String,
    /** As the server names the model. */
    served: Schema.String,
    parts: Schema.Array(AnswerPart),
    finish: FinishReason,
    usage: Usage,
    usd: Schema.NullOr(Schema.Finite),
  }),
  /** Ends of tool calls of the answer `call`; `id` in each is the model's own id of its `tool-call` part. */
  Schema.TaggedStruct("results", {
    ...At,
    call: Schema.String,
    results: Schema.Array(SessionResult),
  }),
  Schema.TaggedStruct("noted", { ...At, kind: Schema.String, text: Schema.String }),
  Schema.TaggedStruct("stopped", At),
  Schema.TaggedStruct("rested", { ...At, reason: RestReason, message: Schema.String }),
  Schema.TaggedStruct("changed", {
    ...At,
    model: Schema.optionalKey(Schema.String),
    effort: Schema.optionalKey(Effort),
    title: Schema.optionalKey(Schema.String),
  }),
  /** What stands before the conversation from here on. */
  Schema.TaggedStruct("prepared", {
    ...At,
    sections: Schema.Array(PromptSection),
    deferred: Schema.Array(Schema.String),
  }),
  Schema.TaggedStruct("compacted", {
    ...At,
    upTo: Schema.Finite,
    lines: Schema.Array(SummaryLine),
    reason: Schema.Literals(["window", "asked"]),
  }),
  /** Everything at and behind `to` is no longer part of it. */
  Schema.TaggedStruct("rewound", { ...At, to: Schema.Finite, files: Schema.Boolean }),
  /** A ceiling of spending that its calls count for came near; `what` it is for, in words. */
  Schema.TaggedStruct("warned", {
    ...At,
    what: Schema.String,
    limitUsd: Schema.Finite,
    spentUsd: Schema.Finite,
  }),
  /** The model could not be asked, or broke off; it may have been tried again since. */
  Schema.TaggedStruct("failed", {
    ...At,
    call: Schema.String,
    reason: Schema.String,
    message: Schema.String,
    cure: Schema.String,
  }),
])
export type SessionItem = typeof SessionItem.Type

/** A tool call of it that has not ended: it waits for a person (`claw show ID`, `Approve`), or it runs. */
export const OpenRequest = Schema.Struct({
  suggestion: Schema.String,
  title: Schema.String,
  state: Schema.Literals(["asks", "runs"]),
  /** A question in words (`Answer`) and not a call to approve. */
  question: Schema.Boolean,
})
export type OpenRequest = typeof OpenRequest.Type

export const SessionPart = Schema.Union([
  Schema.TaggedStruct("item", { item: SessionItem }),
  /** Pieces of an answer that comes in; the `answered` item of the same `call` is the whole of it. */
  Schema.TaggedStruct("text", { call: Schema.NullOr(Schema.String), text: Schema.String }),
  Schema.TaggedStruct("reasoning", { call: Schema.NullOr(Schema.String), text: Schema.String }),
  Schema.TaggedStruct("tool", { call: Schema.NullOr(Schema.String), part: ToolCallPart }),
  /** What came of this answer so far does not count: it is asked again. */
  Schema.TaggedStruct("again", {
    reason: Schema.String,
    afterMs: Schema.Finite,
    model: Schema.String,
  }),
  /** A ceiling of spending was reached: the question with this id stands in the queue. */
  Schema.TaggedStruct("paused", { question: Schema.String }),
  /** All of its calls that have not ended, at first and after every change. */
  Schema.TaggedStruct("open", { requests: Schema.Array(OpenRequest) }),
  /** At first, after every change, and before an item that says it rests. */
  Schema.TaggedStruct("spent", SessionSpent.fields),
  /** Everything that was in the log when the stream began has been sent. */
  Schema.TaggedStruct("live", { seq: Schema.Finite, state: SessionView.fields.state }),
])
export type SessionPart = typeof SessionPart.Type

/** A file, an image or piped text that goes with a word; `content` is base64. */
const SaidFile = Schema.Struct({
  path: Schema.String,
  mediaType: Schema.String,
  content: Schema.String,
})

export const SessionFound = Schema.Struct({
  session: Schema.String,
  title: Schema.String,
  seq: Schema.Finite,
  at: Schema.String,
  /** A line around what was found. */
  text: Schema.String,
})
export type SessionFound = typeof SessionFound.Type

/** What its prompt is made of, for whoever wonders what fills the window. Tokens are estimated. */
export const SessionContext = Schema.Struct({
  session: Schema.String,
  model: Schema.String,
  window: Schema.NullOr(Schema.Finite),
  tokens: Schema.Finite,
  parts: Schema.Array(Schema.Struct({ name: Schema.String, tokens: Schema.Finite })),
  /** What stands before the conversation, in order; what is untrusted is told as data. `cut`: what was left out. */
  sections: Schema.Array(
    Schema.Struct({
      kind: Schema.String,
      source: Schema.String,
      bytes: Schema.Finite,
      trust: Trust,
      cut: Schema.NullOr(Schema.String),
    }),
  ),
  /** Tools that only a search finds. */
  deferred: Schema.Array(Schema.String),
  compactedAt: Schema.NullOr(Schema.Finite),
})
export type SessionContext = typeof SessionContext.Type

/** Oldest first; `earlier`: there are more before these. */
export const ItemPage = Schema.Struct({ items: Schema.Array(SessionItem), earlier: Schema.Boolean })
export type ItemPage = typeof ItemPage.Type

export class SessionRpcs extends RpcGroup.make(
  /** Those that moved last first. Archived ones and the children of others only with `all`. */
  Rpc.make("Sessions", {
    payload: { all: Schema.Boolean, workspace: Schema.NullOr(Schema.String) },
    success: Schema.Array(SessionView),
  }),
  /** By id, by the beginning of one, or `latest`: the one of that workspace that moved last. */
  Rpc.make("Session", {
    payload: { session: Schema.String, workspace: Schema.NullOr(Schema.String) },
    success: SessionView,
    error: NoSuch,
  }),
  /**
   * A page of what was said and done: the newest `limit` items, `mostItems` at most, before event `before` (null: the
   * newest of all).
   */
  Rpc.make("SessionItems", {
    payload: { session: Schema.String, before: Schema.NullOr(Schema.Finite), limit: Schema.Finite },
    success: ItemPage,
    error: NoSuch,
  }),
  Rpc.make("OpenSession", {
    payload: {
      ...Person,
      kind: Schema.Literals(["chat", "ask", "print"]),
      workspace: Schema.String,
      title: Schema.optionalKey(Schema.String),
      model: Schema.optionalKey(Schema.String),
      effort: Schema.optionalKey(Effort),
      tools: Schema.optionalKey(Schema.Array(Schema.String)),
      limits: Schema.optionalKey(SomeLimits),
      format: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
      cwd: Schema.optionalKey(Schema.String),
    },
    success: Schema.Struct({ session: Schema.String, seq: Schema.Finite }),
    error: SessionFailure,
  }),
  /** Answers with the seq of the word once the log has it. While it works, it is heard at the next step. */
  Rpc.make("Say", {
    payload: {
      ...Person,
      session: Schema.String,
      text: Schema.String,
      files: Schema.Array(SaidFile),
    },
    success: Schema.Finite,
    error: SessionFailure,
  }),
  /** Ends the work on the present word: the answer is broken off, what waits is withdrawn, what runs is stopped. */
  Rpc.make("StopSession", {
    payload: { ...Person, session: Schema.String },
    success: Schema.Boolean,
    error: SessionFailure,
  }),
  /**
   * Items behind `from` and then what comes, without end; with `last`, of those there are only so many, the newest. With
   * `untilRested` it ends with the first `rested` item behind `from`.
   */
  Rpc.make("FollowSession", {
    payload: {
      session: Schema.String,
      from: Schema.Finite,
      untilRested: Schema.Boolean,
      last: Schema.optionalKey(Schema.Finite),
    },
    success: SessionPart,
    error: Schema.Union([NoSuch, Unavailable]),
    stream: true,
  }),
  Rpc.make("ChangeSession", {
    payload: {
      ...Person,
      session: Schema.String,
      model: Schema.optionalKey(Schema.String),
      effort: Schema.optionalKey(Effort),
      title: Schema.optionalKey(Schema.String),
      tools: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
      limits: Schema.optionalKey(SomeLimits),
      format: Schema.optionalKey(Schema.NullOr(Schema.Record(Schema.String, Schema.Json))),
    },
    success: SessionView,
    error: SessionFailure,
  }),
  /** A new conversation that begins with what this one said up to event `at`; null: with all of it. */
  Rpc.make("ForkSession", {
    payload: { ...Person, session: Schema.String, at: Schema.NullOr(Schema.Finite) },
    success: SessionView,
    error: SessionFailure,
  }),
  /** Back to before the word with seq `to`. Files: what its calls changed since is taken back, newest first. */
  Rpc.make("RewindSession", {
    payload: {
      ...Person,
      session: Schema.String,
      to: Schema.Finite,
      what: Schema.Literals(["conversation", "files", "both"]),
    },
    success: Schema.Struct({ undone: Schema.Array(Schema.String), kept: Schema.Array(Schema.String) }),
    error: SessionFailure,
  }),
  Rpc.make("CompactSession", {
    payload: { ...Person, session: Schema.String },
    success: Schema.Array(SummaryLine),
    error: SessionFailure,
  }),
  Rpc.make("ArchiveSession", {
    payload: { ...Person, session: Schema.String, restored: Schema.Boolean },
    success: SessionView,
    error: SessionFailure,
  }),
  Rpc.make("ExportSession", {
    payload: { session: Schema.String, format: Schema.Literals(["markdown", "json"]) },
    success: Schema.String,
    error: Schema.Union([NoSuch, Unavailable]),
  }),
  /** Words of users and answers that hold the text, newest first. */
  Rpc.make("SearchSessions", {
    payload: { text: Schema.String, workspace: Schema.NullOr(Schema.String), limit: Schema.Finite },
    success: Schema.Array(SessionFound),
    error: BadInput,
  }),
  Rpc.make("SessionContext", {
    payload: { session: Schema.String },
    success: SessionContext,
    error: Schema.Union([NoSuch, Unavailable]),
  }),
) {}
