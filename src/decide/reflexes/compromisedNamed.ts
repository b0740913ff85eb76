/**
 * A command named a package version known to be malicious, to install or to run it: urgent, whether or not it ended
 * well, because its scripts run before anything else does.
 */
import { hitsAmong, labelOf } from "../../domain/lockfiles/findCompromised.ts"
import { notify } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "compromised-named"

export const compromisedNamed: Reflex = {
  name,
  situations: ["packages.named"],
  applies: (situation) => isSituation(situation, "packages.named"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "packages.named")) return silent("no package was named")
    const { exit, packages } = situation.data
    const hits = hitsAmong(packages)
    if (hits.length === 0) return silent("no version named in it is known as compromised")
    const names = hits.map(labelOf).toSorted()
    const title = `Compromised: ${listed(names)} ${exit === 0 ? "was installed or run" : "was asked for"}`
    const advice =
      "Take this machine's secrets as known: have new ones issued from another one. Remove the package without running its scripts."
    return propose(name, situation, {
      title,
      why: [
        {
          text: `the command named ${listed(names)} and ended with exit ${exit}`,
          seq: situation.evidence.at(-1) ?? null,
        },
        ...hits
          .slice(0, 5)
          .map((hit) =>
            [`${labelOf(hit)} is listed as malicious`, hit.campaign, ...hit.advisories].join(", "),
          ),
        advice,
      ],
      same: names,
      mode: "notify",
      urgent: true,
      actions: [notify(title, advice, "critical")],
      risk: "low",
    })
  },
}
