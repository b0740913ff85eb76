/**
 * The branch is behind its upstream: offer to bring it up to date, without a merge commit. Seen after a fetch, and after a
 * commit on a branch that was behind already. Never where the user himself amended or took back what was pushed.
 */
import { pull } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "branch-behind-upstream"

export const behindUpstream: Reflex = {
  name,
  situations: ["remote.fetched", "commit.settled"],
  applies: (situation) =>
    isSituation(situation, "remote.fetched") ||
    (isSituation(situation, "commit.settled") && situation.data.branch !== null),
  probes: () => [{ _tag: "gitBranch" }, { _tag: "gitDirty" }],
  propose: (situation, facts) => {
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (at === undefined) return unknown("the branch")
    if (at.branch === null) return silent("HEAD is detached")
    if (at.upstream === null) return silent(`${at.branch} has no upstream`)
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (at.behind === null) return unknown("the distance to the upstream")
    if (at.behind === 0) return silent(`${at.branch} is not behind ${at.upstream}`)
    if (at.rewritten === true) return silent(`${at.upstream} is at what you have rewritten here`)
    const diverged = (at.ahead ?? 0) > 0
    const dirty = facts.get<"gitDirty">({ _tag: "gitDirty" })?.files ?? 0
    if (diverged && dirty > 0)
      return silent("it diverged, and uncommitted work would be in the way of a rebase")
    return propose(name, situation, {
      title: `${diverged ? "Rebase" : "Fast-forward"} ${at.branch}: ${at.behind} new in ${at.upstream}`,
      why: [
        {
          text: isSituation(situation, "commit.settled") ? "committed" : "a fetch brought new commits",
          seq: situation.evidence.at(-1) ?? null,
        },
        `${at.branch} is ${at.behind} behind${diverged ? ` and ${at.ahead} ahead of` : ""} ${at.upstream}`,
        ...(dirty > 0 ? [`${dirty} uncommitted files stay as they are, or git refuses`] : []),
      ],
      same: [at.branch, at.upstream, at.upstreamSha],
      actions: [pull(diverged ? "rebase" : "ff-only")],
      risk: diverged ? "medium" : "low",
      expiresWhen: ["upstream:taken", "git:HEAD", "git:refs"],
      ttlMs: 24 * 60 * 60_000,
    })
  },
}
