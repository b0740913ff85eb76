/** A long command ended while the user was elsewhere: how, and after how long. Gone once he is in its shell again. */
import type { Reflex } from "../Decider.ts"
import { propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "long-command-ended"
/** So many times as long as ever before is worth a word. */
const unusual = 3

const minutes = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`

export const longRun: Reflex = {
  name,
  situations: ["command.ended"],
  timing: "command",
  applies: (situation) => isSituation(situation, "command.ended"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "command.ended")) return silent("no command ended")
    const { command, durationMs, exit, session, usualMs } = situation.data
    const how = exit === 0 ? "is done" : `failed with exit ${exit}`
    const longer = usualMs !== null && durationMs > usualMs * unusual
    return propose(name, situation, {
      title: `\`${command}\` ${how} after ${minutes(durationMs)}`,
      why: [
        { text: `it ended with exit ${exit} while you were elsewhere`, seq: situation.data.ended },
        ...(longer ? [`it had never taken longer than ${minutes(usualMs)} before`] : []),
      ],
      same: [],
      mode: "notify",
      expiresWhen: [`session:${session}`, `ran:${command}`],
      ttlMs: 60 * 60_000,
    })
  },
}
