/**
 * The kinds of situation and the shape of each kind's `data`. A situation is opened only where some rule
 * applies to it, or (`command.failed`) where silence is worth explaining.
 */
import type { Move } from "../config/reflexRules.ts"
import type { LockEntry } from "../domain/lockfiles/lockEntry.ts"
import type { Situation } from "../domain/situation.ts"
import type { Place } from "./failures/places.ts"
import type { Change } from "./state.ts"

export interface SituationData {
  /** A user's command just ended with an exit that means failure (not a signal, not an answer like grep's 1). */
  readonly "command.failed": {
    readonly command: string
    /** Absolute. */
    readonly cwd: string
    /** `cwd` relative to the workspace, `.` at its root. */
    readonly dir: string
    readonly exit: number
    readonly shell: "zsh" | "bash" | "fish"
    readonly session: string
    readonly durationMs: number
    /** Present only where the terminal gave it; the last 16 KiB. */
    readonly output?: string
  }
  /** A test, build or lint command failed, and now files below its directory were saved. */
  readonly "check.stale": {
    readonly command: string
    readonly cwd: string
    readonly exit: number
    readonly kind: "test" | "build" | "lint" | "types"
    readonly failed: number
    readonly saved: number
    readonly branch: string | null
    readonly paths: ReadonlyArray<string>
    /** How long it ran, and the command that runs no more than what failed. */
    readonly durationMs: number
    readonly only: string | null
    /** It passed before, with HEAD where it still is. */
    readonly passedHere: boolean
  }
  /** A check failed that had passed before, and its output was seen. */
  readonly "check.failed": {
    readonly command: string
    readonly cwd: string
    readonly exit: number
    readonly kind: "test" | "build" | "lint" | "types"
    readonly session: string
    readonly durationMs: number
    readonly failed: number
    readonly passed: number
    readonly changes: ReadonlyArray<Change>
    /** Git wrote files while it ran. */
    readonly movedMeanwhile: boolean
    readonly tests: ReadonlyArray<string>
    readonly places: ReadonlyArray<Place>
    readonly only: string | null
  }
  /** A test failed and passed, or passed and failed, and nothing changed between. */
  readonly "check.flaky": {
    readonly command: string
    readonly cwd: string
    readonly failed: number
    readonly passed: number
    readonly tests: ReadonlyArray<string>
  }
  /** A user's command just ended, however it did. Opened for users' own rules. */
  readonly "command.done": SituationData["command.failed"]
  /** The user came back, and not to the shell in which a command had run for long and ended meanwhile. */
  readonly "command.ended": {
    readonly command: string
    readonly cwd: string
    readonly session: string
    readonly exit: number
    readonly durationMs: number
    readonly usualMs: number | null
    /** Seq of its end. */
    readonly ended: number
  }
  /** A program in the foreground of a shell waits for an answer, and the user is elsewhere. */
  readonly "command.waiting": {
    readonly program: string
    readonly cwd: string
    readonly session: string
    readonly pid: number
    /** Seq of what states it. */
    readonly waited: number
    readonly waitedMs: number
  }
  /** Files that say which tools and variables a folder wants were changed by git. */
  readonly "environment.changed": {
    readonly dir: string
    readonly files: ReadonlyArray<string>
    readonly from: string
    readonly how: string
  }
  /** The index differs from HEAD in a new way. */
  readonly "index.staged": {
    readonly paths: ReadonlyArray<string>
    readonly count: number
    readonly index: string
    readonly operation: string | null
    /** Conflicts came up, and no commit since. */
    readonly merged?: boolean
  }
  /** A commit was made this moment. */
  readonly "commit.made": {
    readonly sha: string
    readonly branch: string | null
    readonly subject: string
    readonly paths: ReadonlyArray<string>
  }
  /** A command named packages to install or run, by exact version or at all. */
  readonly "packages.named": {
    readonly command: string
    readonly exit: number
    readonly packages: ReadonlyArray<LockEntry>
  }
  /** The line of a command held secrets; they were taken out before it was logged. */
  readonly "secret.typed": {
    readonly kinds: ReadonlyArray<string>
    readonly program: string
    readonly shell: "zsh" | "bash" | "fish"
    readonly session: string
  }
  /** A manifest or lockfile of a directory changed, by hand or under a pull, switch or merge. */
  readonly "dependencies.changed": {
    readonly dir: string
    readonly lockfiles: ReadonlyArray<string>
    readonly manifests: ReadonlyArray<string>
    readonly by: "edit" | "git"
    readonly branch: string | null
  }
  /** A burst of saves has been quiet for a while. */
  readonly "files.settled": {
    readonly paths: ReadonlyArray<string>
    readonly operation: string | null
    /** Conflicts came up, and no commit since. */
    readonly merged?: boolean
  }
  /** HEAD moved over these paths. Opened for users' own rules. */
  readonly "head.moved": {
    readonly how: Move
    readonly from: string
    readonly to: string
    readonly fromBranch: string | null
    readonly branch: string | null
    readonly paths: ReadonlyArray<string>
  }
  /** Remote branches moved, and no pull or merge followed at once. */
  readonly "remote.fetched": { readonly refs: ReadonlyArray<string>; readonly branch: string | null }
  /** A boundary after a long while of edits without a commit. */
  readonly "work.uncommitted": {
    readonly sinceMs: number
    readonly branch: string | null
    readonly head: string | null
  }
  /** A merge or the like left paths in conflict. */
  readonly "merge.conflicted": {
    readonly paths: ReadonlyArray<string>
    readonly count: number
    readonly operation: string
    readonly branch: string | null
    readonly head: string | null
  }
  /** A comment in a saved file is addressed to Claw. Whoever wrote it: it can raise a draft, never an approval. */
  readonly "comment.addressed": {
    readonly path: string
    readonly line: number
    readonly text: string
    readonly wants: "work" | "answer"
    readonly branch: string | null
  }
  /** The user came back after hours, and work lies uncommitted. */
  readonly "work.resumed": {
    readonly awayMs: number
    readonly sinceMs: number
    readonly branch: string | null
    readonly head: string | null
  }
  /** So little of what a rule had shown was kept that it is silent from now on. */
  readonly "rule.silenced": {
    readonly rule: string
    readonly shown: number
    readonly kept: number
    /** The share it had to hold. */
    readonly bar: number
  }
  /** A rule failed so often in a row that it is switched off. */
  readonly "rule.failed": { readonly rule: string; readonly message: string }
  /** A commit, and nothing followed it for a moment. */
  readonly "commit.settled": {
    readonly sha: string
    readonly branch: string | null
    readonly amend: boolean
    readonly subject: string
    readonly parents: number
    /** Commits made so far on this detached HEAD. */
    readonly detached: number
    readonly atMs: number
  }
  /** HEAD was detached, commits were made on it, and it was switched away from them. */
  readonly "commits.left": { readonly sha: string; readonly branch: string | null; readonly atMs: number }
  /** A boundary while a merge, rebase or the like waits, resolved or for a long time. */
  readonly "operation.waiting": {
    readonly operation: string
    /** It had conflicts. */
    readonly conflicted: boolean
    /** It did not move for hours, and the user has just come back or commits. */
    readonly old: boolean
    readonly atMs: number
  }
  /** The user is back on a branch, and there was a stash made before. */
  readonly "stash.behind": { readonly branch: string; readonly madeMs: number; readonly atMs: number }
  /** The user came back: what may lie forgotten is looked at. */
  readonly "stash.kept": { readonly atMs: number }
  readonly "commits.unpushed": { readonly branch: string | null; readonly atMs: number }
  /** HEAD moved over these paths; some may be submodules. */
  readonly "submodules.moved": { readonly paths: ReadonlyArray<string>; readonly branch: string | null }
  /** A fetch found a remote branch deleted. */
  readonly "branch.gone": { readonly branch: string; readonly upstream: string }
  /** `.git/index.lock` stayed. */
  readonly "git.locked": { readonly ageMs: number; readonly holder: number | null }
}

export type SituationKind = keyof SituationData
export type SituationOf<K extends SituationKind> = Situation & {
  readonly kind: K
  readonly data: SituationData[K]
}

/** Narrows by kind; a kind's data was made by this program from validated events, so its shape is known. */
export const isSituation = <K extends SituationKind>(
  situation: Situation,
  kind: K,
): situation is SituationOf<K> => situation.kind === kind
