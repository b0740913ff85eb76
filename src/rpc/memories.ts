/**
 * What is remembered, and the skills there are, between daemon and clients. Schemas only.
 * Invariant: whatever lets something in, changes or forgets it is a person's and carries the token.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Trust } from "../domain/action.ts"
import { Surface } from "../domain/events/acted.ts"
import { MemoryLayer, MemoryOrigin, MemoryScope } from "../domain/events/memories.ts"
import { BadInput, NeedsPerson, NoSuch, Refused } from "./errors.ts"

export const MemoryView = Schema.Struct({
  v: Schema.Literal(1),
  id: Schema.String,
  layer: MemoryLayer,
  scope: MemoryScope,
  workspace: Schema.NullOr(Schema.String),
  state: Schema.Literals(["proposed", "known", "rejected", "forgotten"]),
  text: Schema.String,
  topic: Schema.String,
  evidence: Schema.Array(Schema.Finite),
  confidence: Schema.Finite,
  origin: MemoryOrigin,
  trust: Trust,
  /** Ids whose place it takes, or would take. */
  replaces: Schema.Array(Schema.String),
  session: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  proposedAt: Schema.String,
  usedAt: Schema.NullOr(Schema.String),
  uses: Schema.Finite,
})
export type MemoryView = typeof MemoryView.Type

/** What became of one, and the words it rests on. */
const MemoryHistory = Schema.Struct({
  memory: MemoryView,
  events: Schema.Array(
    Schema.Struct({ seq: Schema.Finite, at: Schema.String, actor: Schema.String, text: Schema.String }),
  ),
  evidence: Schema.Array(Schema.Struct({ seq: Schema.Finite, at: Schema.String, text: Schema.String })),
})
type MemoryHistory = typeof MemoryHistory.Type

/** How memories are searched. */
const MemorySearchView = Schema.Struct({
  v: Schema.Literal(1),
  known: Schema.Finite,
  waiting: Schema.Finite,
  /** By what they mean too, as this model says; null: by words alone. */
  model: Schema.NullOr(Schema.String),
  /** How many of the known ones it was asked about. */
  embedded: Schema.Finite,
  /** Why it is not used now. */
  problem: Schema.NullOr(Schema.String),
})

export const SkillView = Schema.Struct({
  v: Schema.Literal(1),
  name: Schema.String,
  description: Schema.String,
  scope: MemoryScope,
  source: Schema.String,
  trust: Trust,
  /** What it declares; null: nothing. */
  tools: Schema.NullOr(Schema.Array(Schema.String)),
  problem: Schema.NullOr(Schema.String),
})
export type SkillView = typeof SkillView.Type

const Person = { token: Schema.String, surface: Surface }
const Wrong = Schema.Union([NoSuch, NeedsPerson, BadInput, Refused])

export class MemoryRpcs extends RpcGroup.make(
  /** Of the workspace around `dir` and the user's own; null: all. The oldest first. */
  Rpc.make("Memories", {
    payload: {
      dir: Schema.NullOr(Schema.String),
      states: Schema.Array(Schema.Literals(["proposed", "known", "rejected", "forgotten"])),
    },
    success: Schema.Array(MemoryView),
  }),
  Rpc.make("Memory", { payload: { id: Schema.String }, success: MemoryHistory, error: NoSuch }),
  /** The best first. */
  Rpc.make("FindMemories", {
    payload: { query: Schema.String, dir: Schema.String, limit: Schema.Natural },
    success: Schema.Array(MemoryView),
  }),
  /** Of the workspace around `dir` and the user's own. */
  Rpc.make("MemorySearch", { payload: { dir: Schema.String }, success: MemorySearchView }),
  /** Kept at once, because a person says so. `near`: known ones about the same. */
  Rpc.make("Remember", {
    payload: {
      ...Person,
      text: Schema.String,
      topic: Schema.String,
      layer: MemoryLayer,
      scope: MemoryScope,
      dir: Schema.String,
    },
    success: Schema.Struct({ memory: MemoryView, near: Schema.Array(MemoryView) }),
    error: Wrong,
  }),
  Rpc.make("AnswerMemory", {
    payload: {
      ...Person,
      id: Schema.String,
      answer: Schema.Union([
        Schema.Struct({ kind: Schema.Literal("accept"), text: Schema.NullOr(Schema.String) }),
        Schema.Struct({ kind: Schema.Literal("reject"), reason: Schema.String }),
        Schema.Struct({ kind: Schema.Literal("edit"), text: Schema.String }),
        Schema.Struct({ kind: Schema.Literals(["forget", "restore"]) }),
      ]),
    },
    success: MemoryView,
    error: Wrong,
  }),
  Rpc.make("Skills", { payload: { dir: Schema.String }, success: Schema.Array(SkillView) }),
  Rpc.make("Skill", {
    payload: { dir: Schema.String, name: Schema.String },
    success: Schema.Struct({ skill: SkillView, text: Schema.String, files: Schema.Array(Schema.String) }),
    error: Schema.Union([NoSuch, Refused]),
  }),
) {}
