/**
 * Git facts that mean something later -> `commit.settled`, `commits.left`, `submodules.moved`, `branch.gone`, once they are
 * quiet; and at a boundary `operation.waiting`, `stash.behind`, `stash.kept`, `commits.unpushed`. What the log heard
 * long after it happened is remembered, and opens nothing.
 */
import type { Event } from "../../domain/event.ts"
import type { GitMemory, Pending } from "../gitMemory.ts"
import { keepLast, type WorkspaceMemory } from "../state.ts"
import { type Candidate, candidate, nothing, type Watched } from "./found.ts"
import type { GitEvent } from "./git.ts"

/** A commit is looked at once nothing has followed it for so long: who goes on to push or to switch has said enough. */
const commitSettlesMs = 3_000
/** `git pull && git submodule update` is done by then. */
const submodulesSettleMs = 8_000
const goneSettlesMs = 4_000
const freshMs = 60_000
const maxDetached = 20
const maxStashes = 20
const maxGone = 5

/** After its last conflict was resolved nobody needs so long to continue. */
const resolvedAfterMs = 2 * 60_000
const conflictsLookMs = 10 * 60_000
/** An operation that has not moved for so long may be forgotten. */
const openAfterMs = 2 * 60 * 60_000
const askAgainMs = 30 * 60_000
const stashBehindAfterMs = 60_000
const forgottenAgainMs = 12 * 60 * 60_000

const isFresh = (event: GitEvent, now: number): boolean => {
  if (!("at" in event.payload) || typeof event.payload.at !== "string") return true
  const at = Date.parse(event.payload.at)
  return Number.isNaN(at) || now - at < freshMs
}

const pending = <A>(event: GitEvent, dueMs: number, of: A, before: Pending<A> | null = null): Pending<A> => ({
  dueMs,
  seqs: keepLast([...(before?.seqs ?? []), event.seq], 5),
  causationId: event.id,
  trust: event.trust,
  of,
})

const withGit = (memory: WorkspaceMemory, change: Partial<GitMemory>): WorkspaceMemory => ({
  ...memory,
  git: { ...memory.git, ...change },
})

/** Conflicts came up, and no commit since: what is saved and staged may hold what they left. */
export const isMerged = ({ conflictMs, git }: WorkspaceMemory): boolean =>
  conflictMs !== null && (git.lastCommit === null || git.lastCommit.atMs < conflictMs)

/** `before`: what was remembered before this event. */
export const watchGitWork = (
  before: WorkspaceMemory,
  memory: WorkspaceMemory,
  event: GitEvent,
  workspace: string,
  now: number,
): Watched => {
  const { git } = memory
  switch (event.type) {
    case "git.commit": {
      const { amend = false, branch, parents, sha, subject } = event.payload
      const apart = branch === null && before.operation === null
      const detached = apart
        ? keepLast(
            [...(amend ? git.detached.slice(0, -1) : git.detached), { sha, seq: event.seq }],
            maxDetached,
          )
        : branch === null
          ? git.detached
          : []
      const made = { sha, branch, amend, subject, parents: parents.length }
      return nothing(
        withGit(memory, {
          detached,
          committed:
            isFresh(event, now) && before.operation === null
              ? pending(event, now + commitSettlesMs, made)
              : null,
          lastCommit: { seq: event.seq, atMs: now, branch },
        }),
      )
    }
    case "git.checkout": {
      const { branch, files, from, fromBranch, to } = event.payload
      const left = fromBranch === null && git.detached.at(-1)?.sha === from && to !== from
      const switched =
        branch !== null && branch !== fromBranch ? { seq: event.seq, atMs: now, branch } : git.switched
      const found = candidate("commits.left", workspace, event, {
        subject: from,
        evidence: [...git.detached.slice(-5).map(({ seq }) => seq), event.seq],
        data: { sha: from, branch, atMs: now },
      })
      return {
        memory: withGit(memory, {
          detached: left || branch !== null ? [] : git.detached,
          committed: null,
          switched,
          submodules: isFresh(event, now) ? pending(event, now + submodulesSettleMs, files) : git.submodules,
        }),
        found: left && isFresh(event, now) ? [found] : [],
      }
    }
    case "git.merge":
    case "git.pull":
    case "git.reset":
    case "git.rebase":
    case "git.cherry-pick":
    case "git.revert":
      return nothing(
        withGit(memory, {
          committed: null,
          submodules: isFresh(event, now)
            ? pending(event, now + submodulesSettleMs, event.payload.files)
            : git.submodules,
        }),
      )
    case "git.operation":
      return nothing(
        withGit(
          memory,
          event.payload.operation === null
            ? { operation: null, resolved: null }
            : { operation: { seq: event.seq, atMs: now }, resolved: null, committed: null },
        ),
      )
    case "git.conflict": {
      const cleared = event.payload.count === 0 && before.conflicts > 0
      return nothing(withGit(memory, { resolved: cleared ? { seq: event.seq, atMs: now } : null }))
    }
    case "git.stash":
      return nothing(
        event.payload.action === "pushed"
          ? withGit(memory, {
              stashes: keepLast([...git.stashes, { seq: event.seq, atMs: now }], maxStashes),
            })
          : memory,
      )
    case "git.fetched": {
      const gone = event.payload.refs.flatMap((ref) => (ref.to === null ? [ref.name] : [])).slice(0, maxGone)
      return nothing(
        gone.length === 0 ? memory : withGit(memory, { gone: pending(event, now + goneSettlesMs, gone) }),
      )
    }
    case "git.repository":
      return nothing(
        event.payload.state === "gone" ? withGit(memory, { committed: null, detached: [] }) : memory,
      )
    default:
      return nothing(memory)
  }
}

