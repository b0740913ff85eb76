/**
 * The kinds of situation and the shape of each kind's `data`. A situation is opened only where some rule
 * applies to it, or (`command.failed`) where silence is worth explaining.
 */
import type { Situation } from "../domain/situation.ts"

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
  }
  /** The index differs from HEAD in a new way. */
  readonly "index.staged": {
    readonly paths: ReadonlyArray<string>
    readonly count: number
    readonly index: string
    readonly operation: string | null
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
