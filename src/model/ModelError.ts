/** Why a model gave no answer: typed, with what to do about it. Invariant: no text of it holds a credential. */
import { Schema } from "effect"
import { ModelFailure } from "../domain/modelRequest.ts"

export class ModelError extends Schema.TaggedError<ModelError>()("ModelError", {
  reason: ModelFailure,
  /** `anthropic`, `openai`, `local`, or the name the user's settings give it. */
  provider: Schema.String,
  status: Schema.NullOr(Schema.Finite),
  /** The provider's own id of the request. */
  requestId: Schema.NullOr(Schema.String),
  message: Schema.String,
  /** What to do, in one line. */
  cure: Schema.String,
  /** When the server wants to be asked again; null: it did not say. */
  retryAfterMs: Schema.NullOr(Schema.Finite),
  /** Bytes of an answer had come before it broke off. */
  begun: Schema.Boolean,
}) {}
