/**
 * Taking back, as clients ask for it: what it would do, one suggestion, a stretch of the log. Schemas only.
 * Invariant: a conflict is an error that carries all a person needs to decide; nothing was touched then.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Surface } from "../domain/events/acted.ts"
import { Suggestion } from "../domain/suggestion.ts"
import { UndoChoice, UndoConflict } from "../domain/undoConflict.ts"
import { UndoRange, UndoReport, UndoStep } from "../domain/undoPlan.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Stale, Unavailable } from "./errors.ts"

/** Something changed since: keep it, merge it, or leave all as it is. */
export class UndoBlocked extends Schema.TaggedError<UndoBlocked>()("UndoBlocked", {
  message: Schema.String,
  conflicts: Schema.Array(UndoConflict),
}) {}

const Answer = { token: Schema.String, surface: Surface }

export class UndoRpcs extends RpcGroup.make(
  Rpc.make("PlanUndo", {
    payload: { range: UndoRange },
    success: Schema.Array(UndoStep),
    error: Schema.Union([NoSuch, Unavailable]),
  }),
  Rpc.make("Undo", {
    payload: { ...Answer, id: Schema.String, choice: Schema.optionalKey(UndoChoice) },
    success: Suggestion,
    error: Schema.Union([NoSuch, Refused, Stale, NeedsPerson, Unavailable, BadInput, UndoBlocked]),
  }),
  /** Newest first, up to the first call that cannot be taken back; `calls` are those that were shown, in order. */
  Rpc.make("UndoRange", {
    payload: {
      ...Answer,
      range: UndoRange,
      calls: Schema.Array(Schema.String),
      choice: Schema.optionalKey(UndoChoice),
    },
    success: UndoReport,
    error: Schema.Union([NoSuch, Stale, NeedsPerson, Unavailable]),
  }),
) {}
