/**
 * The log's contract. One append-only sequence of events; every other state is a fold of it.
 *
 * Invariants every layer keeps (test/conformance/logStore.ts):
 * - an append is all or nothing, gets contiguous seqs, and resolves only when it is durable;
 * - nothing is published to a tail before it is durable, and each tail sees every event once, in order;
 * - `hash = SHA-256(header with prevHash and the payload's hash)`, so a payload can be erased and the chain still verifies.
 */
import { Context, type Effect, Schema, type Stream } from "effect"
import type { Event, EventDraft, PayloadOf } from "../src/domain/event.ts"
import type { Compaction } from "./Backend.ts"
import type { Evidence, ProofReport } from "./merkle/evidence.ts"

/** Another event of the same correlation came first: what the caller decided on is out of date. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", {
  correlationId: Schema.String,
  expected: Schema.Finite,
  found: Schema.Finite,
}) {}
/** The disk refused (full, read-only, I/O error). Nothing of the append is in the log; try again when it is mended. */
export class Unwritable extends Schema.TaggedError<Unwritable>()("Unwritable", { message: Schema.String }) {}
/** The stored bytes are not what was written. `seq` is the first event that is wrong, where it is known. */
export class Damaged extends Schema.TaggedError<Damaged>()("Damaged", {
  seq: Schema.NullOr(Schema.Finite),
  message: Schema.String,
}) {}
/** Not a log of this program, or of a newer version. */
export class Foreign extends Schema.TaggedError<Foreign>()("Foreign", { message: Schema.String }) {}

export class LogError extends Schema.TaggedError<LogError>()("LogError", {
  reason: Schema.Union([Conflict, Unwritable, Damaged, Foreign]),
}) {
  override get message(): string {
    return "message" in this.reason && this.reason.message !== ""
      ? this.reason.message
      : `${this.reason._tag}: ${JSON.stringify(this.reason)}`
  }
}

export interface Query {
  /** First and last seq, inclusive. */
  readonly from?: number
  readonly to?: number
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number
  readonly until?: number
  /** Globs over the type, e.g. `git.*`; any of them. */
  readonly types?: ReadonlyArray<string>
  readonly workspace?: string
  readonly causationId?: string
  readonly correlationId?: string
  /** Text in the payload's JSON or in one of its strings, in any case; see `Needle.ts`. */
  readonly grep?: string
  /** Globs over the paths the event names, as in `.gitignore`; any of them. See `eventPaths.ts`. */
  readonly paths?: ReadonlyArray<string>
  /** Text in the command it tells of, in any case. */
  readonly command?: string
  /** The exit code it tells of, or any other one. */
  readonly exit?: { readonly code: number; readonly not: boolean }
  /** Globs over the actor; any of them. */
  readonly actors?: ReadonlyArray<string>
  /** Seq of an event: it, and all that it caused, by causation and, from there on, by correlation. */
  readonly cause?: number
  readonly limit?: number
  /** Newest first. */
  readonly reverse?: boolean
}

export interface Head {
  readonly seq: number
  readonly hash: string
  readonly at: string | null
}

/** A pure fold with a name and a version; raising the version drops its checkpoints. State must be JSON. */
export interface Projection<S> {
  readonly name: string
  readonly version: number
  readonly initial: S
  readonly evolve: (state: S, event: Event) => S
}

export interface VerifyReport {
  readonly events: number
  readonly head: Head
  readonly ok: boolean
  /** First bad event and what is wrong with it. */
  readonly failure: { readonly seq: number; readonly message: string } | null
}

export interface InclusionProof {
  /** Hex, like every hash here. */
  readonly leaf: string
  readonly root: string
  /** From the leaf's sibling up to the root's child. */
  readonly path: ReadonlyArray<string>
}
export interface ConsistencyProof {
  readonly from: string
  readonly to: string
  readonly path: ReadonlyArray<string>
}

/** The RFC 6962 Merkle tree over the events; leaf `seq - 1` is the event's `hash`. */
export interface LogTree {
  /** Root over the first `size` events, hex. A size or seq beyond the head is the caller's bug, here and below. */
  readonly root: (size: number) => Effect.Effect<string, LogError>
  /** That event `seq` is in the tree of the first `size`. */
  readonly inclusion: (seq: number, size: number) => Effect.Effect<InclusionProof, LogError>
  /** That the tree of the first `to` events begins with that of the first `from`. */
  readonly consistency: (from: number, to: number) => Effect.Effect<ConsistencyProof, LogError>
  /** Makes the tiles reach the head; how many events they cover. */
  readonly catchUp: Effect.Effect<number, LogError>
  /** Throws the tiles away and makes them anew from the events. */
  readonly rebuild: Effect.Effect<number, LogError>
  /** Checks checkpoints, tiles and what anchors kept, from the events alone. */
  readonly audit: (evidence: Evidence) => Effect.Effect<ProofReport>
}

