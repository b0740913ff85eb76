/**
 * Saved files -> `dependencies.changed`, `check.stale`, and (once saving has settled) `files.settled`.
 * Products of programs are no edits: a build's output neither asks nor quietens.
 */
import type { EventOf } from "../../domain/event.ts"
import { isLockfile } from "../../domain/lockfiles/readLockfile.ts"
import { sameLine } from "../checks.ts"
import {
  dirName,
  isBinaryName,
  isCheckInput,
  isManifest,
  isPassing,
  isVendored,
  relativeTo,
} from "../paths.ts"
import { keepLast, type WorkspaceMemory, within } from "../state.ts"
import { type Candidate, candidate, eitherTrust, type Watched } from "./found.ts"

const maxPaths = 100
const maxDirs = 5
/** How long after a conflict began its own writes may still arrive. */
const mergeWritesMs = 2_000

const present = (event: EventOf<"fs.changed">): ReadonlyArray<string> =>
  event.payload.changes.flatMap((change) =>
    change.kind === "unlink" || change.raw !== undefined ? [] : [change.path],
  )

/** Paths a person may have saved. */
export const editedPaths = (event: EventOf<"fs.changed">): ReadonlyArray<string> =>
  event.payload.changes.flatMap((change) => (isPassing(change.path) ? [] : [change.path]))

/** One situation a directory whose manifest or lockfile is among the paths. */
export const dependencyCandidates = (
  paths: ReadonlyArray<string>,
  workspace: string,
  event: { readonly seq: number; readonly id: string; readonly trust: "trusted" | "untrusted" },
  by: "edit" | "git",
  branch: string | null,
): ReadonlyArray<Candidate> => {
  const files = paths.filter((path) => !isVendored(path) && (isLockfile(path) || isManifest(path)))
  const dirs = [...new Set(files.map(dirName))].slice(0, maxDirs)
  return dirs.map((dir) => {
    const here = files.filter((path) => dirName(path) === dir)
    return candidate("dependencies.changed", workspace, event, {
      subject: dir,
      evidence: [event.seq],
      data: {
        dir,
        lockfiles: here.filter((path) => !isManifest(path)),
        manifests: here.filter(isManifest),
        by,
        branch,
      },
    })
  })
}

const staleChecks = (
  memory: WorkspaceMemory,
  event: EventOf<"fs.changed">,
  workspace: string,
  paths: ReadonlyArray<string>,
): Watched => {
  const inputs = paths.filter(isCheckInput)
  if (inputs.length === 0 || memory.failedChecks.every((check) => check.asked)) return { memory, found: [] }
  const below = (cwd: string): ReadonlyArray<string> => {
    const dir = relativeTo(workspace, cwd)
    return dir === null ? [] : dir === "." ? inputs : inputs.filter((path) => path.startsWith(`${dir}/`))
  }
  const stale = memory.failedChecks.filter((check) => !check.asked && below(check.cwd).length > 0)
  return {
    memory: {
      ...memory,
      failedChecks: memory.failedChecks.map((check) =>
        stale.includes(check) ? { ...check, asked: true } : check,
      ),
    },
    found: stale.map((check) => {
      const run = memory.runs.find(({ seq }) => seq === check.seq)
      const passed = memory.runs.findLast(
        ({ cwd, line, passed }) => passed && cwd === check.cwd && line === sameLine(check.command),
      )
      return candidate(
        "check.stale",
        workspace,
        { id: event.id, trust: eitherTrust(event.trust, check.trust) },
        {
          subject: check.command.slice(0, 300),
          evidence: [check.seq, event.seq],
          data: {
            command: check.command,
            cwd: check.cwd,
            exit: check.exit,
            kind: check.kind,
            failed: check.seq,
            saved: event.seq,
            branch: memory.branch,
            paths: below(check.cwd).slice(0, 20),
            durationMs: run === undefined ? 0 : run.endedMs - run.startedMs,
            only: run?.only ?? null,
            passedHere: passed !== undefined && passed.head !== null && passed.head === memory.head,
          },
        },
      )
    }),
  }
}

export const watchFiles = (
  memory: WorkspaceMemory,
  event: EventOf<"fs.changed">,
  workspace: string,
  now: number,
  { quietMs, workedMs }: { readonly quietMs: number; readonly workedMs: number },
): Watched => {
  const paths = present(event)
  const dependencies = dependencyCandidates(paths, workspace, event, "edit", memory.branch)
  if (event.payload.cause === "reconcile") return { memory, found: dependencies }
  // a merge writes the files it leaves in conflict: those are no saves
  const merging = within(now, memory.conflictMs, mergeWritesMs)
  const edited = paths.filter((path) => !isPassing(path))
  const stale = staleChecks(memory, event, workspace, edited)
  const texts = merging ? [] : edited.filter((path) => !isBinaryName(path))
  const was = memory.settling
  const settling =
    texts.length === 0 && was === null
      ? null
      : {
          dueMs: now + quietMs,
          sinceMs: was?.sinceMs ?? now,
          items: keepLast([...new Set([...(was?.items ?? []), ...texts])], maxPaths),
          seqs: texts.length === 0 ? (was?.seqs ?? []) : keepLast([...(was?.seqs ?? []), event.seq], 20),
          causationId: texts.length === 0 && was !== null ? was.causationId : event.id,
          trust: eitherTrust(event.trust, was?.trust ?? "trusted"),
        }
  return {
    memory: {
      ...stale.memory,
      settling,
      dirtySinceMs: edited.length === 0 ? memory.dirtySinceMs : (memory.dirtySinceMs ?? now),
      dirtySeq: edited.length === 0 ? memory.dirtySeq : (memory.dirtySeq ?? event.seq),
      dirtyWorkedMs: edited.length === 0 ? memory.dirtyWorkedMs : (memory.dirtyWorkedMs ?? workedMs),
    },
    found: [...dependencies, ...stale.found],
  }
}
