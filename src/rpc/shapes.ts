/** What the daemon tells its clients, as schemas: status, plans, chains, checks. JSON, `v: 1` where printed. */
import { Schema } from "effect"
import { ToolCall, Verdict } from "../domain/action.ts"
import { EventRecord } from "../domain/event.ts"
import { PlanRead } from "../domain/events/acted.ts"
import { PlanTold } from "../domain/planned.ts"
import { Suggestion } from "../domain/suggestion.ts"
import { GrantView } from "./grants.ts"

const Health = Schema.Struct({
  component: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  state: Schema.Literals(["running", "degraded", "failed", "stopped"]),
  backend: Schema.NullOr(Schema.String),
  detail: Schema.String,
})
type Health = typeof Health.Type

export const Status = Schema.Struct({
  v: Schema.Literal(1),
  version: Schema.String,
  pid: Schema.Finite,
  startedAt: Schema.String,
  log: Schema.Struct({ dir: Schema.String, seq: Schema.Finite, hash: Schema.String }),
  workspaces: Schema.Array(Schema.String),
  sources: Schema.Array(Health),
  queue: Schema.Struct({ visible: Schema.Finite, waiting: Schema.Finite, urgent: Schema.Finite }),
  /** Commands in the background; not known of the past. */
  tasks: Schema.optionalKey(Schema.Struct({ running: Schema.Finite })),
  paused: Schema.Boolean,
  pausedUntil: Schema.NullOr(Schema.String),
  /** What acting depends on and is missing: no sandbox, disk full, broken gate. */
  degraded: Schema.Array(Schema.String),
  /** What confines commands here; not known of the past. */
  sandbox: Schema.optionalKey(Schema.String),
  /** USD since midnight UTC. */
  spentToday: Schema.Finite,
  /** Calls since then that nobody knows the price of. */
  unpricedToday: Schema.optionalKey(Schema.Finite),
  lastEvent: Schema.NullOr(Schema.Struct({ seq: Schema.Finite, at: Schema.String, type: Schema.String })),
})
export type Status = typeof Status.Type

/** One action as it would be done now: judged, planned, with what can be taken back. */
export const PlannedCall = Schema.Struct({
  call: ToolCall,
  verdict: Verdict,
  summary: Schema.String,
  preview: Schema.NullOr(Schema.String),
  sandbox: Schema.Literals(["bubblewrap", "none", "not-needed"]),
  undoable: Schema.Boolean,
  undoReason: Schema.NullOr(Schema.String),
  /** What it touches and how it is set back, where its effects and its undo record cannot say it. */
  told: Schema.optionalKey(PlanTold),
  /** The argv lists as they would be run. */
  commands: Schema.Array(Schema.Array(Schema.String)),
  /** Files, and parts of the repository, that it rests on, with their hashes. */
  reads: Schema.Array(PlanRead),
  /** What an approval of it is bound to; null where it could not be planned. */
  digest: Schema.NullOr(Schema.String),
  /** Why it could not even be planned; null where it could. */
  problem: Schema.NullOr(Schema.String),
})
export type PlannedCall = typeof PlannedCall.Type

export const Detail = Schema.Struct({
  v: Schema.Literal(1),
  suggestion: Suggestion,
  plans: Schema.Array(PlannedCall),
})
export type Detail = typeof Detail.Type

/** One link of a causal chain, oldest first. */
const WhyStep = Schema.Struct({
  role: Schema.Literals([
    "evidence",
    "situation",
    "facts",
    "thought",
    "decision",
    "verdict",
    "attention",
    "approval",
    "action",
    "outcome",
    "event",
  ]),
  event: EventRecord,
  text: Schema.String,
})
export const Why = Schema.Struct({
  v: Schema.Literal(1),
  id: Schema.String,
  steps: Schema.Array(WhyStep),
  /** Where nothing came of it: why it was no reason to say anything. */
  silence: Schema.NullOr(Schema.String),
  /** The outside text it rests on: empty where there is none. */
  taint: Schema.Array(Schema.Struct({ seq: Schema.Finite, text: Schema.String })),
  cost: Schema.Struct({ usd: Schema.Finite, modelCalls: Schema.Finite }),
})
export type Why = typeof Why.Type

