/** What waited for quiet or for a boundary: `files.settled`, `remote.fetched`, `work.uncommitted`, and what git's facts add up to. */
import type { MachineState, WorkspaceMemory } from "../state.ts"
import { type Candidate, candidate, eitherTrust, nothing, type Watched } from "./found.ts"
import { gitWorkTimes, isMerged, openGitWork } from "./gitWork.ts"

/** What lies uncommitted for so long by the clock of work is worth a word at a boundary. */
const uncommittedAfterMs = 2 * 60 * 60_000
/** And again not before this. */
const askAgainMs = 4 * 60 * 60_000
/** Away for as long as this, one does not know any more where one stood. */
const resumedAfterMs = 2 * 60 * 60_000

const deferredTimes = (memory: WorkspaceMemory): ReadonlyArray<number> =>
  [memory.settling, memory.fetched, memory.flaky].flatMap((deferred) =>
    deferred === null ? [] : [deferred.dueMs],
  )

export const dueTimes = (memory: WorkspaceMemory): ReadonlyArray<number> => [
  ...deferredTimes(memory),
  ...gitWorkTimes(memory),
]

type Due = { readonly dueMs: number } | null

const shifted = <A extends Due>(due: A, byMs: number): A =>
  due === null ? due : { ...due, dueMs: due.dueMs - byMs }

/** The clock was set back by so much: what waited for quiet waits no longer for that. */
export const setBack = (memory: WorkspaceMemory, byMs: number): WorkspaceMemory => ({
  ...memory,
  settling: shifted(memory.settling, byMs),
  fetched: shifted(memory.fetched, byMs),
  flaky: shifted(memory.flaky, byMs),
  git: {
    ...memory.git,
    committed: shifted(memory.git.committed, byMs),
    submodules: shifted(memory.git.submodules, byMs),
    gone: shifted(memory.git.gone, byMs),
  },
})

export const openDue = (memory: WorkspaceMemory, workspace: string, now: number): Watched => {
  const deferred = openDeferred(memory, workspace, now)
  const work = openGitWork(deferred.memory, workspace, now)
  return { memory: work.memory, found: [...deferred.found, ...work.found] }
}

const openDeferred = (memory: WorkspaceMemory, workspace: string, now: number): Watched => {
  const { settling, fetched } = memory
  const found: Array<Candidate> = []
  if (settling !== null && settling.dueMs <= now) {
    found.push(
      candidate(
        "files.settled",
        workspace,
        { id: settling.causationId, trust: settling.trust },
        {
          subject: "saved files",
          evidence: settling.seqs,
          data: { paths: settling.items, operation: memory.operation, merged: isMerged(memory) },
        },
      ),
    )
  }
  if (fetched !== null && fetched.dueMs <= now) {
    found.push(
      candidate(
        "remote.fetched",
        workspace,
        { id: fetched.causationId, trust: fetched.trust },
        {
          subject: memory.branch ?? "HEAD",
          evidence: fetched.seqs,
          data: { refs: fetched.items, branch: memory.branch },
        },
      ),
    )
  }
  return found.length === 0
    ? nothing(memory)
    : {
        memory: {
          ...memory,
          settling: settling !== null && settling.dueMs <= now ? null : settling,
          settledSinceMs:
            settling !== null && settling.dueMs <= now ? settling.sinceMs : memory.settledSinceMs,
          fetched: fetched !== null && fetched.dueMs <= now ? null : fetched,
        },
        found,
      }
}

/** At a boundary of this workspace. */
export const openUncommitted = (
  memory: WorkspaceMemory,
  workspace: string,
  event: { readonly seq: number; readonly id: string; readonly trust: "trusted" | "untrusted" },
  { attention: { workedMs }, nowMs: now }: Pick<MachineState, "attention" | "nowMs">,
): Watched => {
  const { dirtySinceMs, dirtySeq, dirtyWorkedMs, uncommittedAskedMs } = memory
  if (dirtySinceMs === null || dirtySeq === null || dirtyWorkedMs === null) return nothing(memory)
  if (workedMs - dirtyWorkedMs < uncommittedAfterMs) return nothing(memory)
  if (uncommittedAskedMs !== null && now - uncommittedAskedMs < askAgainMs) return nothing(memory)
  return {
    memory: { ...memory, uncommittedAskedMs: now },
    found: [
      candidate(
        "work.uncommitted",
        workspace,
        { id: event.id, trust: eitherTrust(event.trust, "untrusted") },
        {
          subject: memory.branch ?? "HEAD",
          evidence: [dirtySeq, event.seq],
          data: { sinceMs: dirtySinceMs, branch: memory.branch, head: memory.head },
        },
      ),
    ],
  }
}

/** The user is back in this workspace, after `awayMs`. */
export const openResumed = (
  memory: WorkspaceMemory,
  workspace: string,
  event: { readonly seq: number; readonly id: string; readonly trust: "trusted" | "untrusted" },
  awayMs: number,
): ReadonlyArray<Candidate> => {
  const { branch, dirtySeq, dirtySinceMs, head } = memory
  if (awayMs < resumedAfterMs || dirtySinceMs === null || dirtySeq === null) return []
  return [
    candidate(
      "work.resumed",
      workspace,
      { id: event.id, trust: "untrusted" },
      {
        subject: branch ?? "HEAD",
        evidence: [dirtySeq, event.seq],
        data: { awayMs, sinceMs: dirtySinceMs, branch, head },
      },
    ),
  ]
}
