/**
 * Work put aside: the user is back on the branch it belongs to (offer to take it back), or it has lain for days (told in
 * the digest). Who keeps many stashes keeps them on purpose.
 */
import { bash, stashPop } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const request = { _tag: "gitStashes" } as const
const dayMs = 24 * 60 * 60_000
const forgottenMs = 7 * dayMs
/** Older ones were given up long ago. */
const givenUpMs = 60 * dayMs
const keeper = 3
/** The clock of the log and that of git agree to so much. */
const sameMs = 2 * 60_000

export const stashBehind: Reflex = {
  name: "git-stash-behind",
  situations: ["stash.behind"],
  applies: (situation) => isSituation(situation, "stash.behind"),
  probes: () => [request, { _tag: "gitBranch" }, { _tag: "gitDirty" }],
  propose: (situation, facts) => {
    if (!isSituation(situation, "stash.behind")) return silent("no stash")
    const stashes = facts.get<"gitStashes">(request)
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    const dirty = facts.get<"gitDirty">({ _tag: "gitDirty" })
    if (stashes === undefined || at === undefined || dirty === undefined) return unknown("the stash")
    const { branch, madeMs } = situation.data
    if (at.branch !== branch || at.operation !== null) return silent(`${branch} is not where you work now`)
    const index = stashes.findIndex((each) => Math.abs(each.atMs - madeMs) < sameMs)
    const stash = stashes[index]
    if (stash === undefined) return silent("it was taken back or dropped")
    if (stash.branch !== branch) return silent(`the stash belongs to ${stash.branch ?? "no branch"}`)
    if (stashes.filter((each) => each.branch === branch).length > keeper)
      return silent("stashes are kept here by habit")
    if (dirty.files > 0) return silent("there is other work in the files already")
    return propose("git-stash-behind", situation, {
      title: `Take back what you stashed on ${branch}`,
      why: [
        { text: `stashed: ${stash.subject}`, seq: situation.evidence[0] ?? null },
        { text: `you are back on ${branch}`, seq: situation.evidence.at(-1) ?? null },
      ],
      same: [stash.sha],
      actions: [stashPop(index)],
      expiresWhen: ["stash:dropped", "git:stash", "git:HEAD"],
      ttlMs: 8 * 60 * 60_000,
    })
  },
}

export const stashForgotten: Reflex = {
  name: "git-stash-forgotten",
  situations: ["stash.kept"],
  applies: (situation) => isSituation(situation, "stash.kept"),
  probes: () => [request],
  propose: (situation, facts) => {
    if (!isSituation(situation, "stash.kept")) return silent("no stash")
    const stashes = facts.get<"gitStashes">(request)
    if (stashes === undefined) return unknown("the stash")
    const { atMs } = situation.data
    const old = stashes.filter((each) => atMs - each.atMs >= forgottenMs)
    const [newest] = old
    if (newest === undefined) return silent("no stash is old")
    if (old.length > keeper) return silent("stashes are kept here by habit")
    if (atMs - newest.atMs > givenUpMs) return silent("they were given up long ago")
    const days = Math.floor((atMs - newest.atMs) / dayMs)
    return propose("git-stash-forgotten", situation, {
      title:
        old.length === 1
          ? `A stash has lain for ${days} days: ${newest.subject}`
          : `${old.length} stashes have lain for ${days} days and more`,
      why: [
        { text: "stashed", seq: situation.evidence.at(-1) ?? null },
        `made on ${listed([...new Set(old.map((each) => each.branch ?? "no branch"))])}`,
      ],
      same: old.map((each) => each.sha),
      mode: "digest",
      actions:
        situation.workspace === null
          ? []
          : [bash(`git stash show --stat ${newest.sha}`, situation.workspace)],
      expiresWhen: ["stash:dropped"],
      ttlMs: 3 * dayMs,
    })
  },
}
