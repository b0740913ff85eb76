/** `.git/index.lock` was left by a git that died: offer to remove it, once nobody holds it and it is old enough. */
import { removeStaleLock } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { onlyCommand } from "../words.ts"

const name = "stale-index-lock"
const staleMs = 60_000
/** After a git command failed on it, a shorter wait is enough. */
const blockedMs = 10_000

export const staleIndexLock: Reflex = {
  name,
  situations: ["git.locked", "command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "git.locked") ||
    (isSituation(situation, "command.failed") &&
      situation.data.exit === 128 &&
      onlyCommand(situation.data.command)?.words[0] === "git"),
  probes: () => [{ _tag: "gitIndexLock" }],
  propose: (situation, facts) => {
    const lock = facts.get<"gitIndexLock">({ _tag: "gitIndexLock" })
    if (lock === undefined) return unknown("the lock")
    if (lock === null) return silent("there is no index.lock")
    if (lock.holder !== null) return silent(`a running git (pid ${lock.holder}) holds the lock`)
    const blocked = isSituation(situation, "command.failed")
    if (lock.ageMs < (blocked ? blockedMs : staleMs))
      return silent("the lock is young: its git may still end")
    // one lock a repository, whatever showed it
    const about = { ...situation, subject: "index.lock" }
    return propose(name, about, {
      title: "Remove the stale .git/index.lock",
      why: [
        {
          text: blocked ? `\`${situation.data.command}\` failed` : "index.lock stayed",
          seq: situation.evidence.at(-1) ?? null,
        },
        `the lock is ${Math.round(lock.ageMs / 1000)} s old and no running git holds it`,
      ],
      same: [],
      actions: [removeStaleLock()],
      risk: "medium",
      expiresWhen: ["git:index", "git:HEAD"],
      ttlMs: 60 * 60_000,
    })
  },
}
