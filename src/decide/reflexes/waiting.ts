/** A program waits for an answer in a shell that the user does not look at. Gone once that shell goes on. */
import type { Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "waits-for-answer"

export const waitsForAnswer: Reflex = {
  name,
  situations: ["command.waiting"],
  timing: "settled",
  applies: (situation) => isSituation(situation, "command.waiting"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "command.waiting")) return silent("nothing waits")
    const { pid, program, session, waited, waitedMs } = situation.data
    return propose(name, situation, {
      title: `\`${program}\` waits for an answer in another shell`,
      why: [
        {
          text: `pid ${pid} has been reading its terminal for ${Math.round(waitedMs / 1_000)} s`,
          seq: waited,
        },
      ],
      same: [],
      mode: "notify",
      expiresWhen: [`session:${session}`],
      ttlMs: 60 * 60_000,
    })
  },
}