/** A moment of the log: behind the event with this seq, or at this time (milliseconds since the epoch). */
export const Point = Schema.Union([
  Schema.Struct({ seq: Schema.Finite }),
  Schema.Struct({ atMs: Schema.Finite }),
])
export type Point = typeof Point.Type

/** Everything as it was when the event `seq` was the newest: what a timeline shows at one position. */
export const Moment = Schema.Struct({
  v: Schema.Literal(1),
  seq: Schema.Finite,
  /** Newest event there is now. */
  head: Schema.Finite,
  /** Time of the event at `seq`; null at 0, before the first. */
  at: Schema.NullOr(Schema.String),
  event: Schema.NullOr(EventRecord),
  status: Status,
  /** Every suggestion the queue knew then, ended ones of the day before too, in the queue's order. */
  queue: Schema.Array(Suggestion),
  /** Nearest decisions that were no silence, before and behind `seq`. */
  previousDecision: Schema.NullOr(Schema.Finite),
  nextDecision: Schema.NullOr(Schema.Finite),
  /** The causal chain that the event at `seq` belongs to, whole, also what came later; empty where it has none. */
  chain: Schema.Array(WhyStep),
  cost: Schema.Struct({ usd: Schema.Finite, modelCalls: Schema.Finite }),
  /** What a person had always allowed by then, and what of it had ended, newest first. */
  grants: Schema.optionalKey(Schema.Array(GrantView)),
})
export type Moment = typeof Moment.Type

export const Check = Schema.Struct({
  v: Schema.Literal(1),
  name: Schema.String,
  ok: Schema.Boolean,
  /** A finding that is worth knowing but not wrong. */
  note: Schema.optionalKey(Schema.Boolean),
  detail: Schema.String,
  cure: Schema.NullOr(Schema.String),
})
export type Check = typeof Check.Type

export const ReplayReport = Schema.Struct({
  v: Schema.Literal(1),
  events: Schema.Finite,
  decisions: Schema.Finite,
  same: Schema.Boolean,
  difference: Schema.NullOr(
    Schema.Struct({ seq: Schema.Finite, expected: Schema.String, found: Schema.String }),
  ),
  /** Payloads that are erased, and the first of them: what rested on them may differ for that alone. */
  erased: Schema.Finite,
  erasedFrom: Schema.NullOr(Schema.Finite),
  /** Stretches that rules other than today's decided; how they would decide otherwise is no difference. */
  otherRules: Schema.Array(
    Schema.Struct({
      version: Schema.String,
      rules: Schema.String,
      from: Schema.Finite,
      to: Schema.Finite,
      decisions: Schema.Finite,
      differing: Schema.Finite,
    }),
  ),
  /** Calls of models whose requests were made again out of the log and held against what was sent. */
  prompts: Schema.Struct({
    calls: Schema.Finite,
    same: Schema.Finite,
    changed: Schema.Finite,
    /** They are not the same today, and another version of Claw had made them: no difference. */
    otherVersion: Schema.Finite,
    firstChanged: Schema.NullOr(
      Schema.Struct({ seq: Schema.Finite, call: Schema.String, changes: Schema.Array(Schema.String) }),
    ),
    /** Parts of them are erased. */
    erased: Schema.Finite,
  }),
})
export type ReplayReport = typeof ReplayReport.Type

export const VerifyReport = Schema.Struct({
  v: Schema.Literal(1),
  ok: Schema.Boolean,
  events: Schema.Finite,
  head: Schema.Struct({ seq: Schema.Finite, hash: Schema.String, at: Schema.NullOr(Schema.String) }),
  failure: Schema.NullOr(Schema.Struct({ seq: Schema.Finite, message: Schema.String })),
})
export type VerifyReport = typeof VerifyReport.Type

/** How far a verification is; the report comes last. */
export const Verifying = Schema.Struct({
  checked: Schema.Finite,
  events: Schema.Finite,
  report: Schema.NullOr(VerifyReport),
})
export type Verifying = typeof Verifying.Type

