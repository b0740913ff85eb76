/**
 * A check failed, its files were saved, and the user went on to something else: offer to run it again. Who runs it, or
 * another check of its kind, next is told nothing, nor who has thrown away all that was tried since it passed. The line is
 * the user's own, and plain.
 */
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"

const name = "run-again"
const uncommitted = { _tag: "gitDirty" } as const
/** What takes longer is offered for what failed alone first. */
const longMs = 20_000

export const runAgain: Reflex = {
  name,
  situations: ["check.stale"],
  timing: "next",
  applies: (situation) => isSituation(situation, "check.stale"),
  probes: (situation) =>
    isSituation(situation, "check.stale") && situation.data.passedHere ? [uncommitted] : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "check.stale")) return silent("no failed check")
    if (situation.data.passedHere && facts.get<"gitDirty">(uncommitted)?.files === 0)
      return silent("what was tried is taken back: it passed on this commit, and nothing is uncommitted")
    const { command, cwd, exit, kind, branch, paths, failed, saved, only, durationMs } = situation.data
    const line = sameLine(command)
    const narrow = only !== null && durationMs >= longMs
    return propose(name, situation, {
      title: `Run \`${line}\` again`,
      why: [
        { text: `\`${line}\` failed with exit ${exit}`, seq: failed },
        { text: `${listed(paths)} saved since`, seq: saved },
      ],
      same: [line, cwd, exit, branch],
      actions: [bash(narrow ? only : line, cwd)],
      alternatives: only === null ? [] : [[bash(narrow ? line : only, cwd)]],
      expiresWhen: [
        "git:switch",
        `ran:${line}`,
        ...(only === null ? [] : [`ran:${only}`]),
        `checked:${kind}:${cwd}`,
      ],
      ttlMs: 2 * 60 * 60_000,
    })
  },
}
