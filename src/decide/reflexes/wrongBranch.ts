/**
 * A commit on the trunk where the work is usually done on branches: offer to move it to one of its own. What is usual is
 * counted in this clone's reflogs and in the trunk's own history; nothing is said until enough is known of it, nor once
 * the commits are pushed.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { ownBranch } from "./ownBranch.ts"

const name = "git-wrong-branch"
/** Commits on branches before they are a habit, and the share of the trunk's that it may still have; a first one is none. */
const enough = 5
const mostOnTrunk = 0.1
const firstOnTrunk = 1
/** Of the remote trunk's newest commits, those that merged something. */
const enoughHistory = 10
const mostlyMerged = 0.8
const maxAhead = 20
/** What a trunk is called: asked after on no other branch. */
const trunkNames: ReadonlySet<string | null> = new Set([
  "main",
  "master",
  "trunk",
  "develop",
  "dev",
  "default",
])

const onPurpose =
  /^(?:release|bump|publish|version|v?\d+\.\d+|chore\(release\)|revert|initial commit|merge)\b/i

/** Why commits on the trunk are not usual here; null: they are, or nobody knows. */
const habitOf = (habits: ProbeAnswer<"gitHabits">, ahead: number): string | null => {
  const before = Math.max(0, habits.onTrunk - ahead)
  const all = before + habits.elsewhere
  if (habits.elsewhere >= enough && before <= Math.max(firstOnTrunk, mostOnTrunk * all))
    return `of your last ${all} commits here ${habits.elsewhere} were made on other branches`
  const { merged, of, trunkPushes } = habits
  return before === 0 && trunkPushes === 0 && of >= enoughHistory && merged / of >= mostlyMerged
    ? `${merged} of the last ${of} commits of ${habits.trunk} merged a branch`
    : null
}

export const wrongBranch: Reflex = {
  name,
  situations: ["commit.settled"],
  applies: (situation) =>
    isSituation(situation, "commit.settled") &&
    trunkNames.has(situation.data.branch) &&
    !situation.data.amend &&
    situation.data.parents === 1,
  probes: () => [{ _tag: "gitHabits" }, { _tag: "gitUnpushed" }, { _tag: "gitBranch" }],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commit.settled")) return silent("no commit")
    const { branch, sha, subject } = situation.data
    const habits = facts.get<"gitHabits">({ _tag: "gitHabits" })
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    const own = facts.get<"gitUnpushed">({ _tag: "gitUnpushed" })
    if (habits === undefined || at === undefined || own === undefined) return unknown("the branch")
    if (habits.trunk !== branch || at.branch !== branch || branch === null)
      return silent("it is not on the trunk")
    if (own === null) return silent(`${branch} has no upstream`)
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (!own.commits.some((commit) => commit.sha === sha)) return silent("it is pushed already")
    if (own.commits.length > maxAhead) return silent("much is committed on the trunk")
    if (onPurpose.test(subject)) return silent("such a commit belongs on the trunk")
    const why = habitOf(habits, own.commits.length)
    if (why === null) return silent("commits on the trunk are usual here, or too little is known")
    const apart =
      situation.workspace === null ? null : ownBranch(branch, own, at.branches, situation.workspace)
    if (apart === null) return silent("the trunk's name is not plain")
    const many = own.commits.length === 1 ? "this commit" : `${own.commits.length} commits`
    return propose(name, situation, {
      title: `Move ${many} from ${branch} to a branch: ${apart.name}`,
      why: [
        { text: `committed on ${branch}: ${subject}`, seq: situation.evidence.at(-1) ?? null },
        why,
        `${branch} goes back to ${own.upstream} (${own.upstreamSha.slice(0, 7)})`,
      ],
      // one word for one stay on the trunk, however many commits it gets
      same: [branch, apart.first],
      actions: apart.actions,
      risk: "medium",
      expiresWhen: [`ref-at:${sha}`, "git:refs", "git:HEAD"],
      ttlMs: 4 * 60 * 60_000,
    })
  },
}