export const PolicyRuleRow = Schema.Struct({
  v: Schema.Literal(1),
  rule: Schema.String,
  verdict: Schema.String,
  tier: Schema.String,
  file: Schema.String,
  line: Schema.Finite,
  reason: Schema.String,
  /** Calls this rule decided so far, and what became of them; null where no daemon knows the log. */
  counts: Schema.NullOr(
    Schema.Struct({
      allowed: Schema.Finite,
      audited: Schema.Finite,
      asked: Schema.Finite,
      denied: Schema.Finite,
      approved: Schema.Finite,
      rejected: Schema.Finite,
      undone: Schema.Finite,
      failed: Schema.Finite,
      unanswered: Schema.Finite,
    }),
  ),
})
export type PolicyRuleRow = typeof PolicyRuleRow.Type

const ConfigRow = Schema.Struct({
  v: Schema.Literal(1),
  file: Schema.String,
  workspace: Schema.NullOr(Schema.String),
  state: Schema.Literals(["absent", "loaded", "untrusted", "rejected"]),
  message: Schema.String,
})
export const ConfigView = Schema.Struct({
  v: Schema.Literal(1),
  settings: Schema.Unknown,
  files: Schema.Array(ConfigRow),
})
export type ConfigView = typeof ConfigView.Type

/** Files of a workspace that would run or bind, with the digests that a trust would cover. */
export const TrustFile = Schema.Struct({
  path: Schema.String,
  digest: Schema.String,
  trusted: Schema.Boolean,
  bytes: Schema.Finite,
})
export type TrustFile = typeof TrustFile.Type

export const HookRow = Schema.Struct({
  v: Schema.Literal(1),
  shell: Schema.String,
  installed: Schema.Boolean,
  detail: Schema.String,
  lastRecordAt: Schema.NullOr(Schema.String),
})
export type HookRow = typeof HookRow.Type

/** A signed checkpoint, as its event has it. `note` is what others verify with `key`. */
export const CheckpointRow = Schema.Struct({
  v: Schema.Literal(1),
  seq: Schema.Finite,
  at: Schema.String,
  size: Schema.Finite,
  root: Schema.String,
  origin: Schema.String,
  key: Schema.String,
  note: Schema.String,
  anchors: Schema.Array(
    Schema.Struct({
      to: Schema.String,
      size: Schema.NullOr(Schema.Finite),
      problem: Schema.NullOr(Schema.String),
    }),
  ),
})
export type CheckpointRow = typeof CheckpointRow.Type

/** That an event is in the log that a checkpoint signed. `text` holds all of it, in the form of c2sp.org/tlog-proof. */
export const Proof = Schema.Struct({
  v: Schema.Literal(1),
  seq: Schema.Finite,
  index: Schema.Finite,
  size: Schema.Finite,
  leaf: Schema.String,
  root: Schema.String,
  path: Schema.Array(Schema.String),
  key: Schema.String,
  note: Schema.String,
  text: Schema.String,
})
export type Proof = typeof Proof.Type

/** That the log of one checkpoint begins with the log of an older one. */
export const Consistency = Schema.Struct({
  v: Schema.Literal(1),
  from: Schema.Finite,
  to: Schema.Finite,
  fromRoot: Schema.String,
  toRoot: Schema.String,
  path: Schema.Array(Schema.String),
  key: Schema.String,
  text: Schema.String,
})
export type Consistency = typeof Consistency.Type

export const ProofKey = Schema.Struct({
  v: Schema.Literal(1),
  key: Schema.String,
  origin: Schema.String,
  place: Schema.Literals(["keychain", "file"]),
  where: Schema.String,
})
export type ProofKey = typeof ProofKey.Type

const Fault = Schema.NullOr(Schema.Struct({ seq: Schema.Finite, message: Schema.String }))
/** What the log's checkpoints and its anchors say, checked against its events. */
export const ProofReport = Schema.Struct({
  checkpoints: Schema.Finite,
  newest: Schema.NullOr(Schema.Finite),
  keys: Schema.Array(Schema.String),
  anchors: Schema.Array(
    Schema.Struct({
      to: Schema.String,
      checkpoints: Schema.Finite,
      newest: Schema.NullOr(Schema.Finite),
      failure: Fault,
    }),
  ),
  failure: Fault,
})
export type ProofReport = typeof ProofReport.Type
