/** What the daemon tells of the log as a whole: what an erasure would take and took, compaction, backup. JSON, `v: 1`. */
import { Schema } from "effect"
import { EventRecord } from "../domain/event.ts"

/** What an erasure would take. `digest` names exactly these events; an erasure says it again. */
export const ErasePreview = Schema.Struct({
  v: Schema.Literal(1),
  events: Schema.Finite,
  /** How many of them have their payload in an archive. */
  archived: Schema.Finite,
  /** The log's own records that match: they stay. */
  kept: Schema.Finite,
  first: Schema.Array(EventRecord),
  upTo: Schema.Finite,
  digest: Schema.String,
  /** What an erasure does besides, and what it cannot reach; one sentence each. */
  notes: Schema.Array(Schema.String),
})
export type ErasePreview = typeof ErasePreview.Type

export const CompactReport = Schema.Struct({
  v: Schema.Literal(1),
  before: Schema.Finite,
  after: Schema.Finite,
  saved: Schema.Finite,
})
export type CompactReport = typeof CompactReport.Type

export const EraseReport = Schema.Struct({
  v: Schema.Literal(1),
  events: Schema.Finite,
  /** Seqs of the `log.erased` events. */
  records: Schema.Array(Schema.Finite),
  compacted: CompactReport,
  notes: Schema.Array(Schema.String),
})
export type EraseReport = typeof EraseReport.Type

export const BackupReport = Schema.Struct({
  v: Schema.Literal(1),
  path: Schema.String,
  seq: Schema.Finite,
  hash: Schema.String,
  events: Schema.Finite,
  bytes: Schema.Finite,
})
export type BackupReport = typeof BackupReport.Type
