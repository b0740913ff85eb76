/** Why a memory was not kept or changed. */
import { Schema } from "effect"

export class MemoryError extends Schema.TaggedError<MemoryError>()("MemoryError", {
  /** input: it is wrong, and says how; no-such: nobody knows it; refused: not as it stands now. */
  reason: Schema.Literals(["input", "no-such", "refused"]),
  message: Schema.String,
}) {}
