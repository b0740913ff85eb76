/** Why something cannot be granted, explained or revoked: one error for all who ask. */
import { Schema } from "effect"

export class GrantError extends Schema.TaggedError<GrantError>()("GrantError", {
  reason: Schema.Literals(["no-such", "refused", "person", "unavailable"]),
  message: Schema.String,
}) {}
