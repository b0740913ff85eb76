/**
 * A branch's remote side was deleted, as is done after it was merged, and the trunk has its work: offer to delete it here
 * too. Silent where the trunk has not all of it, whatever the remote did.
 */
import { branchDelete, branchSwitch } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "git-branch-gone"

export const branchGone: Reflex = {
  name,
  situations: ["branch.gone"],
  applies: (situation) => isSituation(situation, "branch.gone"),
  probes: (situation) =>
    isSituation(situation, "branch.gone")
      ? [{ _tag: "gitGone", branches: [situation.data.branch] }, { _tag: "gitBranch" }, { _tag: "gitDirty" }]
      : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "branch.gone")) return silent("no branch is gone")
    const { branch, upstream } = situation.data
    const found = facts.get<"gitGone">({ _tag: "gitGone", branches: [branch] })
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (found === undefined || at === undefined) return unknown("the branch")
    const [local] = found
    if (local === undefined) return silent("there is no such branch here")
    if (local.upstream !== upstream || !local.upstreamGone)
      return silent(`${branch} does not follow ${upstream}`)
    const { merged, sha, trunk } = local
    if (trunk === null || trunk === branch) return silent("it is the trunk")
    if (merged === null) return silent(`${trunk} has not all of its work`)
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    const dirty = facts.get<"gitDirty">({ _tag: "gitDirty" })?.files
    if (local.current && dirty !== 0) return silent("you work on it")
    return propose(name, situation, {
      title: `Delete ${branch}: it is merged, and ${upstream} is gone`,
      why: [
        { text: `a fetch found ${upstream} deleted`, seq: situation.evidence.at(-1) ?? null },
        merged === "history"
          ? `all its commits are in ${trunk}`
          : `${trunk} has the same text in every file it changed`,
        `it is at ${sha.slice(0, 7)}`,
      ],
      same: [branch, sha],
      actions: [...(local.current ? [branchSwitch(trunk)] : []), branchDelete(branch)],
      risk: "medium",
      expiresWhen: [`branch-deleted:${branch}`, `ref-at:${sha}`],
      ttlMs: 24 * 60 * 60_000,
    })
  },
}
