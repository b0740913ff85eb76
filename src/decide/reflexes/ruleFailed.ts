/** A rule failed so often in a row that it is switched off: that is said once, in the digest. */
import type { Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "rule-failed"

export const ruleFailed: Reflex = {
  name,
  situations: ["rule.failed"],
  applies: () => true,
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "rule.failed")) return silent("not for this rule")
    const { message, rule } = situation.data
    return propose(name, situation, {
      mode: "digest",
      title: `${rule} is switched off: it failed ${situation.evidence.length} times in a row`,
      why: [
        `its error: ${message}`,
        "it is tried again when Claw starts anew, or its settings or rules change",
        ...situation.evidence.map((seq) => ({ text: "failed at this", seq })),
      ],
      same: message,
    })
  },
}
