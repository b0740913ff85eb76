/**
 * A lockfile or manifest names a package version known to be malicious: urgent, at once. Nothing is proposed that
 * runs a package manager, because installing or removing can run the package's own scripts.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { notify } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, recheck, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"

const name = "compromised-dependency"

type Compromised = Extract<ProbeRequest, { readonly _tag: "compromised" }>

const compromisedRequests = (data: SituationData["dependencies.changed"]): ReadonlyArray<Compromised> =>
  [...data.lockfiles, ...data.manifests].map((path) => ({ _tag: "compromised", path }))

export const compromisedDependency: Reflex = {
  name,
  situations: ["dependencies.changed"],
  applies: (situation) => isSituation(situation, "dependencies.changed"),
  probes: (situation) =>
    isSituation(situation, "dependencies.changed") ? compromisedRequests(situation.data) : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "dependencies.changed")) return silent("no dependency file changed")
    const read = compromisedRequests(situation.data).map((request) => ({
      path: request.path,
      hits: facts.get<"compromised">(request),
    }))
    const bad = read.flatMap(({ path, hits }) => (hits ?? []).map((hit) => ({ path, ...hit })))
    if (bad.length === 0) {
      const blind = read.filter(({ hits }) => hits === undefined).map(({ path }) => path)
      return blind.length > 0 ? unknown(listed(blind)) : silent("no version in it is known as compromised")
    }
    const names = [...new Set(bad.map((hit) => `${hit.name}@${hit.version}`))].toSorted()
    const files = [...new Set(bad.map((hit) => hit.path))]
    const title = `Compromised: ${listed(names)} in ${listed(files)}`
    const advice =
      "Do not install or run this tree. Restore the file or pin a clean version; if it was installed, treat this machine's secrets as known."
    return propose(name, situation, {
      title,
      why: [
        { text: `${listed(files)} changed`, seq: situation.evidence.at(-1) ?? null },
        ...bad
          .slice(0, 5)
          .map((hit) =>
            [`${hit.name}@${hit.version} is listed as malicious`, hit.campaign, ...hit.advisories]
              .filter((part) => part !== null)
              .join(", "),
          ),
        advice,
      ],
      same: [names, files],
      mode: "notify",
      urgent: true,
      actions: [notify(title, advice, "critical")],
      risk: "low",
      expiresWhen: [recheck(situation.kind, situation.subject)],
    })
  },
}
