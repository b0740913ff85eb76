/** A check failed, then its files were saved: offer to run it again. The line is the user's own, and plain. */
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "run-again"

export const runAgain: Reflex = {
  name,
  situations: ["check.stale"],
  timing: "settled",
  applies: (situation) => isSituation(situation, "check.stale"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "check.stale")) return silent("no failed check")
    const { command, cwd, exit, branch, paths, failed, saved } = situation.data
    const line = sameLine(command)
    return propose(name, situation, {
      title: `Run \`${line}\` again`,
      why: [
        { text: `\`${line}\` failed with exit ${exit}`, seq: failed },
        { text: `${listed(paths)} saved since`, seq: saved },
      ],
      same: [line, cwd, exit, branch],
      actions: [bash(line, cwd)],
      expiresWhen: [`ran:${line}`],
      ttlMs: 30 * 60_000,
    })
  },
}
