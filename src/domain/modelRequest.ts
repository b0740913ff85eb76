/**
 * What is asked of a model and what it answers, as data: the canonical forms that are logged, priced, replayed and
 * compared. Messages have the shape of `effect/ai`'s encoded prompt, so a provider's layer takes them as they are.
 * Invariants: a request is JSON and holds everything an answer can depend on, and no secret; its digest is over the
 * SHA-256 of the `canonicalJson` of each message and of the tools, and the `canonicalJson` of all the rest, so the same
 * request has the same digest on every machine, and a conversation's next one costs only what is new in it.
 */
import { Schema } from "effect"

/**
 * Of all that makes requests out of events: the prompts of conversations and of first looks, and the canonical form. Raised
 * with every change of theirs, so that a replay tells what another version made from what is not as it was.
 */
export const promptVersion = 2

/** `provider/id` as settings, prices and the log name it: `anthropic/claude-opus-5-5`, `local/qwen3`. */
export const ModelName = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9-]*\/\S+$/))

/** What only one provider understands, by its name: a thinking block's signature, a cache mark. */
export const ProviderOptions = Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Json))
const options = { options: Schema.optionalKey(ProviderOptions) }

const TextPart = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, ...options })
const ReasoningPart = Schema.Struct({
  type: Schema.Literal("reasoning"),
  text: Schema.String,
  ...options,
})
/** `params` is what the model wrote: any JSON, fit for the tool or not. */
export const ToolCallPart = Schema.Struct({
  type: Schema.Literal("tool-call"),
  id: Schema.String,
  name: Schema.String,
  params: Schema.Json,
  ...options,
})
const ToolResultPart = Schema.Struct({
  type: Schema.Literal("tool-result"),
  id: Schema.String,
  name: Schema.String,
  isFailure: Schema.Boolean,
  result: Schema.Json,
  ...options,
})
/** `data` is base64. */
const FilePart = Schema.Struct({
  type: Schema.Literal("file"),
  mediaType: Schema.String,
  fileName: Schema.optionalKey(Schema.String),
  data: Schema.String,
  ...options,
})
export type ToolCallPart = typeof ToolCallPart.Type

/** In the order the model gave them. */
export const AnswerPart = Schema.Union([TextPart, ReasoningPart, ToolCallPart])
export type AnswerPart = typeof AnswerPart.Type

export const ModelMessage = Schema.Union([
  Schema.Struct({ role: Schema.Literal("system"), content: Schema.String, ...options }),
  Schema.Struct({
    role: Schema.Literal("user"),
    content: Schema.Array(Schema.Union([TextPart, FilePart])),
    ...options,
  }),
  Schema.Struct({ role: Schema.Literal("assistant"), content: Schema.Array(AnswerPart), ...options }),
  Schema.Struct({ role: Schema.Literal("tool"), content: Schema.Array(ToolResultPart), ...options }),
])
export type ModelMessage = typeof ModelMessage.Type

export const ModelTool = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  inputSchema: Schema.Record(Schema.String, Schema.Json),
})
export type ModelTool = typeof ModelTool.Type

/** How hard it shall think; null: the model's own default. */
export const Effort = Schema.NullOr(Schema.Literals(["low", "medium", "high", "xhigh", "max"]))
export type Effort = typeof Effort.Type

export const ModelRequest = Schema.Struct({
  model: ModelName,
  /** System messages first, then the conversation. */
  messages: Schema.Array(ModelMessage),
  tools: Schema.Array(ModelTool),
  toolChoice: Schema.Union([
    Schema.Literals(["auto", "none", "required"]),
    Schema.Struct({ tool: Schema.String }),
  ]),
  /** An answer as JSON of this schema instead of text; null: text. */
  format: Schema.NullOr(
    Schema.Struct({ name: Schema.String, schema: Schema.Record(Schema.String, Schema.Json) }),
  ),
  effort: Effort,
  /** Tokens the answer may have, thinking included. */
  maxOutput: Schema.Natural,
  /** How many of `messages`, from the first, stay the same until the conversation is compacted: what is worth caching. */
  stable: Schema.Natural,
})
export type ModelRequest = typeof ModelRequest.Type

/** Tokens, in four buckets that do not overlap; `reasoning` is the part of `output` that was thought. */
export const Usage = Schema.Struct({
  input: Schema.Natural,
  output: Schema.Natural,
  cacheRead: Schema.Natural,
  cacheWrite: Schema.Natural,
  /** The part of `cacheWrite` that is kept for an hour: it costs more. */
  cacheWriteHour: Schema.optionalKey(Schema.Natural),
  reasoning: Schema.optionalKey(Schema.Natural),
})
export type Usage = typeof Usage.Type

/**
 * What texts mean as a model for it puts it: of each text a vector, in the order of the request's messages. Of a vector only
 * its direction says anything, so each is kept in a byte a member, scaled to its own largest: a quarter of what it came in.
 */
export const Vectors = Schema.Struct({
  dimensions: Schema.Natural,
  /** Base64 of signed bytes, one vector behind the other. */
  data: Schema.String,
})
export type Vectors = typeof Vectors.Type

/** Why an answer ended. `length`: at `maxOutput`; `pause`: the server wants to be asked to go on. */
export const FinishReason = Schema.Literals([
  "stop",
  "length",
  "tool-calls",
  "content-filter",
  "pause",
  "error",
  "other",
  "unknown",
])
export type FinishReason = typeof FinishReason.Type

/** What a call is for: what it is counted under. */
export const ModelPurpose = Schema.Literals([
  "chat",
  "agent",
  "triage",
  "draft",
  "compact",
  "extract",
  "title",
  "embed",
  "recall",
  "test",
])
export type ModelPurpose = typeof ModelPurpose.Type

/** What is answered with vectors: what memories mean, and what is looked for among them. */
export const givesVectors: ReadonlySet<ModelPurpose> = new Set(["embed", "recall"])

/**
 * Why a call has no answer. `credentials`: none, or not taken. `spend-limit`: the provider's own; never tried again.
 * `paused`: Claw's ceiling. `context`: more than the model's window. `malformed`: the server did not keep to its
 * protocol. `interrupted`: the daemon died in mid-call.
 */
export const ModelFailure = Schema.Literals([
  "credentials",
  "rate-limit",
  "overloaded",
  "network",
  "timeout",
  "stalled",
  "bad-request",
  "context",
  "content-filter",
  "not-found",
  "spend-limit",
  "paused",
  "malformed",
  "server",
  "cancelled",
  "interrupted",
])
export type ModelFailure = typeof ModelFailure.Type
