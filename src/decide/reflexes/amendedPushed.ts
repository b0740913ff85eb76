/**
 * The newest commit of the trunk was amended after it was pushed: the two sides have parted, and the next push is refused.
 * Offers to keep the pushed commit and make the change one of its own. On other branches this is a way of working.
 */
import { bash, commit } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "git-amended-pushed"

export const amendedPushed: Reflex = {
  name,
  situations: ["commit.settled"],
  applies: (situation) =>
    isSituation(situation, "commit.settled") && situation.data.amend && situation.data.branch !== null,
  probes: () => [{ _tag: "gitBranch" }, { _tag: "gitHabits" }],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commit.settled")) return silent("no commit")
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    const habits = facts.get<"gitHabits">({ _tag: "gitHabits" })
    if (at === undefined || habits === undefined) return unknown("the branch")
    const { branch, sha, subject } = situation.data
    if (at.branch !== branch || at.head !== sha) return silent("HEAD is elsewhere by now")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (at.rewritten !== true || at.upstreamSha === null) return silent("what was amended was not pushed")
    if (branch !== habits.trunk) return silent("on a branch of one's own that is usual")
    if (at.ahead !== 1 || at.behind !== 1) return silent("more than one commit differs")
    if (situation.workspace === null) return silent("no workspace")
    return propose(name, situation, {
      title: `${at.upstream} has the commit you amended: make the change a commit of its own`,
      why: [
        { text: `amended on ${branch}: ${subject}`, seq: situation.evidence.at(-1) ?? null },
        `${at.upstream} is at ${at.upstreamSha.slice(0, 7)}, which ${sha.slice(0, 7)} takes the place of`,
      ],
      same: [branch, at.upstreamSha, sha],
      actions: [
        bash(`git reset --soft ${at.upstreamSha}`, situation.workspace),
        commit(`Follow up: ${subject}`.slice(0, 200)),
      ],
      risk: "medium",
      expiresWhen: ["git:HEAD", "git:refs"],
      ttlMs: 4 * 60 * 60_000,
    })
  },
}
