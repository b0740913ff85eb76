/**
 * The contract between the daemon and every client. Schemas only.
 * Invariants: a client shakes hands first (`Hello`), with the secret of the 0700 runtime directory; whatever answers a
 * question (`Approve`, `Edit`, `Undo`, `Trust`, `Resume`) carries a proof of that secret that is good once, on its own
 * connection (`proof.ts`), and names its surface, because an approval
 * comes from a person on a trusted channel; approvals name the digests of the exact actions, and of their plans, that were
 * shown.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ToolCall, Verdict } from "../domain/action.ts"
import { Requested } from "../domain/callResult.ts"
import { EventRecord } from "../domain/event.ts"
import { Surface } from "../domain/events/acted.ts"
import { Answer as Words, Todo } from "../domain/events/conversation.ts"
import { Suggestion } from "../domain/suggestion.ts"
import { AgentRpcs } from "./agents.ts"
import { AuthRpcs } from "./auth.ts"
import { BacktestRpcs } from "./backtests.ts"
import { CommandRpcs } from "./commands.ts"
import { MemoryRpcs } from "./memories.ts"
import { CostRpcs } from "./costs.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Stale, Unavailable } from "./errors.ts"
import { Always, GrantRpcs } from "./grants.ts"
import { BackupReport, CompactReport, EraseReport, ErasePreview } from "./keepingShapes.ts"
import { RebuildRpcs } from "./rebuilding.ts"
import { SessionRpcs } from "./sessions.ts"
import { AttentionRpcs } from "./attention.ts"
import { TaskRpcs } from "./taskShapes.ts"
import { ToolRpcs } from "./toolShapes.ts"
import { UndoRpcs } from "./undoing.ts"
import {
  Check,
  CheckpointRow,
  ConfigView,
  Consistency,
  Detail,
  HookRow,
  Moment,
  Point,
  PolicyRuleRow,
  Proof,
  ProofKey,
  ProofReport,
  Status,
  TrustFile,
  VerifyReport,
  Verifying,
  Why,
} from "./shapes.ts"

/** Raised with every change that an older client could not understand. */
export const protocol = 4

/** The call that comes first on every connection; no other is taken before it succeeded. */
export const handshake = "Hello"

export { BadInput, NeedsPerson, NoSuch, Refused, Stale, Unavailable } from "./errors.ts"

/** `token`: a fresh proof. */
const Answer = { token: Schema.String, surface: Surface }
const AnswerError = Schema.Union([NoSuch, Refused, Stale, NeedsPerson, Unavailable, BadInput])

export const LogQuery = Schema.Struct({
  from: Schema.optionalKey(Schema.Finite),
  to: Schema.optionalKey(Schema.Finite),
  since: Schema.optionalKey(Schema.Finite),
  until: Schema.optionalKey(Schema.Finite),
  types: Schema.optionalKey(Schema.Array(Schema.String)),
  workspace: Schema.optionalKey(Schema.String),
  causationId: Schema.optionalKey(Schema.String),
  correlationId: Schema.optionalKey(Schema.String),
  grep: Schema.optionalKey(Schema.String),
  paths: Schema.optionalKey(Schema.Array(Schema.String)),
  command: Schema.optionalKey(Schema.String),
  exit: Schema.optionalKey(Schema.Struct({ code: Schema.Finite, not: Schema.Boolean })),
  actors: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Seq or id of an event, a suggestion or a call: that, and all it caused. */
  cause: Schema.optionalKey(Schema.String),
  limit: Schema.optionalKey(Schema.Finite),
  reverse: Schema.optionalKey(Schema.Boolean),
})
export type LogQuery = typeof LogQuery.Type

