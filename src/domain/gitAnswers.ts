/** What probes answer about a repository beyond where HEAD stands: open operations, lost work, habits. Types only. */

export type OpenOperation = "merge" | "rebase" | "am" | "cherry-pick" | "revert" | "bisect"

export interface OwnCommit {
  readonly sha: string
  readonly atMs: number
  readonly subject: string
}

export interface GitAnswers {
  /** An operation that git waits with; null: none. */
  readonly gitOpen: {
    readonly operation: OpenOperation
    /** When it last moved: the newest of its state files. */
    readonly sinceMs: number
    /** The branch it will return to. */
    readonly branch: string | null
    readonly step: { readonly at: number; readonly of: number } | null
    /** It waits for an edit the user asked for, and not because of a conflict. */
    readonly editing: boolean
    /** Paths the index still has in conflict. */
    readonly unmerged: ReadonlyArray<string>
    /** Of these, text that both sides changed and that was edited since until no marker was left. */
    readonly edited: ReadonlyArray<string>
    readonly more: boolean
  } | null
  /** Where this clone commits, from its own reflogs, and how its trunk came about. */
  readonly gitHabits: {
    readonly trunk: string | null
    readonly onTrunk: number
    readonly elsewhere: number
    readonly detached: number
    /** Pushes of the trunk from here. */
    readonly trunkPushes: number
    /** Of so many newest commits of the remote's trunk, those that merged a branch or a request. */
    readonly merged: number
    readonly of: number
    /** Another tool keeps HEAD detached on purpose. */
    readonly managed: boolean
  }
  /** Commits of the current branch that its upstream has not, newest first. */
  readonly gitUnpushed: {
    readonly branch: string
    readonly remote: string | null
    readonly upstream: string
    readonly upstreamSha: string
    readonly commits: ReadonlyArray<OwnCommit>
    readonly behind: number | null
    /** Newest pushes to this remote from here, of any branch, newest first. */
    readonly pushesMs: ReadonlyArray<number>
  } | null
  /** Large files that came in with commits no remote has. */
  readonly gitLarge: ReadonlyArray<{
    readonly path: string
    readonly bytes: number
    readonly sha: string
    /** It came in with HEAD, and nothing is committed on it. */
    readonly inHead: boolean
  }>
  /** Newest first. */
  readonly gitStashes: ReadonlyArray<{
    readonly sha: string
    readonly atMs: number
    readonly branch: string | null
    readonly subject: string
  }>
  readonly gitSubmodules: ReadonlyArray<{
    readonly path: string
    /** What the index names; what is checked out, null where nothing is. */
    readonly recorded: string
    readonly checkedOut: string | null
    readonly branch: string | null
    /** Told not to be updated by the configuration. */
    readonly left: boolean
    /** The recorded commit is there, so that no network is needed. */
    readonly present: boolean
  }>
  readonly gitHooks: {
    readonly hooks: ReadonlyArray<{
      readonly name: string
      readonly file: string
      readonly manager: string | null
    }>
    readonly staged: number
    /** Staged files whose text in the working tree is another, with when it was written. */
    readonly rewritten: ReadonlyArray<{ readonly path: string; readonly mtimeMs: number }>
  }
  /** Commits reachable from a commit and from no ref, newest first; null: not to be told. */
  readonly gitLost: {
    readonly commits: ReadonlyArray<OwnCommit> | null
    /** HEAD has the same text in every file they changed. */
    readonly contained: boolean
  }
  /** Local branches by name, of those asked for that are there. */
  readonly gitGone: ReadonlyArray<{
    readonly branch: string
    readonly sha: string
    readonly current: boolean
    readonly upstream: string | null
    readonly upstreamGone: boolean
    /** The branch that has its work: by history, or by the same text in every file it changed. */
    readonly trunk: string | null
    readonly merged: "history" | "text" | null
  }>
}
