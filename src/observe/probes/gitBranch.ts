/** Where HEAD stands: branch, upstream with the bounded counts of both sides, remotes, branches, operation. */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import * as path from "node:path"
import { aheadBehind } from "../git/aheadBehind.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { readOperation } from "../git/operation.ts"
import { reflogOf } from "../git/reflog.ts"
import { emptyRefsCache, readRefs } from "../git/refs.ts"
import { remotesOf, upstreamOf } from "../git/upstream.ts"

const maxBranches = 500

/** The branch itself stood where its upstream stands, and does not lead there any more. */
const isRewritten = (
  { place }: OpenRepository,
  branch: string | null,
  upstreamSha: string | null,
  behind: number | null,
): boolean =>
  branch !== null &&
  upstreamSha !== null &&
  (behind ?? 0) > 0 &&
  reflogOf(path.join(place.commonDir, "logs", "refs", "heads", branch)).some(
    (line) => line.new === upstreamSha,
  )

export const gitBranch = (open: OpenRepository): ProbeAnswer<"gitBranch"> => {
  const { place, settings, head, objects } = open
  const { refs } = readRefs(place, emptyRefsCache(), 0)
  const branch = head._tag === "branch" ? head.branch : null
  const upstream = branch === null ? null : upstreamOf(settings.entries, branch)
  const upstreamSha = upstream === null ? null : (refs.get(upstream.ref) ?? null)
  const counts =
    head.sha === null || upstreamSha === null
      ? { ahead: null, behind: null }
      : aheadBehind(objects, place.commonDir, head.sha, upstreamSha)
  const operation = readOperation(place)
  return {
    head: head.sha,
    branch,
    upstream: upstream?.name ?? null,
    upstreamSha,
    ...counts,
    remotes: remotesOf(settings.entries),
    branches: [...refs.keys()]
      .filter((ref) => ref.startsWith("refs/heads/"))
      .map((ref) => ref.slice("refs/heads/".length))
      .sort()
      .slice(0, maxBranches),
    operation: operation === "am" ? null : operation,
    ...(isRewritten(open, branch, upstreamSha, counts.behind) ? { rewritten: true as const } : {}),
  }
}
