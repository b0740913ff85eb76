/**
 * What stands in the way of taking a call back, and what a person may say to it. Three sides: what the call left (the
 * base), what is there now (mine), what was there before (back).
 */
import { Schema } from "effect"

export const UndoConflict = Schema.Struct({
  /** Relative to the workspace; `.git` for branches, staging area and the like. */
  path: Schema.String,
  what: Schema.Literals(["edited", "removed", "replaced", "in-the-way", "not-kept", "git"]),
  message: Schema.String,
  /** Both changes go together: the call's can be taken out and mine stay. */
  mergeable: Schema.Boolean,
  /** Unified diffs, bounded; null where there is nothing to show (binary, not kept). From the base to mine ... */
  mine: Schema.NullOr(Schema.String),
  /** ... from the base to what was there before ... */
  back: Schema.NullOr(Schema.String),
  /** ... and from mine to both together. */
  merged: Schema.NullOr(Schema.String),
})
export type UndoConflict = typeof UndoConflict.Type

/** `stop`: nothing is touched. `keep`: mine stays, the rest comes back. `merge`: both, or nothing at all. */
const UndoStance = Schema.Literals(["stop", "keep", "merge"])
type UndoStance = typeof UndoStance.Type

export const UndoChoice = Schema.Struct({
  stance: UndoStance,
  /** For single paths, as the conflicts name them. */
  paths: Schema.optionalKey(Schema.Record(Schema.String, Schema.Literals(["keep", "merge"]))),
})
export type UndoChoice = typeof UndoChoice.Type
export const stop: UndoChoice = { stance: "stop" }

export const choiceFor = (choice: UndoChoice, path: string): UndoStance =>
  choice.paths !== undefined && Object.hasOwn(choice.paths, path) ? choice.paths[path]! : choice.stance
