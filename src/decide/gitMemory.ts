/** What a workspace's git work looked like, as far as rules look back on it: bounded, JSON, folded from the log. */
import type { Trust } from "../domain/action.ts"

/** A situation that waits until it is quiet: opened at `dueMs`, unless something takes its place. */
export interface Pending<A> {
  readonly dueMs: number
  readonly seqs: ReadonlyArray<number>
  readonly causationId: string
  readonly trust: Trust
  readonly of: A
}

export interface MadeCommit {
  readonly sha: string
  readonly branch: string | null
  readonly amend: boolean
  readonly subject: string
  readonly parents: number
}

export interface Moment {
  readonly seq: number
  readonly atMs: number
}

export interface GitMemory {
  /** Commits made on a detached HEAD while nothing was under way, oldest first. */
  readonly detached: ReadonlyArray<{ readonly sha: string; readonly seq: number }>
  /** The newest commit, until it was looked at. */
  readonly committed: Pending<MadeCommit> | null
  /** The newest commit of all: what lies unpushed rests on it. */
  readonly lastCommit: (Moment & { readonly branch: string | null }) | null
  /** The operation under way began; null: none is. */
  readonly operation: Moment | null
  /** Its last conflict was resolved; null: there was none, or there are some. */
  readonly resolved: Moment | null
  /** The last switch to a branch. */
  readonly switched: (Moment & { readonly branch: string }) | null
  /** Stashes seen being made, oldest first. */
  readonly stashes: ReadonlyArray<Moment>
  /** Git moved to a commit with other submodules, maybe. */
  readonly submodules: Pending<ReadonlyArray<string>> | null
  /** Branches a fetch no longer found, by their short remote names. */
  readonly gone: Pending<ReadonlyArray<string>> | null
  /** When was last asked, by kind of situation. */
  readonly askedMs: Readonly<Record<string, number>>
}

export const noGitMemory: GitMemory = {
  detached: [],
  committed: null,
  lastCommit: null,
  operation: null,
  resolved: null,
  switched: null,
  stashes: [],
  submodules: null,
  gone: null,
  askedMs: {},
}
