/**
 * A command line held a secret: it is in the shell's history, and was in the list of processes. Claw's log has only its
 * kind. Nothing is done about it unasked, because only the person knows whether the secret is worth a new one.
 */
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "secret-typed"

const cleaning: Readonly<Record<"zsh" | "bash" | "fish", string>> = {
  bash: "`history -d NUMBER`, then `history -w`, takes it out of the history",
  zsh: "take the line out of the file that $HISTFILE names, in a shell that is then closed with `exec zsh`",
  fish: "`history delete --exact --case-sensitive 'THE LINE'` takes it out of the history",
}

export const secretTyped: Reflex = {
  name,
  situations: ["secret.typed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "secret.typed"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "secret.typed")) return silent("no secret was typed")
    const { kinds, program, shell } = situation.data
    return propose(name, situation, {
      title: `A secret stands in your shell's history: ${listed(kinds)}`,
      why: [
        {
          text: `a command line of ${program} held what looks like ${listed(kinds)}`,
          seq: situation.evidence.at(-1) ?? null,
        },
        cleaning[shell],
        "have a new one issued if others use this machine or read its history; pass it by a file or the environment instead",
        "Claw's own log holds its kind only",
      ],
      same: [kinds, program],
      mode: "notify",
      risk: "low",
      ttlMs: 8 * 60 * 60_000,
    })
  },
}
