/** Git facts -> `index.staged`, `commit.made`, `dependencies.changed`, `remote.fetched`, `git.locked`, and where HEAD is. */
import type { Event, EventOf } from "../../domain/event.ts"
import { isSwitch } from "../evidence.ts"
import type { WorkspaceMemory } from "../state.ts"
import { dependencyCandidates } from "./edits.ts"
import { environmentCandidates } from "./environment.ts"
import { candidate, nothing, type Watched } from "./found.ts"
import { isMerged, watchGitWork } from "./gitWork.ts"

/** A pull's own fetch is followed by its merge within this time: then nobody need be told of the fetch. */
const fetchSettlesMs = 2_000

export type GitEvent = Extract<Event, { readonly type: `git.${string}` }>
export type MovedEvent = EventOf<
  "git.checkout" | "git.merge" | "git.rebase" | "git.reset" | "git.pull" | "git.cherry-pick" | "git.revert"
>

export const isGit = (event: Event): event is GitEvent => event.type.startsWith("git.")

const clean = { dirtySinceMs: null, dirtySeq: null, dirtyWorkedMs: null, uncommittedAskedMs: null }

const moved = (memory: WorkspaceMemory, event: MovedEvent, workspace: string, now: number): Watched => {
  const { to, branch, files } = event.payload
  // what failed on the other branch says nothing of the files that are here now
  const failedChecks = isSwitch(event) ? [] : memory.failedChecks
  return {
    memory: { ...memory, head: to, branch, fetched: null, movedMs: now, failedChecks },
    found: [
      ...dependencyCandidates(files, workspace, event, "git", branch),
      ...environmentCandidates(event, workspace),
    ],
  }
}

const committed = (memory: WorkspaceMemory, event: EventOf<"git.commit">, workspace: string): Watched => {
  const { branch, files, sha, subject } = event.payload
  const found = candidate("commit.made", workspace, event, {
    subject: "commit",
    evidence: [event.seq],
    data: { sha, branch, subject, paths: files },
  })
  return { memory: { ...memory, ...clean, head: sha, branch }, found: [found] }
}

const staged = (memory: WorkspaceMemory, event: EventOf<"git.staged">, workspace: string): Watched => {
  const { files, count, index } = event.payload
  if (count === 0) return nothing(memory)
  const found = candidate("index.staged", workspace, event, {
    subject: "index",
    evidence: [event.seq],
    data: {
      paths: files.flatMap((file) => (file.status === "D" ? [] : [file.path])),
      count,
      index,
      operation: memory.operation,
      merged: isMerged(memory),
    },
  })
  return { memory, found: [found] }
}

const fetched = (memory: WorkspaceMemory, event: EventOf<"git.fetched">, now: number): WorkspaceMemory => ({
  ...memory,
  fetched: {
    dueMs: now + fetchSettlesMs,
    sinceMs: now,
    items: event.payload.refs.map((ref) => ref.name).slice(0, 50),
    seqs: [event.seq],
    causationId: event.id,
    trust: event.trust,
  },
})

const conflicted = (
  memory: WorkspaceMemory,
  event: EventOf<"git.conflict">,
  workspace: string,
  now: number,
): Watched => {
  const { count, operation, paths } = event.payload
  if (count <= memory.conflicts) return nothing({ ...memory, conflicts: count })
  const { branch, head } = memory
  const found = candidate("merge.conflicted", workspace, event, {
    subject: operation,
    evidence: [event.seq],
    data: { paths: paths.slice(0, 20), count, operation, branch, head },
  })
  return {
    memory: { ...memory, conflicts: count, conflictMs: now, movedMs: now, settling: null },
    found: [found],
  }
}

/** What it says now, and what it may come to mean. */
export const watchGit = (
  memory: WorkspaceMemory,
  event: GitEvent,
  workspace: string,
  now: number,
): Watched => {
  const said = watchFact(memory, event, workspace, now)
  const work = watchGitWork(memory, said.memory, event, workspace, now)
  return { memory: work.memory, found: [...said.found, ...work.found] }
}

const watchFact = (memory: WorkspaceMemory, event: GitEvent, workspace: string, now: number): Watched => {
  switch (event.type) {
    case "git.commit":
      return committed(memory, event, workspace)
    case "git.checkout":
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.pull":
    case "git.cherry-pick":
    case "git.revert":
      return moved(memory, event, workspace, now)
    case "git.staged":
      return staged(memory, event, workspace)
    case "git.conflict":
      return conflicted(memory, event, workspace, now)
    case "git.operation":
      return nothing(
        event.payload.operation === null
          ? { ...memory, operation: null }
          : { ...memory, operation: event.payload.operation, conflictMs: now, movedMs: now, settling: null },
      )
    case "git.fetched":
      return nothing(fetched(memory, event, now))
    case "git.stash":
      return nothing(event.payload.action === "pushed" ? { ...memory, ...clean } : memory)
    case "git.repository":
      return nothing({ ...memory, head: event.payload.head, branch: event.payload.branch })
    case "git.lock":
      return {
        memory,
        found: [
          candidate("git.locked", workspace, event, {
            subject: "index.lock",
            evidence: [event.seq],
            data: { ageMs: event.payload.ageMs, holder: event.payload.holder },
          }),
        ],
      }
    case "git.branch":
      return nothing(memory)
  }
}
