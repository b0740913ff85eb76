/**
 * Commits on a detached HEAD: made there (a branch would keep them), or left behind by a switch (only the reflog still
 * knows them, until git tidies up: offer a branch at once). Silent where some ref leads to them, where another tool keeps
 * HEAD detached or the user does so all the time, and where the same text arrived elsewhere.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { branchCreate } from "../actions.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

/** So many commits on a detached HEAD before these are a way of working. */
const habit = 5
const habitsRequest = { _tag: "gitHabits" } as const

type Commits = NonNullable<ProbeAnswer<"gitLost">["commits"]>

const lostCommits = (sha: string, facts: Facts): Commits | Silence => {
  const lost = facts.get<"gitLost">({ _tag: "gitLost", sha })
  const habits = facts.get<"gitHabits">(habitsRequest)
  if (lost === undefined || habits === undefined || lost.commits === null)
    return unknown("which refs lead to the commits")
  const { commits } = lost
  if (commits.length === 0) return silent("a branch, a tag or the stash leads to the commits")
  if (habits.managed) return silent("another tool keeps HEAD detached here")
  if (habits.detached - commits.length >= habit) return silent("commits on a detached HEAD are usual here")
  return lost.contained ? silent("their text is where HEAD is now") : commits
}

const isSilence = (found: Commits | Silence): found is Silence => "silent" in found

const several = (commits: Commits): string =>
  commits.length === 1 ? "a commit" : `${commits.length} commits`

const short = (sha: string): string => sha.slice(0, 7)

const told = (commits: Commits): ReadonlyArray<string> =>
  commits.slice(0, 3).map(({ sha, subject }) => `${short(sha)} ${subject}`)

export const commitsLeft: Reflex = {
  name: "git-commits-left-behind",
  situations: ["commits.left"],
  timing: "command",
  applies: (situation) => isSituation(situation, "commits.left"),
  probes: (situation) =>
    isSituation(situation, "commits.left")
      ? [{ _tag: "gitLost", sha: situation.data.sha }, habitsRequest]
      : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commits.left")) return silent("nothing was left")
    const { branch, sha } = situation.data
    const commits = lostCommits(sha, facts)
    if (isSilence(commits)) return commits
    const name = `rescue-${short(sha)}`
    return propose("git-commits-left-behind", situation, {
      title: `Keep ${several(commits)} that no branch leads to: create ${name}`,
      why: [
        {
          text: `HEAD was detached and went to ${branch ?? "another commit"}`,
          seq: situation.evidence.at(-1) ?? null,
        },
        ...told(commits),
      ],
      same: [sha],
      urgent: true,
      actions: [branchCreate(name, { from: sha })],
      expiresWhen: [`ref-at:${sha}`],
      ttlMs: 24 * 60 * 60_000,
    })
  },
}

export const detachedCommits: Reflex = {
  name: "git-detached-commits",
  situations: ["commit.settled"],
  applies: (situation) =>
    isSituation(situation, "commit.settled") && situation.data.branch === null && situation.data.detached > 0,
  probes: (situation) =>
    isSituation(situation, "commit.settled")
      ? [{ _tag: "gitLost", sha: situation.data.sha }, habitsRequest, { _tag: "gitBranch" }]
      : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commit.settled")) return silent("no commit")
    const { sha } = situation.data
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (at === undefined) return unknown("where HEAD is")
    if (at.branch !== null || at.head !== sha) return silent("HEAD is elsewhere by now")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    const commits = lostCommits(sha, facts)
    if (isSilence(commits)) return commits
    const name = `work-${short(commits.at(-1)!.sha)}`
    return propose("git-detached-commits", situation, {
      // on leaving them it is urgent; until then it may be meant
      mode: "digest",
      title: `No branch keeps ${several(commits)} on this detached HEAD: create ${name}`,
      why: [
        { text: "committed on a detached HEAD", seq: situation.evidence.at(-1) ?? null },
        ...told(commits),
      ],
      same: [commits.at(-1)!.sha],
      actions: [branchCreate(name, { switch: true })],
      expiresWhen: [`ref-at:${sha}`, "git:HEAD"],
      ttlMs: 4 * 60 * 60_000,
    })
  },
}
