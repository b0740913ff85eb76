/**
 * Payloads of what the sources append: `fs.*`, `git.*`, `terminal.*`. Every fact was read from the file
 * system or git's own files before it was stated. Text here is what an outsider could have written, so
 * events that carry it are `trust: "untrusted"`.
 */
import { Schema } from "effect"

export const FileChange = Schema.Struct({
  /** Relative to the workspace, `/`-separated; bytes that are not UTF-8 appear as U+FFFD. */
  path: Schema.String,
  kind: Schema.Literals(["add", "change", "unlink", "rename"]),
  /** Base64 of the name's bytes where `path` is not exact. */
  raw: Schema.optionalKey(Schema.String),
  /** Old path of a rename. */
  from: Schema.optionalKey(Schema.String),
  bytes: Schema.optionalKey(Schema.Finite),
})
export type FileChange = typeof FileChange.Type

/** One coalesced burst. `changes` is bounded (500); `counts` is always exact. */
export const FsChanged = Schema.Struct({
  changes: Schema.Array(FileChange),
  counts: Schema.Struct({
    add: Schema.Finite,
    change: Schema.Finite,
    unlink: Schema.Finite,
    rename: Schema.Finite,
  }),
  truncated: Schema.Boolean,
  cause: Schema.Literals(["watch", "reconcile", "poll"]),
})

/** Where in which reflog or state file a git fact was read; resuming starts behind the newest position of each file. */
export const GitPosition = Schema.Struct({ file: Schema.String, offset: Schema.Finite, mark: Schema.String })
const position = Schema.optionalKey(GitPosition)

export const GitCommit = Schema.Struct({
  sha: Schema.String,
  parents: Schema.Array(Schema.String),
  branch: Schema.NullOr(Schema.String),
  subject: Schema.String,
  files: Schema.Array(Schema.String),
  /** True where the file list was cut (500). */
  filesTruncated: Schema.optionalKey(Schema.Boolean),
  amend: Schema.optionalKey(Schema.Boolean),
  at: Schema.optionalKey(Schema.String),
  position,
})
/** checkout, merge, rebase, reset, pull, cherry-pick, revert: HEAD moved without a plain commit. */
export const GitMoved = Schema.Struct({
  from: Schema.String,
  to: Schema.String,
  fromBranch: Schema.NullOr(Schema.String),
  branch: Schema.NullOr(Schema.String),
  subject: Schema.String,
  /** Paths that differ between `from` and `to`, bounded (500). */
  files: Schema.Array(Schema.String),
  filesTruncated: Schema.optionalKey(Schema.Boolean),
  at: Schema.optionalKey(Schema.String),
  position,
})
export const GitStaged = Schema.Struct({
  files: Schema.Array(
    Schema.Struct({ path: Schema.String, status: Schema.Literals(["A", "M", "D", "R", "T", "U"]) }),
  ),
  count: Schema.Finite,
  truncated: Schema.Boolean,
  /** SHA-256 over path, mode and object of all that is staged: equal means the same is staged. */
  index: Schema.String,
})
export const GitConflict = Schema.Struct({
  operation: Schema.String,
  paths: Schema.Array(Schema.String),
  count: Schema.Finite,
})
/** `name` is short for a local branch, in full (`refs/remotes/...`) for a remote-tracking one that a push moved. */
export const GitBranch = Schema.Struct({
  action: Schema.Literals(["created", "deleted", "moved"]),
  name: Schema.String,
  from: Schema.NullOr(Schema.String),
  to: Schema.NullOr(Schema.String),
})
export const GitFetched = Schema.Struct({
  refs: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      from: Schema.NullOr(Schema.String),
      to: Schema.NullOr(Schema.String),
    }),
  ),
})
/** An operation began or ended: merge, rebase, cherry-pick, revert, bisect; `null`: none is under way. */
export const GitOperation = Schema.Struct({
  operation: Schema.NullOr(Schema.String),
  was: Schema.NullOr(Schema.String),
})
export const GitStash = Schema.Struct({
  action: Schema.Literals(["pushed", "dropped"]),
  count: Schema.Finite,
  subject: Schema.String,
  position,
})
/** `index.lock` seen at a boundary older than a minute. */
export const GitLock = Schema.Struct({ ageMs: Schema.Finite, holder: Schema.NullOr(Schema.Finite) })
export const GitRepository = Schema.Struct({
  state: Schema.Literals(["appeared", "gone", "broken"]),
  gitDir: Schema.NullOr(Schema.String),
  bare: Schema.Boolean,
  worktree: Schema.Boolean,
  head: Schema.NullOr(Schema.String),
  branch: Schema.NullOr(Schema.String),
  /** Keys of the repository's own config that make plain git commands run programs (`filter.*`, `core.fsmonitor` ...). */
  notPlain: Schema.Array(Schema.String),
  reason: Schema.NullOr(Schema.String),
  /** At first sight: the ends of the reflogs and the refs as they stood; what comes behind is stated. */
  positions: Schema.optionalKey(Schema.Array(GitPosition)),
  refs: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  refsTruncated: Schema.optionalKey(Schema.Boolean),
})

export const TerminalCommand = Schema.Struct({
  command: Schema.String,
  cwd: Schema.String,
  exit: Schema.Finite,
  durationMs: Schema.Finite,
  shell: Schema.Literals(["zsh", "bash", "fish"]),
  /** `<shell>-<pid>-<start>`: one interactive shell. */
  session: Schema.String,
  authorKind: Schema.Literals(["user", "agent"]),
  startedAt: Schema.String,
  output: Schema.optionalKey(Schema.String),
  /** The command was longer than the hook's bound and is cut. */
  truncated: Schema.optionalKey(Schema.Boolean),
  /** Spool file and the offset behind this record: draining resumes there. */
  position: Schema.Struct({ file: Schema.String, offset: Schema.Finite }),
})
/** A program in a shell's foreground has been reading its terminal for `waitedMs`: it wants an answer. */
export const TerminalWaiting = Schema.Struct({
  session: Schema.String,
  shell: Schema.Literals(["zsh", "bash", "fish"]),
  pid: Schema.Finite,
  /** Its command line, as the system has it. */
  program: Schema.String,
  cwd: Schema.String,
  waitedMs: Schema.Finite,
})
/** Bytes of a spool that were no record: skipped, counted, said. `position` as in `terminal.command`. */
export const TerminalLost = Schema.Struct({
  reason: Schema.String,
  bytes: Schema.Finite,
  position: Schema.Struct({ file: Schema.String, offset: Schema.Finite }),
})
