/**
 * Calls that go over the past without acting: the decider's own decisions again, other rules of the gate, other
 * reflexes, other attention. Each answers with how far it is, with rows where they are wanted, and with a summary.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { VerdictKind } from "../domain/action.ts"
import { Point, ReplayReport } from "./shapes.ts"

/** Not now: the log cannot be read. */
export class BacktestError extends Schema.TaggedError<BacktestError>()("BacktestError", {
  reason: Schema.Literals(["input", "unavailable"]),
  message: Schema.String,
}) {}

const message = <R extends Schema.Top, S extends Schema.Top>(row: R, summary: S) =>
  Schema.Union([
    Schema.TaggedStruct("progress", { done: Schema.Finite, total: Schema.Finite }),
    Schema.TaggedStruct("rows", { rows: Schema.Array(row) }),
    Schema.TaggedStruct("summary", { summary }),
  ])

const numbers = <const K extends string>(...keys: ReadonlyArray<K>) =>
  Schema.Struct(
    Object.fromEntries(keys.map((key) => [key, Schema.Finite])) as { [key in K]: typeof Schema.Finite },
  )

const fates = ["calls", "kept", "undone", "failed", "rejected", "unanswered"] as const
const FateCounts = numbers(...fates)

const Judgement = Schema.Struct({
  verdict: VerdictKind,
  rule: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
})

export const ChangedCall = Schema.Struct({
  seq: Schema.Finite,
  at: Schema.String,
  suggestion: Schema.String,
  index: Schema.Finite,
  workspace: Schema.String,
  tool: Schema.String,
  input: Schema.Record(Schema.String, Schema.Unknown),
  was: Judgement,
  now: Judgement,
  reason: Schema.String,
  fate: Schema.Literals([
    "pending",
    "running",
    "kept",
    "undone",
    "failed",
    "not-run",
    "rejected",
    "unanswered",
  ]),
})
export type ChangedCall = typeof ChangedCall.Type

const changeKind = Schema.Literals(["allow", "offer", "ask", "deny"])

export const PolicySummary = Schema.Struct({
  ...numbers("verdicts", "replaced", "unjudged", "calls", "alike", "gone", "seenOtherwise").fields,
  approvals: numbers("given", "spared", "blocked"),
  held: FateCounts,
  changes: Schema.Struct({ allow: FateCounts, offer: FateCounts, ask: FateCounts, deny: FateCounts }),
  groups: Schema.Array(
    Schema.Struct({
      ...FateCounts.fields,
      kind: changeKind,
      rule: Schema.String,
      file: Schema.String,
      line: Schema.Finite,
      examples: Schema.Array(ChangedCall),
    }),
  ),
  verdict: Schema.String,
})
export type PolicySummary = typeof PolicySummary.Type

/** Rules the past asks for, ready to paste, each with what it would have spared and the nearest unwanted call. */
export const SuggestSummary = Schema.Struct({
  ...numbers("calls", "approvals", "spared", "held", "forbidden").fields,
  rules: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      text: Schema.String,
      ...numbers("spared", "calls").fields,
      nearest: Schema.NullOr(
        Schema.Struct({
          tool: Schema.String,
          input: Schema.Record(Schema.String, Schema.Unknown),
          fate: Schema.String,
        }),
      ),
    }),
  ),
  text: Schema.String,
})
export type SuggestSummary = typeof SuggestSummary.Type

const taken = ["kept", "resolved", "dismissed", "reverted", "ignored", "unseen", "pending"] as const
const Taken = Schema.Literals(taken)
const Tally = numbers("suggestions", ...taken)

const ReflexChange = Schema.Struct({
  seq: Schema.Finite,
  rule: Schema.String,
  change: Schema.Literals(["same", "silenced", "otherwise", "anew", "unknown"]),
  was: Schema.String,
  now: Schema.String,
  outcome: Schema.NullOr(Taken),
})
type ReflexChange = typeof ReflexChange.Type