/** Looking at the log and what is folded from it. */
export class ReadRpcs extends RpcGroup.make(
  Rpc.make(handshake, {
    payload: {
      version: Schema.String,
      protocol: Schema.Finite,
      /** The secret of the runtime directory. Absent from clients of another protocol, who are told so. */
      token: Schema.optionalKey(Schema.String),
    },
    success: Schema.Struct({
      version: Schema.String,
      protocol: Schema.Finite,
      pid: Schema.Finite,
      /** Of this connection: what the proofs of its answers are made for. */
      session: Schema.String,
    }),
    error: Schema.Union([BadInput, NeedsPerson]),
  }),
  Rpc.make("Status", { success: Status }),
  Rpc.make("StatusChanges", { success: Status, stream: true }),
  /** Events in chunks; with `follow`, never ends. */
  Rpc.make("Log", {
    payload: { query: LogQuery, follow: Schema.Boolean },
    success: Schema.Array(EventRecord),
    error: Schema.Union([BadInput, NoSuch, Unavailable]),
    stream: true,
  }),
  Rpc.make("Queue", { payload: { all: Schema.Boolean }, success: Schema.Array(Suggestion) }),
  /** The visible queue, now and after every change. */
  Rpc.make("QueueChanges", { success: Schema.Array(Suggestion), stream: true }),
  Rpc.make("Show", { payload: { id: Schema.String }, success: Detail, error: NoSuch }),
  /** What conversations have to do, the list that was written last at the end. */
  Rpc.make("Todos", {
    success: Schema.Array(
      Schema.Struct({
        session: Schema.NullOr(Schema.String),
        workspace: Schema.NullOr(Schema.String),
        at: Schema.String,
        todos: Schema.Array(Todo),
      }),
    ),
  }),
  Rpc.make("Why", { payload: { id: Schema.String }, success: Why, error: NoSuch }),
  /** Everything as it was at a point of the log. A time before the first event is seq 0. */
  Rpc.make("Moment", {
    payload: {
      point: Point,
      /** Of the suggestions that had ended only so many, the newest, and no expired ones; without it all of them. */
      ended: Schema.optionalKey(Schema.Finite),
    },
    success: Moment,
    error: Unavailable,
  }),
  Rpc.make("Verify", { success: VerifyReport }),
  /** The same, saying how far it is. */
  Rpc.make("Verifying", { success: Verifying, stream: true }),
) {}

/** What a person says, and the kill switch. */
export class AnswerRpcs extends RpcGroup.make(
  Rpc.make("Approve", {
    payload: {
      ...Answer,
      id: Schema.String,
      digests: Schema.Array(Schema.String),
      /** `digest` of each plan that was shown, in order. */
      plans: Schema.Array(Schema.String),
      /** What was shown said that no sandbox would hold it. */
      unsandboxed: Schema.Boolean,
      /** Grants what it asks for with the approval, or does neither. */
      always: Schema.optionalKey(Always),
    },
    success: Suggestion,
    error: AnswerError,
  }),
  Rpc.make("Edit", {
    payload: { ...Answer, id: Schema.String, actions: Schema.Array(ToolCall) },
    success: Suggestion,
    error: AnswerError,
  }),
  Rpc.make("Reject", {
    payload: {
      ...Answer,
      id: Schema.String,
      reason: Schema.String,
      /** For how long it had been before the person, where the surface knows. */
      lookedMs: Schema.optionalKey(Schema.Finite),
    },
    success: Suggestion,
    error: AnswerError,
  }),
  /** The answer to a question that was asked, in options and words. */
  Rpc.make("Answer", {
    payload: { ...Answer, id: Schema.String, answer: Words },
    success: Suggestion,
    error: AnswerError,
  }),
  Rpc.make("Snooze", {
    payload: { ...Answer, id: Schema.String, untilMs: Schema.Finite },
    success: Suggestion,
    error: AnswerError,
  }),
  /** Asks for the calls of a failed one that did not end well once more, as a new request. */
  Rpc.make("Retry", { payload: { ...Answer, id: Schema.String }, success: Requested, error: AnswerError }),
  /** Resolves when the approved actions of a suggestion have ended, or wait for an answer again. */
  Rpc.make("Await", { payload: { id: Schema.String }, success: Suggestion, error: NoSuch }),
  Rpc.make("Pause", { payload: { untilMs: Schema.NullOr(Schema.Finite) }, success: Status }),
  Rpc.make("Resume", {
    payload: Answer,
    success: Status,
    error: Schema.Union([NeedsPerson, Unavailable]),
  }),
) {}

/** What is watched, judged, trusted; health. */
export class SettingRpcs extends RpcGroup.make(
  Rpc.make("Watch", {
    payload: { dir: Schema.String },
    success: Schema.Boolean,
    error: Schema.Union([BadInput, Unavailable]),
  }),
  Rpc.make("Unwatch", { payload: { dir: Schema.String }, success: Schema.Boolean, error: Unavailable }),
  Rpc.make("JudgeCalls", {
    payload: {
      calls: Schema.Array(
        Schema.Struct({
          call: ToolCall,
          cwd: Schema.String,
          actor: Schema.String,
          trust: Schema.Literals(["trusted", "untrusted"]),
        }),
      ),
    },
    success: Schema.Array(Verdict),
  }),
  Rpc.make("PolicyRules", {
    payload: { workspace: Schema.NullOr(Schema.String) },
    success: Schema.Array(PolicyRuleRow),
  }),
  Rpc.make("Config", { payload: { workspace: Schema.NullOr(Schema.String) }, success: ConfigView }),
  Rpc.make("TrustFiles", {
    payload: { dir: Schema.String },
    success: Schema.Array(TrustFile),
    error: BadInput,
  }),
  Rpc.make("Trust", {
    payload: { ...Answer, dir: Schema.String, digests: Schema.Record(Schema.String, Schema.String) },
    success: Schema.Boolean,
    error: Schema.Union([NeedsPerson, Stale, BadInput, Unavailable]),
  }),
  Rpc.make("Hooks", { success: Schema.Array(HookRow) }),
  Rpc.make("Doctor", { success: Schema.Array(Check) }),
  /** A person is looking: the TUI opened, closed, gained or lost focus. A boundary for attention. */
  Rpc.make("Presence", { payload: { surface: Surface, present: Schema.Boolean }, success: Schema.Boolean }),
  Rpc.make("Shutdown", { payload: { reason: Schema.String }, success: Schema.Boolean }),
) {}

