/**
 * The event: the one immutable fact everything else is folded from.
 * `payloads` is the registry of all types; a payload's version is raised together with an upcast from the old one.
 * Drafts are validated here, at the rim; the log trusts a draft and adds seq, id, at and the chain.
 */
import { Schema } from "effect"
import { Trust } from "./action.ts"
import * as acted from "./events/acted.ts"
import * as agents from "./events/agents.ts"
import * as conversation from "./events/conversation.ts"
import * as granted from "./events/granted.ts"
import * as kept from "./events/kept.ts"
import * as memories from "./events/memories.ts"
import * as model from "./events/model.ts"
import * as observed from "./events/observed.ts"
import * as sessions from "./events/sessions.ts"
import * as tasks from "./events/tasks.ts"
import * as thought from "./events/thought.ts"
import { EventId, Seq, Sha256, Timestamp, Workspace } from "./ids.ts"

export const payloads = {
  "fs.changed": observed.FsChanged,
  "git.commit": observed.GitCommit,
  "git.checkout": observed.GitMoved,
  "git.merge": observed.GitMoved,
  "git.rebase": observed.GitMoved,
  "git.reset": observed.GitMoved,
  "git.pull": observed.GitMoved,
  "git.cherry-pick": observed.GitMoved,
  "git.revert": observed.GitMoved,
  "git.staged": observed.GitStaged,
  "git.conflict": observed.GitConflict,
  "git.branch": observed.GitBranch,
  "git.fetched": observed.GitFetched,
  "git.operation": observed.GitOperation,
  "git.stash": observed.GitStash,
  "git.lock": observed.GitLock,
  "git.repository": observed.GitRepository,
  "terminal.command": observed.TerminalCommand,
  "terminal.lost": observed.TerminalLost,
  "terminal.waiting": observed.TerminalWaiting,
  "situation.opened": thought.SituationOpened,
  "situation.facts": thought.SituationFacts,
  "situation.read": thought.SituationRead,
  "situation.prepared": thought.SituationPrepared,
  "situation.thought": thought.SituationThought,
  "situation.drafted": thought.SituationDrafted,
  "decision.silent": thought.DecisionSilent,
  "decision.digest": thought.DecisionMade,
  "decision.notify": thought.DecisionMade,
  "decision.question": thought.DecisionMade,
  "decision.draft": thought.DecisionMade,
  "decision.shown": thought.DecisionShown,
  "decision.withheld": thought.DecisionWithheld,
  "decision.outcome": thought.DecisionOutcome,
  "decision.expired": thought.DecisionExpired,
  "decision.tick": thought.DecisionTick,
  "attention.asked": thought.AttentionAsked,
  "policy.verdict": acted.PolicyVerdict,
  "policy.granted": granted.PolicyGranted,
  "policy.revoked": granted.PolicyRevoked,
  "approval.approved": acted.ApprovalApproved,
  "approval.waived": acted.ApprovalWaived,
  "approval.rejected": acted.ApprovalRejected,
  "approval.snoozed": acted.ApprovalSnoozed,
  "approval.edited": acted.ApprovalEdited,
  "approval.voided": acted.ApprovalVoided,
  "approval.retried": acted.ApprovalRetried,
  "approval.undo": acted.ApprovalUndo,
  "tool.requested": acted.ToolRequested,
  "tool.started": acted.ToolStarted,
  "tool.finished": acted.ToolFinished,
  "tool.failed": acted.ToolFailed,
  "tool.undone": acted.ToolUndone,
  "tool.undo-refused": acted.ToolUndoRefused,
  "session.message": conversation.SessionMessage,
  "session.asked": conversation.SessionAsked,
  "session.answered": conversation.SessionAnswered,
  "session.closed": conversation.SessionClosed,
  "session.todos": conversation.SessionTodos,
  "session.opened": sessions.SessionOpened,
  "session.prepared": sessions.SessionPrepared,
  "session.said": sessions.SessionSaid,
  "session.attached": sessions.SessionAttached,
  "session.results": sessions.SessionResults,
  "session.noted": sessions.SessionNoted,
  "session.rested": sessions.SessionRested,
  "session.stopped": sessions.SessionStopped,
  "session.changed": sessions.SessionChanged,
  "session.compacted": sessions.SessionCompacted,
  "session.rewound": sessions.SessionRewound,
  "session.archived": sessions.SessionArchived,
  "session.skilled": sessions.SessionSkilled,
  "agent.queued": agents.AgentQueued,
  "agent.running": agents.AgentRunning,
  "agent.waiting": agents.AgentWaiting,
  "agent.succeeded": agents.AgentEnded,
  "agent.failed": agents.AgentEnded,
  "agent.timed-out": agents.AgentEnded,
  "agent.cancelled": agents.AgentEnded,
  "agent.lost": agents.AgentEnded,
  "agent.tree": agents.AgentTree,
  "board.put": agents.BoardPut,
  "board.taken": agents.BoardTaken,
  "memory.proposed": memories.MemoryProposed,
  "memory.accepted": memories.MemoryAccepted,
  "memory.rejected": memories.MemoryRejected,
  "memory.forgotten": memories.MemoryForgotten,
  "memory.restored": memories.MemoryRestored,
  "memory.used": memories.MemoryUsed,
  "memory.extracted": memories.MemoryExtracted,
  "model.requested": model.ModelRequested,
  "model.answered": model.ModelAnswered,
  "model.failed": model.ModelFailed,
  "model.paused": model.ModelPaused,
  "model.warned": model.ModelWarned,
  "model.raised": model.ModelRaised,
  "task.started": tasks.TaskStarted,
  "task.lines": tasks.TaskLines,
  "task.ended": tasks.TaskEnded,
  "daemon.started": kept.DaemonStarted,
  "daemon.stopped": kept.DaemonStopped,
  "daemon.paused": kept.DaemonPaused,
  "daemon.resumed": kept.DaemonResumed,
  "daemon.workspace": kept.DaemonWorkspace,
  "daemon.health": kept.DaemonHealth,
  "daemon.trusted": kept.DaemonTrusted,
  "daemon.config": kept.DaemonConfig,
  "daemon.reflexes": kept.DaemonReflexes,
  "log.recovered": kept.LogRecovered,
  "log.erased": kept.LogErased,
  "log.checkpoint": kept.LogCheckpoint,
  "log.anchored": kept.LogAnchored,
  "log.archived": kept.LogArchived,
} as const

