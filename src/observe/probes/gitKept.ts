/** Work that lies apart: stashes, commits no ref leads to, branches whose upstream is gone. */
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { hasWork } from "../git/treeBlobs.ts"
import { onlyIn } from "../git/onlyIn.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { reflogOf } from "../git/reflog.ts"
import { emptyRefsCache, readRefs } from "../git/refs.ts"
import { taggedTips } from "../git/tags.ts"
import { trunkOf } from "../git/trunk.ts"
import { remotesOf, upstreamOf } from "../git/upstream.ts"
import { ownCommit } from "./gitUnpushed.ts"

const maxStashes = 100
const maxBranches = 10
const maxCommits = 50

export const gitStashes = ({ place }: OpenRepository): ProbeAnswer<"gitStashes"> =>
  reflogOf(path.join(place.commonDir, "logs", "refs", "stash"))
    .toReversed()
    .slice(0, maxStashes)
    .map((line) => {
      const said = /^(?:WIP on|On) (.+?): (.*)$/.exec(line.message)
      const branch = said?.[1] ?? null
      return {
        sha: line.new,
        atMs: line.atSec * 1000,
        branch: branch === null || branch === "(no branch)" ? null : branch,
        subject: (said?.[2] ?? line.message).slice(0, 200),
      }
    })

export const gitLost = (open: OpenRepository, sha: string): ProbeAnswer<"gitLost"> => {
  const { place, head, objects } = open
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const tips = [...refs.values(), ...taggedTips(place, objects)]
  // where one stands now keeps what it leads to, unless it is what is asked about
  if (head.sha !== null && head.sha !== sha) tips.push(head.sha)
  const commits = onlyIn(objects, sha, tips)
  const base = commits?.at(-1)?.commit.parents[0]
  return {
    commits: commits === null ? null : commits.slice(0, maxCommits).map(ownCommit),
    contained:
      head.sha !== null && head.sha !== sha && base !== undefined && hasWork(objects, base, sha, head.sha),
  }
}

export const gitGone = (open: OpenRepository, branches: ReadonlyArray<string>): ProbeAnswer<"gitGone"> => {
  const { place, settings, head, objects } = open
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const trunk = trunkOf(place, refs, remotesOf(settings.entries))
  const tip = trunk === null ? null : (trunk.remoteSha ?? refs.get(`refs/heads/${trunk.branch}`) ?? null)
  return branches.slice(0, maxBranches).flatMap((branch) => {
    const sha = refs.get(`refs/heads/${branch}`)
    if (sha === undefined) return []
    const upstream = upstreamOf(settings.entries, branch)
    const apart = tip === null ? null : onlyIn(objects, sha, [tip])
    const base = apart?.at(-1)?.commit.parents[0]
    const merged =
      apart === null || tip === null
        ? null
        : apart.length === 0
          ? ("history" as const)
          : base !== undefined && hasWork(objects, base, sha, tip)
            ? ("text" as const)
            : null
    return [
      {
        branch,
        sha,
        current: head._tag === "branch" && head.branch === branch,
        upstream: upstream?.name ?? null,
        upstreamGone: upstream !== null && !refs.has(upstream.ref),
        trunk: trunk?.branch ?? null,
        merged,
      },
    ]
  })
}