export interface EraseOptions {
  /** Where sources stand, as the payloads told it that are erased. */
  readonly positions?: PayloadOf<"log.erased">["positions"]
  /** Named in the record as well, although their payload is in an archive by now. */
  readonly archived?: ReadonlyArray<number>
  /** Fails with `Conflict` where the newest event is another one: what the caller knew is out of date. */
  readonly onlyAt?: number
}

export class LogStore extends Context.Service<
  LogStore,
  {
    /**
     * Appends in one transaction; resolves when durable, with the events as readers and tails get them: their payloads
     * are the drafts' own, or what JSON makes of them where that is not the same. With `expect`, fails with `Conflict` if an event of that
     * correlation has a seq above `lastSeq` (compare-and-set).
     */
    readonly append: (
      drafts: ReadonlyArray<EventDraft>,
      options?: { readonly expect?: { readonly correlationId: string; readonly lastSeq: number } },
    ) => Effect.Effect<ReadonlyArray<Event>, LogError>
    readonly head: Effect.Effect<Head>
    readonly get: (seq: number) => Effect.Effect<Event | null, LogError>
    readonly getById: (id: string) => Effect.Effect<Event | null, LogError>
    /** Events in chunks, lazily; never holds a read transaction across a suspension. */
    readonly read: (query: Query) => Stream.Stream<Event, LogError>
    /** Everything from `from` on, then live, without end. */
    readonly tail: (from: number) => Stream.Stream<Event, LogError>
    readonly blob: (hash: string) => Effect.Effect<Uint8Array | null, LogError>
    /** Nearest checkpoint of this version at or below `at` (the head, where not given), or the initial state at seq 0. */
    readonly loadCheckpoint: <S>(
      projection: Projection<S>,
      at?: number,
    ) => Effect.Effect<{ readonly seq: number; readonly state: S }, LogError>
    /**
     * Replaces the newest checkpoint; with `keep`, adds one of the past that stays. Not where there was an erasure since
     * there were `erasedTimes`, nor, as the newest, one from before the last.
     */
    readonly saveCheckpoint: <S>(
      projection: Projection<S>,
      seq: number,
      state: S,
      options?: { readonly keep?: boolean; readonly erasedTimes?: number },
    ) => Effect.Effect<void, LogError>
    /** How many erasures there were since the log was opened: what was folded before one may hold what it took out. */
    readonly erasedTimes: Effect.Effect<number>
    /** Drops every checkpoint at or behind `from`, of this projection or of all. */
    readonly dropCheckpoints: (from: number, name?: string) => Effect.Effect<void, LogError>
    /**
     * Replaces the payloads of these events (and the blobs they brought) by their hashes, which the chain goes on
     * covering, drops the checkpoints that rest on them, and appends `log.erased` in the same transaction. Unknown and
     * already erased seqs are passed over, and so are the records of erasures, without which the log would not verify.
     * What is in the log no more may still be on the disk: see `unsettled`.
     */
    readonly erase: (
      seqs: ReadonlyArray<number>,
      reason: string,
      actor: string,
      options?: EraseOptions,
    ) => Effect.Effect<Event, LogError>
    /**
     * Seqs of erasures, ascending, of which traces may be left outside the log's tables: in pages that nothing uses, in
     * segments and archives. They stay noted, also over a crash, until somebody says that the traces are gone.
     */
    readonly unsettled: Effect.Effect<ReadonlyArray<number>, LogError>
    readonly settle: Effect.Effect<void, LogError>
    /**
     * Takes the payloads of these events out of the log, which an archive holds, and appends `log.archived` in the same
     * transaction. Readers go on getting them, from the archive, and checkpoints stay. Blobs that others need stay.
     */
    readonly archive: (
      seqs: ReadonlyArray<number>,
      payload: PayloadOf<"log.archived">,
      actor: string,
      options?: { readonly onlyAt?: number },
    ) => Effect.Effect<Event, LogError>
    /** Seqs of the events that brought a content that matches, a blob or a large payload. Reads all of them. */
    readonly seqsOfBlobs: (
      matches: (content: Buffer) => boolean,
    ) => Effect.Effect<ReadonlyArray<number>, LogError>
    /** Writes the log's file anew without the pages that nothing uses any more. Appends wait meanwhile. */
    readonly compact: Effect.Effect<Compaction, LogError>
    /** Copies the log's files into a new folder, as they are at one moment; appends go on. See `backup.ts`. */
    readonly copyTo: (dir: string) => Effect.Effect<void, LogError>
    /** The log as JSON lines, blobs before the event that brought them (see `jsonl.ts`). */
    readonly exportLines: (range?: {
      readonly from?: number
      readonly to?: number
    }) => Stream.Stream<string, LogError>
    readonly tree: LogTree
    /** Checks every link of the chain, every payload and blob against its hash. */
    readonly verify: (range?: { readonly from?: number; readonly to?: number }) => Effect.Effect<VerifyReport>
  }
>()("claw/log-store/LogStore") {}
