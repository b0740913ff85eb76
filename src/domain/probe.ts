/**
 * Typed read-only questions a reflex may ask of the machine, and their answers. Requests are data; the
 * driver has `src/observe/probes` answer them and logs each answer, so that a replay needs no machine.
 * A probe that cannot answer says so (`unavailable`), it never fails the loop.
 */
import { Schema } from "effect"

export const ProbeRequest = Schema.TaggedUnion({
  /** Executables on the user's PATH within edit distance of `name`, nearest first. */
  executablesNear: { name: Schema.String, limit: Schema.Finite },
  /** For each name its absolute path on PATH, or null. */
  which: { names: Schema.Array(Schema.String) },
  /** For each path (relative to the workspace, or absolute): "file" | "dir" | "link" | null. */
  pathKinds: { paths: Schema.Array(Schema.String) },
  /** Names in a directory, at most `limit`. */
  listDir: { path: Schema.String, limit: Schema.Finite },
  /** Text of a file up to `maxBytes`; null if absent, binary or larger. */
  readText: { path: Schema.String, maxBytes: Schema.Finite },
  /** git subcommands (built in) and the aliases of the user's own configuration. */
  gitCommands: {},
  /** Branch, upstream, remotes, ahead/behind (bounded count), branches. */
  gitBranch: {},
  /** Staged entries with sizes, and the added lines of staged text blobs (bounded). */
  gitStaged: { maxBytes: Schema.Finite },
  /** The operation git waits with: since when, at which step, what of it is resolved. */
  gitOpen: {},
  /** Where this clone commits and pushes, from its reflogs. */
  gitHabits: {},
  /** Commits of the current branch that its upstream has not, and when was last pushed. */
  gitUnpushed: {},
  /** Files of at least `minBytes` that came in with commits no remote has. */
  gitLarge: { minBytes: Schema.Finite },
  gitStashes: {},
  /** Submodules: what is recorded, what is checked out. */
  gitSubmodules: {},
  /** The hooks that are in force, and staged files that were written since. */
  gitHooks: {},
  /** Commits that only `sha` leads to, and no ref. */
  gitLost: { sha: Schema.String },
  /** For each local branch named: its upstream, and whether its work is in the trunk. */
  gitGone: { branches: Schema.Array(Schema.String) },
  /** The added lines of a commit's text blobs against its first parent (bounded). */
  gitCommitted: { sha: Schema.String, maxBytes: Schema.Finite },
  /** Changed-but-uncommitted summary: count, oldest modification time. */
  gitDirty: {},
  /** Lines of conflict markers in these paths of the working tree. */
  conflictMarkers: { paths: Schema.Array(Schema.String) },
  /** Age and holder (pid of a live git process in this repository, or null) of `.git/index.lock`. */
  gitIndexLock: {},
  /** Who listens on a TCP port: pid and command line, or null. */
  portOwner: { port: Schema.Finite },
  /** Room on the file system that holds the path. */
  diskSpace: { path: Schema.String },
  /** Whose these files are: of the workspace, or programs' own folders outside. Nothing is opened. */
  owners: { paths: Schema.Array(Schema.String) },
  /** What the system lets a process have: open files of `pid` (null: not asked), watched files of the user. */
  limits: { pid: Schema.NullOr(Schema.Finite) },
  /** Whether this machine has a way out. */
  network: {},
  /** Versions of node and python that a directory wants, and those that are there. No program is run. */
  toolVersions: { dir: Schema.String },
  /** Names of variables: in the directory's example, and not in its `.env`. `since`: and not in the example of that commit. */
  envNames: { dir: Schema.String, since: Schema.NullOr(Schema.String) },
  /** Manifest and lockfile of a directory, as text, bounded. */
  manifest: { dir: Schema.String },
  /**
   * Versions really installed (node_modules and the like), null where a name is not. An empty `names` asks for
   * everything the directory's manifest declares.
   */
  installed: { dir: Schema.String, names: Schema.Array(Schema.String) },
  /** Comments addressed to Claw in these files (see `clawComments.ts`); files over 1 MB are left out. */
  comments: { paths: Schema.Array(Schema.String) },
  /** Compromised `name@version`s found in the lockfile, with campaign and advisory. */
  compromised: { path: Schema.String },
})
export type ProbeRequest = typeof ProbeRequest.Type

/** `answer` is JSON of the request's own shape (see `probeAnswers.ts`); null with `unavailable` set where it could not be read. */
export const Fact = Schema.Struct({
  probe: ProbeRequest,
  answer: Schema.Unknown,
  unavailable: Schema.NullOr(Schema.String),
})
export type Fact = typeof Fact.Type
