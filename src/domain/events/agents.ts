/**
 * Payloads of children of conversations: `agent.*`, all of which correlate with the child's session, and the board they
 * share: `board.*`, which correlate with the board.
 * Invariants: a child has one `agent.queued` and in the end one of the terminal events, ever; what it is told, may use and
 * may spend is in the first; a version on a board is given once.
 */
import { Schema } from "effect"
import { Trust } from "../action.ts"
import { Sha256, SuggestionId } from "../ids.ts"
import { SessionId, SessionLimits } from "./sessions.ts"

/** What the child is told of its kind, as it stood when the child was wanted: a blob. `claw`: one of Claw's own kinds. */
export const AgentDefinition = Schema.Struct({ source: Schema.String, hash: Sha256, trust: Trust })
export type AgentDefinition = typeof AgentDefinition.Type

export const AgentQueued = Schema.Struct({
  /** Its session's id. */
  agent: SessionId,
  /** The session that wants it. */
  session: SessionId,
  /** Id of the call that asked for it. */
  call: Schema.String,
  type: Schema.String,
  title: Schema.String,
  prompt: Schema.String,
  /** What it shall think with; null: what its parent does. */
  model: Schema.NullOr(Schema.String),
  /** Names it may use; `git:read`: only what reads of it. Null: all that its gate offers. */
  tools: Schema.NullOr(Schema.Array(Schema.String)),
  limits: SessionLimits,
  /** It works in a worktree of its own. */
  writes: Schema.Boolean,
  /** Why it may only read although its kind may write; null: no such reason. */
  readsOnly: Schema.NullOr(Schema.String),
  /** The parent goes on and is told of the end. */
  background: Schema.Boolean,
  depth: Schema.Natural,
  definition: AgentDefinition,
})

export const AgentRunning = Schema.Struct({ agent: SessionId })
/** A person has to answer these before it goes on. */
export const AgentWaiting = Schema.Struct({ agent: SessionId, on: Schema.Array(SuggestionId) })

/** The end, for good. */
export const AgentEnded = Schema.Struct({
  agent: SessionId,
  /** In one line. */
  message: Schema.String,
  /** The request that would bring its changes into the parent's workspace; null: there are none, or none that could. */
  patch: Schema.NullOr(SuggestionId),
})

/**
 * The worktree of a child. `proposed`: its changes wait in the queue; `kept`: they were not taken, or could not be offered.
 */
export const AgentTree = Schema.Struct({
  agent: SessionId,
  state: Schema.Literals(["made", "proposed", "kept", "removed"]),
  path: Schema.String,
  branch: Schema.String,
  /** The commit it began at. */
  base: Schema.String,
  /** Workspace of the parent, whose rules hold in it. */
  of: Schema.String,
  /** Folders of that workspace that its own ones of the same name lead to; absent: none. */
  links: Schema.optionalKey(Schema.Array(Schema.String)),
  message: Schema.String,
})

const Entry = {
  /** The session at the root of the tree of sessions. */
  board: SessionId,
  key: Schema.String,
  /** Of the board, with this change: each is given once. */
  version: Schema.Natural,
  /** Who did it. */
  session: SessionId,
  /** Id of the call that did it. */
  call: Schema.String,
}
export const BoardPut = Schema.Struct({ ...Entry, text: Schema.String })
/** Taken off the board: who took it has it. */
export const BoardTaken = Schema.Struct(Entry)
