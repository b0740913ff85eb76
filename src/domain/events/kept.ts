/** Payloads of Claw's own life: `daemon.*` and `log.*`. */
import { Schema } from "effect"

export const DaemonStarted = Schema.Struct({
  version: Schema.String,
  pid: Schema.Finite,
  node: Schema.String,
  /** Names the rules that decide from here on. */
  rules: Schema.optionalKey(Schema.String),
})
export const DaemonStopped = Schema.Struct({ reason: Schema.String })
/** `until`: ISO time at which it resumes by itself; null: until told. */
export const DaemonPaused = Schema.Struct({ until: Schema.NullOr(Schema.String), reason: Schema.String })
export const DaemonResumed = Schema.Struct({ reason: Schema.String })
export const DaemonWorkspace = Schema.Struct({
  action: Schema.Literals(["added", "removed"]),
  path: Schema.String,
})
/** A source or part of the daemon changed health. `backend` e.g. chokidar, worker, polling. */
export const DaemonHealth = Schema.Struct({
  component: Schema.String,
  state: Schema.Literals(["running", "degraded", "failed", "stopped"]),
  backend: Schema.NullOr(Schema.String),
  detail: Schema.String,
  /** Of a source: the folder it observes is not there. */
  missing: Schema.optionalKey(Schema.Literal(true)),
})
/** A workspace's configuration or policy files were trusted by exact content. */
export const DaemonTrusted = Schema.Struct({
  workspace: Schema.String,
  digests: Schema.Record(Schema.String, Schema.String),
})
/** Configuration was (re)read; `accepted: false` keeps the last good one. */
export const DaemonConfig = Schema.Struct({
  file: Schema.String,
  accepted: Schema.Boolean,
  message: Schema.String,
  /** The settings now in force, decoded: what the decider reads them from, so that a replay decides alike. */
  settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
})

/**
 * Rules that a user wrote, as they are in force: of a workspace, or (without one) everywhere. The texts stand here, so that a
 * replay decides by the same.
 */
export const DaemonReflexes = Schema.Struct({
  files: Schema.Array(Schema.Struct({ file: Schema.String, digest: Schema.String, text: Schema.String })),
  problems: Schema.Array(Schema.String),
})

export const LogRecovered = Schema.Struct({ from: Schema.String, events: Schema.Finite, lost: Schema.Finite })
/**
 * Where the sources stood when payloads were taken away: what those payloads said of it is gone, and without it a
 * source would read the same once more, and write it down again.
 */
export const Positions = Schema.Struct({
  git: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)),
  terminal: Schema.Record(Schema.String, Schema.Finite),
})
export const LogErased = Schema.Struct({
  seqs: Schema.Array(Schema.Finite),
  reason: Schema.String,
  positions: Schema.optionalKey(Positions),
})
/**
 * Payloads of `from` to `to` were taken out of the log after `file`, an archive of all of these events with this
 * SHA-256, was on the disk; the newest one of a file says what it is now. `deleted`: the archive is gone as well.
 */
export const LogArchived = Schema.Struct({
  from: Schema.Finite,
  to: Schema.Finite,
  file: Schema.String,
  sha256: Schema.String,
  reason: Schema.String,
  deleted: Schema.optionalKey(Schema.Literal(true)),
  positions: Schema.optionalKey(Positions),
})
/**
 * The log's Merkle tree over its first `size` events was signed: `note` is the checkpoint as others verify it, `key`
 * the key that signed it, in the form verifiers take. `root` in hex.
 */
export const LogCheckpoint = Schema.Struct({
  size: Schema.Finite,
  root: Schema.String,
  origin: Schema.String,
  note: Schema.String,
  key: Schema.String,
})
/** A checkpoint was written outside the log: `to` is `file:/path` or `git:/repository refs/...`. */
export const LogAnchored = Schema.Struct({ to: Schema.String, size: Schema.Finite })
