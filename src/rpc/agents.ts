/**
 * Children of conversations between daemon and clients: which there are, how they stand, a word to one, ending one. What one
 * says and does is its session's (`FollowSession` with its id). Schemas only.
 * Invariant: what changes one carries a proof of who is there, because the log names who did it.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Surface } from "../domain/events/acted.ts"
import { SessionLimits } from "../domain/events/sessions.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Unavailable } from "./errors.ts"

const Person = { token: Schema.String, surface: Surface }
const Failure = Schema.Union([NoSuch, Refused, NeedsPerson, Unavailable, BadInput])

export const AgentView = Schema.Struct({
  v: Schema.Literal(1),
  /** Its session's id. */
  agent: Schema.String,
  /** The session that wanted it. */
  session: Schema.String,
  type: Schema.String,
  title: Schema.String,
  state: Schema.Literals([
    "queued",
    "running",
    "waiting",
    "succeeded",
    "failed",
    "timed-out",
    "cancelled",
    "lost",
  ]),
  message: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  background: Schema.Boolean,
  depth: Schema.Finite,
  limits: SessionLimits,
  /** Requests that a person has to answer before it goes on. */
  on: Schema.Array(Schema.String),
  tree: Schema.NullOr(
    Schema.Struct({
      state: Schema.Literals(["made", "proposed", "kept", "removed"]),
      path: Schema.String,
      branch: Schema.String,
      message: Schema.String,
    }),
  ),
  /** The request that would bring its changes. */
  patch: Schema.NullOr(Schema.String),
  queuedAt: Schema.String,
  startedAt: Schema.NullOr(Schema.String),
  endedAt: Schema.NullOr(Schema.String),
  /** With its own children. */
  spent: Schema.Struct({ usd: Schema.Finite, calls: Schema.Finite, unpriced: Schema.Finite }),
})
export type AgentView = typeof AgentView.Type

const AgentKind = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  /** Null: what its parent may. */
  tools: Schema.NullOr(Schema.Array(Schema.String)),
  model: Schema.NullOr(Schema.String),
  source: Schema.String,
  trusted: Schema.Boolean,
})

export class AgentRpcs extends RpcGroup.make(
  /** Those at work, then, with `all`, those that ended last; the newest first. Of one conversation and below it, where named. */
  Rpc.make("Agents", {
    payload: { all: Schema.Boolean, session: Schema.NullOr(Schema.String) },
    success: Schema.Array(AgentView),
  }),
  /** By id, or the beginning of one. */
  Rpc.make("Agent", {
    payload: { agent: Schema.String },
    success: Schema.Struct({
      view: AgentView,
      /** The task it was given, and its last answer. */
      prompt: Schema.String,
      answer: Schema.String,
    }),
    error: NoSuch,
  }),
  Rpc.make("AgentKinds", {
    payload: { workspace: Schema.String },
    success: Schema.Struct({
      kinds: Schema.Array(AgentKind),
      problems: Schema.Array(Schema.String),
      /** Folders of worktrees that no agent in the log has. */
      strays: Schema.Array(Schema.String),
    }),
  }),
  /** A word to one that works: it hears it before its next step. */
  Rpc.make("SendAgent", {
    payload: { ...Person, agent: Schema.String, text: Schema.String },
    success: Schema.Finite,
    error: Failure,
  }),
  /** Ends it and all below it; the ids of those that were at work. */
  Rpc.make("StopAgent", {
    payload: { ...Person, agent: Schema.String },
    success: Schema.Array(Schema.String),
    error: Failure,
  }),
  /** Takes its worktree away, with changes that were not taken. */
  Rpc.make("DiscardAgent", {
    payload: { ...Person, agent: Schema.String },
    success: Schema.Boolean,
    error: Failure,
  }),
  /** Takes away worktrees in which nobody works and nothing would be lost; says why the others stay. */
  Rpc.make("TidyAgents", {
    payload: Person,
    success: Schema.Struct({
      removed: Schema.Array(Schema.String),
      kept: Schema.Array(Schema.Struct({ path: Schema.String, why: Schema.String })),
    }),
    error: NeedsPerson,
  }),
) {}