/** What proves the log to others: signed checkpoints and proofs by its Merkle tree. */
export class ProofRpcs extends RpcGroup.make(
  /** Signs the log as it is, where events came since the last one. `adopt`: also where another key signed it. */
  Rpc.make("MakeCheckpoint", {
    payload: { adopt: Schema.Boolean },
    success: CheckpointRow,
    error: Schema.Union([NoSuch, Refused, Unavailable]),
  }),
  /** `size`: of the checkpoint to prove it by; null: the newest, or one made for it. */
  Rpc.make("Prove", {
    payload: { seq: Schema.Finite, size: Schema.NullOr(Schema.Finite), hidePayload: Schema.Boolean },
    success: Proof,
    error: Schema.Union([NoSuch, Refused, Unavailable]),
  }),
  Rpc.make("ProveConsistency", {
    payload: { from: Schema.Finite, to: Schema.Finite },
    success: Consistency,
    error: Schema.Union([NoSuch, Refused, Unavailable, BadInput]),
  }),
  Rpc.make("ProofKey", { success: ProofKey, error: Schema.Union([NoSuch, Unavailable]) }),
  /** Checks the log's checkpoints, the configured anchors, and these besides. */
  Rpc.make("CheckProofs", {
    payload: { anchors: Schema.Array(Schema.String) },
    success: ProofReport,
    error: BadInput,
  }),
) {}

/** The log as a whole: forgetting parts of it, keeping a copy of it elsewhere. */
export class KeepingRpcs extends RpcGroup.make(
  /** What an erasure would take: `seqs` null means all that the query finds. */
  Rpc.make("FindErasable", {
    payload: { query: LogQuery, seqs: Schema.NullOr(Schema.Array(Schema.Finite)) },
    success: ErasePreview,
    error: Schema.Union([BadInput, NoSuch, Unavailable]),
  }),
  /** Takes exactly what was shown (`upTo`, `digest`), for good. */
  Rpc.make("Erase", {
    payload: {
      ...Answer,
      query: LogQuery,
      seqs: Schema.NullOr(Schema.Array(Schema.Finite)),
      reason: Schema.String,
      upTo: Schema.Finite,
      digest: Schema.String,
    },
    success: EraseReport,
    error: AnswerError,
  }),
  Rpc.make("Compact", { success: CompactReport, error: Unavailable }),
  /** A verified copy at an absolute path that does not exist yet: a folder, or one packed file where it ends with `.zst`. */
  Rpc.make("Backup", {
    payload: { ...Answer, path: Schema.String },
    success: BackupReport,
    error: Schema.Union([NeedsPerson, BadInput, Unavailable]),
  }),
  /** The log as the JSON lines that an import restores (header first), or as CloudEvents; with `follow`, without end. */
  Rpc.make("Export", {
    payload: {
      format: Schema.Literals(["jsonl", "cloudevents"]),
      /** A cursor: what an export before this one ended with. */
      after: Schema.NullOr(Schema.String),
      to: Schema.NullOr(Schema.Finite),
      follow: Schema.Boolean,
    },
    success: Schema.Array(Schema.String),
    error: Schema.Union([BadInput, Unavailable]),
    stream: true,
  }),
) {}

export class ClawRpcs extends ReadRpcs.merge(
  AnswerRpcs,
  SettingRpcs,
  ProofRpcs,
  KeepingRpcs,
  BacktestRpcs,
  RebuildRpcs,
  UndoRpcs,
  ToolRpcs,
  GrantRpcs,
  TaskRpcs,
  SessionRpcs,
  CostRpcs,
  AuthRpcs,
  CommandRpcs,
  MemoryRpcs,
  AgentRpcs,
  AttentionRpcs,
) {}
