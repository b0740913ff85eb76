/**
 * Payloads of `model.*`: what was asked of a model, what came back and what it cost. A call is one request to one server:
 * a retry and a fallback are calls of their own, tied by `of`.
 * Invariants: `model.requested` is durable before a byte is sent; each call ends in exactly one of `model.answered` and
 * `model.failed` (one that a crash cut off is failed as `interrupted` at the next start); USD is null where the price is not
 * known, never a guess; no payload and no blob holds a credential.
 */
import { Schema } from "effect"
import { Seq, Sha256 } from "../ids.ts"
import {
  AnswerPart,
  FinishReason,
  ModelFailure,
  ModelName,
  ModelPurpose,
  Usage,
  Vectors,
} from "../modelRequest.ts"

/** `m_` and 16 hex digits, derived from what is asked and why, so a replay asks under the same id. */
export const ModelCallId = Schema.String

const Usd = Schema.NullOr(Schema.Finite)

export const ModelRequested = Schema.Struct({
  call: ModelCallId,
  purpose: ModelPurpose,
  session: Schema.NullOr(Schema.String),
  /** Seq of the situation it thinks about, and the rule that opened the way to it. */
  situation: Schema.NullOr(Seq),
  rule: Schema.NullOr(Schema.String),
  model: ModelName,
  /** Of the whole canonical request: see `ModelRequest`. */
  digest: Sha256,
  /**
   * Blob of a `RequestRecord`: the request itself, or what it adds to that of an earlier call, because a conversation's
   * requests begin alike.
   */
  record: Sha256,
  /** Of the canonical request. */
  bytes: Schema.Natural,
  /** What it would cost at worst: all input uncached, `maxOutput` used up. */
  worstUsd: Usd,
  /** The call that this one tries again or stands in for. */
  of: Schema.NullOr(ModelCallId),
  attempt: Schema.Natural,
  /** `promptVersion` of what made the request; absent: before there was one. */
  made: Schema.optionalKey(Schema.Natural),
  /** The memories whose words it sends, one a message (`embed`). */
  memories: Schema.optionalKey(Schema.Array(Schema.String)),
})

/** What the blob of `ModelRequested.record` holds, as JSON. Without `base` the messages are all of them. */
export const RequestRecord = Schema.Struct({
  base: Schema.NullOr(
    Schema.Struct({
      call: ModelCallId,
      /** The first so many messages are those of `base`. */
      keep: Schema.Natural,
    }),
  ),
  messages: Schema.Array(Schema.Json),
  /** Members of the request besides its messages: all, or with `base` those that are not as in it; null: none. */
  rest: Schema.NullOr(Schema.Record(Schema.String, Schema.Json)),
})
export type RequestRecord = typeof RequestRecord.Type

/** The server read less from its cache than a prefix that had been sent before would give: `expected` tokens, `read`. */
export const CacheBreak = Schema.Struct({
  expected: Schema.Natural,
  read: Schema.Natural,
  /** What changed: the tools, a system section, a message; or that nothing did, and it went stale. */
  reason: Schema.String,
})

export const ModelAnswered = Schema.Struct({
  call: ModelCallId,
  /** As the server names it. */
  served: Schema.String,
  content: Schema.Array(AnswerPart),
  finish: FinishReason,
  usage: Usage,
  usd: Usd,
  /** The price table that `usd` was made with. */
  prices: Schema.String,
  /** The provider's own id of the request. */
  requestId: Schema.NullOr(Schema.String),
  firstTokenMs: Schema.NullOr(Schema.Finite),
  durationMs: Schema.Finite,
  /** How often its connection broke and it was taken up where it was; absent: never. */
  resumed: Schema.optionalKey(Schema.Natural),
  cacheBreak: Schema.optionalKey(CacheBreak),
  /** Instead of content, where vectors were asked for (`embed`, `recall`). */
  vectors: Schema.optionalKey(Vectors),
})

export const ModelFailed = Schema.Struct({
  call: ModelCallId,
  reason: ModelFailure,
  status: Schema.NullOr(Schema.Finite),
  requestId: Schema.NullOr(Schema.String),
  /** What happened, and what to do about it, without any credential. */
  message: Schema.String,
  cure: Schema.String,
  /** When the server wants to be asked again. */
  retryAfterMs: Schema.NullOr(Schema.Finite),
  /**
   * What was counted when it broke off. `usd` takes the output for as long as it could have become, unless it was known
   * to be over; null: the server did not say, and `usd` is the worst case if bytes were sent.
   */
  usage: Schema.NullOr(Usage),
  usd: Usd,
  prices: Schema.String,
  durationMs: Schema.Finite,
})

/** What a ceiling counts: all of a day, one conversation with its children, one rule a day, one workspace a day, one call. */
export const BudgetScope = Schema.Literals(["call", "session", "day", "rule", "workspace"])
export type BudgetScope = typeof BudgetScope.Type

/** One ceiling: `key` is the session's id, the rule's name, the workspace's path; the UTC day for those that count a day. */
const Ceiling = {
  scope: BudgetScope,
  key: Schema.String,
  limitUsd: Schema.Finite,
  spentUsd: Schema.Finite,
}
/** A call was not made because it could have gone over the ceiling: the work waits for the answer to `question`. */
export const ModelPaused = Schema.Struct({
  ...Ceiling,
  worstUsd: Usd,
  session: Schema.NullOr(Schema.String),
  question: Schema.NullOr(Schema.String),
})
/** Four fifths of a ceiling are spent; said once for each ceiling and key. */
export const ModelWarned = Schema.Struct(Ceiling)
/** A person raised a ceiling, for this key alone. */
export const ModelRaised = Schema.Struct({
  scope: BudgetScope,
  key: Schema.String,
  limitUsd: Schema.Finite,
  question: Schema.NullOr(Schema.String),
})
