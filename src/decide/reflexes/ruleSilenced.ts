/** A rule fell under its bar and is silent from now on: that is said once, in the digest. */
import type { Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "rule-silenced"

export const ruleSilenced: Reflex = {
  name,
  situations: ["rule.silenced"],
  applies: () => true,
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "rule.silenced")) return silent("not for this rule")
    const { bar, kept, rule, shown } = situation.data
    return propose(name, situation, {
      mode: "digest",
      title: `${rule} is silent from now on: ${kept} of its last ${shown} suggestions were kept`,
      why: [
        `its bar is ${Math.round(bar * 100)} %; what it finds is kept for the digest, and accepting one of those restores it`,
        ...situation.evidence.slice(-3).map((seq) => ({ text: "not kept", seq })),
      ],
      same: situation.evidence,
    })
  },
}
