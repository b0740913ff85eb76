/**
 * What a debounced burst of observations adds up to. `kind` is `family.name`, e.g. `command.failed`;
 * `data` is JSON of the kind's own shape, defined beside the rule that opens it in `src/decide`.
 */
import { Schema } from "effect"
import { Seq } from "./ids.ts"

export const Situation = Schema.Struct({
  kind: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  /** What it is about (a command, a path, a branch): part of every fingerprint made from it. */
  subject: Schema.String,
  evidence: Schema.Array(Seq),
  data: Schema.Unknown,
})
export type Situation = typeof Situation.Type
