/**
 * Where this clone commits and pushes, counted in its own reflogs, and how the remote's trunk came about. What is normal
 * here is told by that, and by nothing else.
 */
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readCommit } from "../git/commits.ts"
import { statFile } from "../git/files.ts"
import { attribute } from "../git/headLog.ts"
import type { Objects } from "../git/objects.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { rebasingBranch } from "../git/operation.ts"
import { reflogOf } from "../git/reflog.ts"
import { emptyRefsCache, readRefs } from "../git/refs.ts"
import { trunkOf } from "../git/trunk.ts"
import { remotesOf } from "../git/upstream.ts"

const trunkCommits = 30
/** Tools that work on a detached HEAD. */
const managers = [".jj", ".git/branchless", ".sl"]

const isMerge = (parents: number, subject: string): boolean =>
  parents > 1 || /\(#\d+\)$|^Merge /.test(subject)

/** The newest commits of the trunk along its first parents. */
const trunkHistory = (objects: Objects, tip: string | null): { merged: number; of: number } => {
  const counts = { merged: 0, of: 0 }
  let sha = tip
  while (sha !== null && counts.of < trunkCommits) {
    const commit = readCommit(objects, sha)
    if (commit === null) break
    counts.of++
    if (isMerge(commit.parents.length, commit.subject)) counts.merged++
    sha = commit.parents[0] ?? null
  }
  return counts
}

export const gitHabits = (open: OpenRepository): ProbeAnswer<"gitHabits"> => {
  const { place, settings, head, objects } = open
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const remotes = remotesOf(settings.entries)
  const trunk = trunkOf(place, refs, remotes)
  const lines = reflogOf(path.join(place.gitDir, "logs", "HEAD"))
  const counts = { onTrunk: 0, elsewhere: 0, detached: 0 }
  for (const { kind, amend, branch } of attribute(lines, {
    branch: head._tag === "branch" ? head.branch : null,
    known: null,
    rebasing: rebasingBranch(place),
    // also one that was deleted since
    isBranch: (name) => refs.has(`refs/heads/${name}`) || !/^(?:[0-9a-f]{7,}|HEAD|v?\d)/.test(name),
  })) {
    if (kind !== "commit" || amend) continue
    if (branch === null) counts.detached++
    else if (branch === trunk?.branch) counts.onTrunk++
    else counts.elsewhere++
  }
  const trunkLogs = trunk === null ? [] : remotes.map((name) => `logs/refs/remotes/${name}/${trunk.branch}`)
  const trunkPushes = trunkLogs
    .flatMap((name) => reflogOf(path.join(place.commonDir, name)))
    .filter(({ message }) => message.startsWith("update by push")).length
  return {
    trunk: trunk?.branch ?? null,
    ...counts,
    trunkPushes,
    ...trunkHistory(objects, trunk?.remoteSha ?? null),
    managed: managers.some((name) => statFile(path.join(place.workspace, name)) !== null),
  }
}
