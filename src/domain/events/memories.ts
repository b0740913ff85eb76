/**
 * Payloads of what Claw learns and keeps: `memory.*`. What happened is the log itself; these are the two layers above it:
 * facts, and rules of how to work here. Everything enters as a proposal; what a person says outright is accepted with it.
 * Invariants: nothing is changed in place or deleted: an edit is a proposal to replace, forgetting is a tombstone that can
 * be lifted; no text of it holds a secret; each says which events it rests on and how far they are trusted.
 */
import { Schema } from "effect"
import { Seq } from "../ids.ts"
import { ModelCallId } from "./model.ts"
import { Surface } from "./acted.ts"

/** `k_` and 16 hex digits, derived from the event that proposed it. */
export const MemoryId = Schema.String

/** `fact`: what is so. `rule`: how the user wants work done. */
export const MemoryLayer = Schema.Literals(["fact", "rule"])
export type MemoryLayer = typeof MemoryLayer.Type

/** `workspace`: holds in the event's workspace; `user`: everywhere. */
export const MemoryScope = Schema.Literals(["workspace", "user"])
export type MemoryScope = typeof MemoryScope.Type

/** Where it came from: said outright, a rejection or edit of a draft, the end of a conversation, idle-time thought. */
export const MemoryOrigin = Schema.Literals(["said", "feedback", "extraction", "dream"])
export type MemoryOrigin = typeof MemoryOrigin.Type

export const MemoryProposed = Schema.Struct({
  memory: MemoryId,
  layer: MemoryLayer,
  scope: MemoryScope,
  text: Schema.String,
  /** A few words to find it by. */
  topic: Schema.String,
  /** The events it rests on. */
  evidence: Schema.Array(Seq),
  /** 0 to 1: how sure whoever proposed it is. */
  confidence: Schema.Finite,
  origin: MemoryOrigin,
  /** Takes the place of these; empty: something new. */
  replaces: Schema.Array(MemoryId),
  session: Schema.NullOr(Schema.String),
  /** The model's call that wrote it; null: no model did. */
  call: Schema.NullOr(ModelCallId),
})
/** It counts from here on. Null surface: a rule of the user's settings lets it in. */
export const MemoryAccepted = Schema.Struct({
  memory: MemoryId,
  /** As the person put it instead. */
  text: Schema.optionalKey(Schema.String),
  surface: Schema.NullOr(Surface),
  reason: Schema.String,
})
export const MemoryRejected = Schema.Struct({
  memory: MemoryId,
  reason: Schema.String,
  surface: Schema.NullOr(Surface),
})
/** It is no longer found nor told; `memory.restored` takes that back. */
export const MemoryForgotten = Schema.Struct({
  memory: MemoryId,
  reason: Schema.Literals(["asked", "unused", "replaced", "room"]),
  surface: Schema.NullOr(Surface),
})
export const MemoryRestored = Schema.Struct({ memory: MemoryId, surface: Surface })
/** These were told to a model. */
export const MemoryUsed = Schema.Struct({ memories: Schema.Array(MemoryId), session: Schema.String })
/** The user's words of a conversation up to `upTo` were looked through for what is worth keeping. */
export const MemoryExtracted = Schema.Struct({
  session: Schema.String,
  upTo: Seq,
  /** How many proposals came of it. */
  proposed: Schema.Natural,
  /** What a model proposed and that rested on nothing. */
  dropped: Schema.Natural,
  /** Null: no model answered. */
  call: Schema.NullOr(ModelCallId),
})
