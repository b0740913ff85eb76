/** The operation git waits with, since when it did not move, and which of its conflicts a person has resolved. */
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { textOf } from "../git/commits.ts"
import { readLine, readStart, statFile } from "../git/files.ts"
import { readIndex } from "../git/indexFile.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { readOperation, rebasingBranch, type Operation } from "../git/operation.ts"
import { conflictMarkers } from "./gitConflictMarkers.ts"

const maxPaths = 200

const stateFiles: Readonly<Record<Operation, ReadonlyArray<string>>> = {
  merge: ["MERGE_HEAD"],
  rebase: ["rebase-merge", "rebase-merge/done", "rebase-merge/msgnum", "rebase-apply", "rebase-apply/next"],
  am: ["rebase-apply", "rebase-apply/next"],
  "cherry-pick": ["CHERRY_PICK_HEAD"],
  revert: ["REVERT_HEAD"],
  bisect: ["BISECT_LOG"],
}

/** Paths in conflict, with whether both sides have a text of their own. */
const conflicted = (open: OpenRepository): ReadonlyMap<string, boolean> => {
  const index = readIndex(path.join(open.place.gitDir, "index"), open.settings.hashBytes)
  const stages = new Map<string, Set<number>>()
  for (let at = 0; at < index.count; at++) {
    const stage = index.stageAt(at)
    if (stage === 0) continue
    const name = textOf(index.pathAt(at))
    stages.set(name, (stages.get(name) ?? new Set()).add(stage))
  }
  return new Map([...stages].map(([name, has]) => [name, has.has(2) && has.has(3)]))
}

const stepOf = (gitDir: string): { readonly at: number; readonly of: number } | null => {
  const numbers = ([at, of]: readonly [string, string]) =>
    [at, of].map((name) => Number(readLine(path.join(gitDir, name)) ?? ""))
  for (const pair of [
    ["rebase-merge/msgnum", "rebase-merge/end"],
    ["rebase-apply/next", "rebase-apply/last"],
  ] as const) {
    const [at = 0, of = 0] = numbers(pair)
    if (at > 0 && of > 0) return { at, of }
  }
  return null
}

export const gitOpen = (open: OpenRepository): ProbeAnswer<"gitOpen"> => {
  const { place, head, settings } = open
  const operation = settings.bare ? null : readOperation(place)
  if (operation === null) return null
  const times = stateFiles[operation].map((name) => statFile(path.join(place.gitDir, name))?.mtimeMs ?? 0)
  const sinceMs = Math.floor(Math.max(...times))
  const unmerged = conflicted(open)
  const names = [...unmerged.keys()].sort()
  const marked = new Set(conflictMarkers(place.workspace, names).map((file) => file.path))
  const isEdited = (name: string): boolean => {
    if (unmerged.get(name) !== true || marked.has(name)) return false
    const file = path.join(place.workspace, name)
    const stat = statFile(file)
    // a conflict that git could not write into the file leaves no markers either
    if (stat?.kind !== "file" || stat.mtimeMs <= sinceMs + 50) return false
    return readStart(file, 8_000)?.includes(0) === false
  }
  return {
    operation,
    sinceMs,
    branch: rebasingBranch(place) ?? (head._tag === "branch" ? head.branch : null),
    step: stepOf(place.gitDir),
    editing: statFile(path.join(place.gitDir, "rebase-merge", "amend")) !== null,
    unmerged: names.slice(0, maxPaths),
    edited: names.slice(0, maxPaths).filter(isEdited),
    more: names.length > maxPaths,
  }
}
