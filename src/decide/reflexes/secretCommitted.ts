/**
 * A secret among the lines that a commit adds: urgent, before it is pushed. As long as nobody else can have it, the
 * commit is taken back with its changes kept; after that only a new secret helps. The suggestion names file, line
 * and kind, never the secret, and is the same as the one before the commit: who said no to that is not asked again.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { bash } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { fingerprintOf, listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"
import { type FindSecrets, sameSecrets, secretsIn, secretStagedName } from "./secretStaged.ts"

const name = "secret-committed"

const committedRequest = (
  data: SituationData["commit.made"],
): Extract<ProbeRequest, { readonly _tag: "gitCommitted" }> => ({
  _tag: "gitCommitted",
  sha: data.sha,
  maxBytes: 1_048_576,
})
const branchRequest: Extract<ProbeRequest, { readonly _tag: "gitBranch" }> = { _tag: "gitBranch" }

/** Pushed for certain, not pushed for certain, or not to be told. */
const pushed = (sha: string, at: ProbeAnswer<"gitBranch"> | undefined): boolean | null => {
  if (at === undefined || at.head !== sha) return null
  if (at.upstream !== null) return at.ahead === null ? null : at.ahead === 0
  return at.remotes.length === 0 ? false : null
}

export const makeSecretCommitted = (find: FindSecrets): Reflex => ({
  name,
  situations: ["commit.made"],
  applies: (situation) => isSituation(situation, "commit.made") && situation.workspace !== null,
  probes: (situation) =>
    isSituation(situation, "commit.made") ? [committedRequest(situation.data), branchRequest] : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "commit.made")) return silent("no commit")
    const { sha } = situation.data
    const committed = facts.get<"gitCommitted">(committedRequest(situation.data))
    if (committed === undefined) return unknown("what was committed")
    const hits = committed.files.flatMap((file) => secretsIn(file, find))
    if (hits.length === 0) return silent("no secret in the lines it adds")
    const at = facts.get<"gitBranch">(branchRequest)
    const isPushed = pushed(sha, at)
    const undo = isPushed === false && committed.parents === 1 && at?.operation === null
    const places = listed([...new Set(hits.map((hit) => `${hit.path}:${hit.line}`))])
    const short = sha.slice(0, 9)
    const proposal = propose(name, situation, {
      title: undo
        ? `Secret committed in ${places}: take ${short} back before it is pushed`
        : `Secret committed in ${places} (${short})`,
      why: [
        { text: `${short} adds ${places}`, seq: situation.evidence.at(-1) ?? null },
        ...hits.slice(0, 5).map((hit) => `${hit.path}:${hit.line} looks like ${hit.rule}`),
        isPushed === false
          ? "it was not pushed: once it is taken back and committed without the secret, nobody else has it"
          : isPushed === true
            ? "it was pushed: make the secret invalid and have a new one issued, because others may have it"
            : "whether it was pushed is not known: if it was, make the secret invalid",
      ],
      same: [],
      mode: undo ? "draft" : "notify",
      urgent: true,
      actions: undo ? [bash("git reset --soft HEAD~1", situation.workspace!)] : [],
      risk: undo ? "medium" : "low",
      expiresWhen: ["git:HEAD"],
    })
    const staged = { ...situation, subject: "index" }
    return { ...proposal, fingerprint: fingerprintOf(secretStagedName, staged, sameSecrets(hits)) }
  },
})
