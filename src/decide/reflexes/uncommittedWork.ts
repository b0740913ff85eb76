/** Work lies uncommitted for hours: at a boundary, offer to save it as a commit of one's own wording. */
import { commit, stage } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { baseName, isGenerated } from "../paths.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "work-uncommitted"
const maxPaths = 50
const minFiles = 2
/** Often holds credentials: never staged by a suggestion. */
const delicate =
  /^(?:\.env(?:\..*)?|\.npmrc|\.netrc|id_(?:rsa|ed25519|ecdsa)|.*\.(?:pem|key|p12|pfx|keystore|tfstate))$/

const hours = (ms: number): string => `${Math.max(1, Math.round(ms / 3_600_000))} h`

export const uncommittedWork: Reflex = {
  name,
  situations: ["work.uncommitted"],
  applies: (situation) => isSituation(situation, "work.uncommitted"),
  probes: () => [{ _tag: "gitDirty" }, { _tag: "gitBranch" }],
  propose: (situation, facts, memory) => {
    if (!isSituation(situation, "work.uncommitted")) return silent("nothing uncommitted")
    const dirty = facts.get<"gitDirty">({ _tag: "gitDirty" })
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (dirty === undefined || at === undefined) return unknown("what is uncommitted")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (at.branch === null) return silent("HEAD is detached")
    if (dirty.files < minFiles) return silent(`only ${dirty.files} file is uncommitted`)
    const paths = dirty.paths
      .filter((path) => !isGenerated(path) && !delicate.test(baseName(path)))
      .slice(0, maxPaths)
    if (paths.length === 0) return silent("what is uncommitted are products and private files")
    const newest = memory.commands[0]?.atMs ?? situation.data.sinceMs
    const since = Math.max(newest - situation.data.sinceMs, 2 * 3_600_000)
    return propose(name, situation, {
      title: `Commit ${dirty.files} files: uncommitted for ${hours(since)}`,
      why: [
        { text: "the first edit since the last commit", seq: situation.evidence[0] ?? null },
        `${listed(paths)} changed on ${at.branch}`,
      ],
      same: [at.branch, at.head],
      actions: [stage(paths), commit(`Work in progress on ${at.branch}`)],
      expiresWhen: ["commit:made", "git:HEAD", "git:stash"],
      ttlMs: 4 * 60 * 60_000,
    })
  },
}