export const ReflexSummary = Schema.Struct({
  ...numbers("situations", "decisions", "same", "unknown", "anew", "anewDifferent", "otherReason").fields,
  silenced: Tally,
  otherwise: Tally,
  rules: Schema.Array(
    Schema.Struct({
      rule: Schema.String,
      made: Tally,
      silenced: Tally,
      otherwise: Tally,
      ...numbers("unknown", "anew").fields,
    }),
  ),
  verdict: Schema.String,
})
export type ReflexSummary = typeof ReflexSummary.Type

const AttentionRow = Schema.Struct({
  seq: Schema.Finite,
  rule: Schema.String,
  title: Schema.String,
  change: Schema.Literals(["same", "earlier", "later", "withheld", "anew"]),
  shownAt: Schema.NullOr(Schema.String),
  nowAt: Schema.NullOr(Schema.String),
  delayMs: Schema.NullOr(Schema.Finite),
  outcome: Taken,
})
type AttentionRow = typeof AttentionRow.Type

const Moved = Schema.Struct({ ...Tally.fields, ...numbers("averageMs", "longestMs").fields })
export const AttentionSummary = Schema.Struct({
  ...numbers("suggestions", "nowShown", "same").fields,
  shown: Tally,
  earlier: Moved,
  later: Moved,
  withheld: Tally,
  anew: Tally,
  rules: Schema.Array(
    Schema.Struct({
      rule: Schema.String,
      shown: Tally,
      withheld: Tally,
      ...numbers("later", "earlier", "anew").fields,
    }),
  ),
  verdict: Schema.String,
})
export type AttentionSummary = typeof AttentionSummary.Type

/** What was decided from `from` to `to` counts (seqs; null: the ends of the log); the fold starts at the first event. */
const range = { from: Schema.NullOr(Schema.Finite), to: Schema.NullOr(Schema.Finite) }
const wanted = { ...range, rows: Schema.Boolean }

export class BacktestRpcs extends RpcGroup.make(
  /** The decider over its own past; `from` says from which event on decisions are compared. */
  Rpc.make("ReplayPast", {
    payload: range,
    success: message(Schema.Never, ReplayReport),
    error: BacktestError,
    stream: true,
  }),
  /** These files in the place of the user's own rules; null: the rules in force. */
  Rpc.make("BacktestPolicy", {
    payload: {
      ...wanted,
      files: Schema.NullOr(Schema.Array(Schema.Struct({ file: Schema.String, text: Schema.String }))),
    },
    success: message(ChangedCall, PolicySummary),
    error: BacktestError,
    stream: true,
  }),
  /** The smallest rules that would have spared the most approvals; nothing is changed. */
  Rpc.make("SuggestRules", {
    payload: {
      /** What was decided since then counts; null: all of it. */
      since: Schema.NullOr(Point),
      /** Also for chains that rest on outside text. */
      tainted: Schema.Boolean,
      /** Fewer approvals than this are a coincidence. */
      least: Schema.Finite,
    },
    success: message(Schema.Never, SuggestSummary),
    error: BacktestError,
    stream: true,
  }),
  /** Today's reflexes without these; `only`: instead of those that were off then. */
  Rpc.make("BacktestReflexes", {
    payload: { ...wanted, disable: Schema.Array(Schema.String), only: Schema.Boolean },
    success: message(ReflexChange, ReflexSummary),
    error: BacktestError,
    stream: true,
  }),
  /** What is not given is as it was then. */
  Rpc.make("BacktestAttention", {
    payload: {
      ...wanted,
      settings: Schema.Struct({
        perHour: Schema.optionalKey(Schema.Finite),
        burst: Schema.optionalKey(Schema.Finite),
        quietAfterEditMs: Schema.optionalKey(Schema.Finite),
        awayAfterMs: Schema.optionalKey(Schema.Finite),
        quietHours: Schema.optionalKey(Schema.Array(Schema.String)),
        timeZone: Schema.optionalKey(Schema.String),
        bar: Schema.optionalKey(Schema.Struct({ share: Schema.Finite, shows: Schema.Finite })),
        learn: Schema.optionalKey(Schema.Boolean),
        costs: Schema.optionalKey(Schema.Struct({ falseAlarm: Schema.Finite, miss: Schema.Finite })),
      }),
    },
    success: message(AttentionRow, AttentionSummary),
    error: BacktestError,
    stream: true,
  }),
) {}