export const gitWorkTimes = ({ git }: WorkspaceMemory): ReadonlyArray<number> =>
  [git.committed, git.submodules, git.gone].flatMap((each) => (each === null ? [] : [each.dueMs]))

/** What was quiet for long enough. */
export const openGitWork = (memory: WorkspaceMemory, workspace: string, now: number): Watched => {
  const { committed, gone, submodules } = memory.git
  const isDue = <A>(each: Pending<A> | null): each is Pending<A> => each !== null && each.dueMs <= now
  const from = <A>({ causationId: id, trust }: Pending<A>) => ({ id, trust })
  const found: Array<Candidate> = []
  if (isDue(committed)) {
    found.push(
      candidate("commit.settled", workspace, from(committed), {
        subject: committed.of.branch ?? "HEAD",
        evidence: committed.seqs,
        data: { ...committed.of, detached: memory.git.detached.length, atMs: now },
      }),
    )
  }
  if (isDue(submodules)) {
    found.push(
      candidate("submodules.moved", workspace, from(submodules), {
        subject: "submodules",
        evidence: submodules.seqs,
        data: { paths: submodules.of, branch: memory.branch },
      }),
    )
  }
  for (const name of isDue(gone) ? gone.of : []) {
    const branch = name.slice(name.indexOf("/") + 1)
    found.push(
      candidate("branch.gone", workspace, from(gone!), {
        subject: branch,
        evidence: gone!.seqs,
        data: { branch, upstream: name },
      }),
    )
  }
  if (found.length === 0) return nothing(memory)
  return {
    memory: withGit(memory, {
      committed: isDue(committed) ? null : committed,
      submodules: isDue(submodules) ? null : submodules,
      gone: isDue(gone) ? null : gone,
    }),
    found,
  }
}

/** At a boundary of this workspace, of this kind. */
export const openWaiting = (
  memory: WorkspaceMemory,
  workspace: string,
  event: Event,
  kind: string,
  now: number,
): Watched => {
  const { git } = memory
  const found: Array<Candidate> = []
  const asked: Record<string, number> = { ...git.askedMs }
  const mayAsk = (what: string, again: number): boolean => {
    const last = asked[what]
    if (last !== undefined && now - last < again && last <= now) return false
    asked[what] = now
    return true
  }
  const from = { id: event.id, trust: "untrusted" as const }

  if (git.operation !== null && memory.operation !== null) {
    const { operation, resolved } = git
    const ready = resolved !== null && now - resolved.atMs >= resolvedAfterMs
    const conflicted = memory.conflicts > 0 && now - operation.atMs >= conflictsLookMs
    const old = now - operation.atMs >= openAfterMs && (kind === "return" || kind === "commit")
    if (
      (ready && mayAsk(`resolved ${resolved.seq}`, askAgainMs)) ||
      (conflicted && mayAsk("conflicted", conflictsLookMs)) ||
      (old && mayAsk("open", openAfterMs))
    ) {
      found.push(
        candidate("operation.waiting", workspace, from, {
          subject: memory.operation,
          evidence: [operation.seq, ...(resolved === null ? [] : [resolved.seq])],
          data: {
            operation: memory.operation,
            conflicted: memory.conflicts > 0 || resolved !== null,
            old,
            atMs: now,
          },
        }),
      )
    }
  } else {
    const { switched } = git
    const made = git.stashes.at(-1)
    if (
      switched !== null &&
      made !== undefined &&
      made.seq < switched.seq &&
      switched.branch === memory.branch &&
      now - switched.atMs >= stashBehindAfterMs &&
      mayAsk(`stash ${switched.seq}`, forgottenAgainMs)
    ) {
      found.push(
        candidate("stash.behind", workspace, from, {
          subject: switched.branch,
          evidence: [made.seq, switched.seq],
          data: { branch: switched.branch, madeMs: made.atMs, atMs: now },
        }),
      )
    }
    if (kind === "return" && mayAsk("forgotten", forgottenAgainMs)) {
      const stashSeqs = git.stashes.map(({ seq }) => seq).slice(-3)
      found.push(
        candidate("stash.kept", workspace, from, {
          subject: "stash",
          evidence: stashSeqs.length === 0 ? [event.seq] : stashSeqs,
          data: { atMs: now },
        }),
        candidate("commits.unpushed", workspace, from, {
          subject: memory.branch ?? "HEAD",
          evidence:
            git.lastCommit !== null && git.lastCommit.branch === memory.branch
              ? [git.lastCommit.seq]
              : [event.seq],
          data: { branch: memory.branch, atMs: now },
        }),
      )
    }
  }
  if (found.length === 0) return nothing(memory)
  // what was asked a day ago is of no account any more
  const askedMs = Object.fromEntries(Object.entries(asked).filter(([, at]) => now - at < 24 * 60 * 60_000))
  return { memory: withGit(memory, { askedMs }), found }
}