export type EventType = keyof typeof payloads
export type PayloadOf<T extends EventType> = (typeof payloads)[T]["Type"]

interface Header {
  readonly workspace: string | null
  /** `source:fs`, `decider`, `gate`, `user:tui`, `daemon` ... */
  readonly actor: string
  readonly trust: Trust
  /** Id of the event this one follows from. */
  readonly causationId: string | null
  /** Id of the suggestion (or session) it belongs to. */
  readonly correlationId: string | null
}

/** What an appender hands to the log. `blobs` are stored under their SHA-256 with the event, for payloads that name them. */
export type EventDraft = {
  [T in EventType]: Header & {
    readonly type: T
    readonly payload: PayloadOf<T>
    readonly blobs?: ReadonlyArray<Uint8Array>
  }
}[EventType]

/** A stored event. `payload` is null and `erased` true where it was erased; the chain covers its hash. */
export type Event = {
  [T in EventType]: Header & {
    readonly seq: number
    readonly id: string
    readonly at: string
    readonly type: T
    readonly v: number
    readonly payload: PayloadOf<T>
    readonly prevHash: string
    readonly hash: string
    readonly erased?: true
    /** The archive its payload comes from, where it has left the log itself. */
    readonly archived?: string
  }
}[EventType]
export type EventOf<T extends EventType> = Extract<Event, { readonly type: T }>

/** The stored form as other programs see it (`claw log --json`, RPC): payload as JSON. */
export const EventRecord = Schema.Struct({
  seq: Seq,
  id: EventId,
  at: Timestamp,
  type: Schema.String,
  v: Schema.Finite,
  workspace: Workspace,
  actor: Schema.String,
  trust: Trust,
  causationId: Schema.NullOr(EventId),
  correlationId: Schema.NullOr(Schema.String),
  payload: Schema.Unknown,
  prevHash: Sha256,
  hash: Sha256,
  erased: Schema.optionalKey(Schema.Literal(true)),
  archived: Schema.optionalKey(Schema.String),
})
export type EventRecord = typeof EventRecord.Type

/** The version new payloads are written with. */
export const payloadVersion = (_type: EventType): number => 1

const validators = Object.fromEntries(
  Object.entries(payloads).map(([type, schema]) => [
    type,
    Schema.decodeUnknownSync(schema as typeof observed.FsChanged),
  ]),
) as unknown as Record<EventType, (payload: unknown) => unknown>

export const isEventType = (type: string): type is EventType => Object.hasOwn(payloads, type)

/**
 * Makes a draft and validates its payload. Throws `SchemaError` on a payload that does not fit: a bug of the
 * caller, because sources decode outside data with their own codecs before they come here.
 */
export const draft = <T extends EventType>(
  type: T,
  payload: PayloadOf<T>,
  header: Partial<Header> & { readonly actor: string; readonly blobs?: ReadonlyArray<Uint8Array> },
): EventDraft =>
  ({
    type,
    payload: validators[type](payload),
    workspace: header.workspace ?? null,
    actor: header.actor,
    trust: header.trust ?? "trusted",
    causationId: header.causationId ?? null,
    correlationId: header.correlationId ?? null,
    ...(header.blobs === undefined ? {} : { blobs: header.blobs }),
  }) as EventDraft
