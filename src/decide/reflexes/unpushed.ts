/**
 * Commits that have been on this machine only for days, where the user usually pushes sooner: told in the digest on
 * return. How soon is usual is read from the pushes in the repository's own reflogs.
 */
import { push } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "git-unpushed"
const dayMs = 24 * 60 * 60_000
const leastMs = 2 * dayMs
/** Where nothing was pushed for so long, pushing is over. */
const overMs = 60 * dayMs
const unfinished = /^(?:wip\b|fixup!|squash!|amend!|tmp\b|temp\b)/i

/** The middle of the gaps between pushes; null: too few. */
const usualGapMs = (pushesMs: ReadonlyArray<number>): number | null => {
  const gaps = pushesMs.slice(0, 20).flatMap((at, index) => {
    const before = pushesMs[index + 1]
    return before === undefined ? [] : [at - before]
  })
  return gaps.length < 2 ? null : gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)]!
}

export const unpushed: Reflex = {
  name,
  situations: ["commits.unpushed"],
  applies: (situation) => isSituation(situation, "commits.unpushed") && situation.data.branch !== null,
  probes: () => [{ _tag: "gitUnpushed" }, { _tag: "gitBranch" }],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commits.unpushed")) return silent("no commits")
    const own = facts.get<"gitUnpushed">({ _tag: "gitUnpushed" })
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (own === undefined || at === undefined) return unknown("what is not pushed yet")
    if (own === null || own.remote === null) return silent("the branch has no upstream on a remote")
    const oldest = own.commits.at(-1)
    if (oldest === undefined) return silent("all is pushed")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (own.behind === null || own.behind > 0) return silent("the upstream has commits of its own")
    if (own.upstream !== `${own.remote}/${own.branch}`) return silent("it is pushed under another name")
    if (own.commits.some(({ subject }) => unfinished.test(subject)))
      return silent("it is not finished, by its own words")
    const { atMs } = situation.data
    const [last] = own.pushesMs
    if (last === undefined || atMs - last > overMs) return silent("nothing is pushed from here")
    const usual = usualGapMs(own.pushesMs)
    const age = atMs - oldest.atMs
    if (age < Math.max(leastMs, 2 * (usual ?? 0))) return silent("it is not unusual for so long")
    const many = own.commits.length === 1 ? "a commit" : `${own.commits.length} commits`
    return propose(name, situation, {
      title: `Push ${own.branch}: ${many}, for ${Math.floor(age / dayMs)} days on this machine only`,
      why: [
        { text: `committed on ${own.branch}`, seq: situation.evidence.at(-1) ?? null },
        `the oldest is ${oldest.sha.slice(0, 7)} ${oldest.subject}`,
      ],
      same: [own.branch, own.upstreamSha, oldest.sha],
      mode: "digest",
      actions: [push(own.remote, own.branch)],
      risk: "medium",
      expiresWhen: [`pushed:${own.upstream}`, "git:refs"],
      ttlMs: dayMs,
    })
  },
}
